import type { Arena } from '../arena.ts';
import type { Load, Pace, StreamResult } from '../load/jobs.ts';
import { type Report, type ReportTable, rate } from '../report.ts';
import type { HttpSide } from '../sides/http-side.ts';
import { peaks, peaksTable } from './measure.ts';
import { type Sides, sampleHold, startSides } from './sides.ts';

const SHOWS = 50;
const SEATS = 2_000;
/** One request in twenty is a hold: 95 % reads. */
const WRITE_EVERY = 20;
const PER_SECOND = 10_000;
const SECONDS = 60;
const CONNECTIONS = 256;
const BURST = { factor: 5, milliseconds: 1_000, everyMilliseconds: 5_000 };
/** Bursts need more clients than the base, and find them. */
const BURST_CONNECTIONS = 1_000;

/** 95 % reads of availability and of single slots, 5 % holds. */
export async function mix(arena: Arena): Promise<Report> {
  const sides = await startSides(arena, ['crud-optimistic', 'crud-node-http', 'crud-counters'], sampleHold);
  const rounds = new Map<HttpSide, number>();
  const nextLoad = async (side: HttpSide): Promise<Load> => {
    const round = (rounds.get(side) ?? 0) + 1;
    rounds.set(side, round);
    const shows = Array.from({ length: SHOWS }, (_, index) => `mix-${round}-${index}`);
    await side.openShows(shows, SEATS);
    const holds = { kind: 'holds', shows, seats: SEATS, spread: 'zipf', confirm: false } as const;
    return { kind: 'mix', paths: shows.map((show) => `/api/v1/slots/${show}/availability`), writeEvery: WRITE_EVERY, holds };
  };
  try {
    const measured = await peaks(arena, sides.all, nextLoad);
    const caption = `Availability of ${SHOWS} shows, and every ${WRITE_EVERY}th request a hold, as many as go`;
    const tables = [peaksTable(caption, measured), ...(arena.settings.peaksOnly ? [] : [await pacedTable(arena, sides, nextLoad)])];
    return { title: '95 % reads, 5 % writes', tables, remarks: await sides.remarks() };
  } finally {
    await sides.stop();
  }
}

async function pacedTable(arena: Arena, sides: Sides, nextLoad: (side: HttpSide) => Promise<Load>): Promise<ReportTable> {
  const slow = PER_SECOND / BURST.factor;
  const steady = await paced(arena, sides, { kind: 'open', perSecond: PER_SECOND }, CONNECTIONS, nextLoad);
  const bursts = await paced(arena, sides, { kind: 'open', perSecond: slow, burst: BURST }, BURST_CONNECTIONS, nextLoad);
  const over = await paced(arena, sides, { kind: 'open', perSecond: PER_SECOND, burst: BURST }, BURST_CONNECTIONS, nextLoad);
  return {
    caption: `The same to Holdfast at a given rate for ${SECONDS} s; milliseconds from the instant at which a request was due`,
    columns: ['offered', 'answered per second', 'p50', 'p95', 'p99', 'greatest', '429 and 503 with Retry-After', 'statuses'],
    rows: [
      row(`${PER_SECOND} a second`, steady),
      row(`${slow} a second, one second in five ${PER_SECOND}`, bursts),
      row(`${PER_SECOND} a second, one second in five ${PER_SECOND * BURST.factor}`, over),
    ],
  };
}

async function paced(
  arena: Arena,
  { holdfast }: Sides,
  pace: Pace,
  connections: number,
  nextLoad: (side: HttpSide) => Promise<Load>,
): Promise<StreamResult> {
  const load = await nextLoad(holdfast);
  const milliseconds = SECONDS * 1_000;
  const stream = { port: holdfast.port, connections, pace, load, mayShed: true };
  const [result] = await arena.run({ streams: [stream], leadInMilliseconds: 0, milliseconds });
  await holdfast.rest();
  return result as StreamResult;
}

function row(offered: string, { requests, seconds, latency, shed, statuses }: StreamResult): readonly string[] {
  const { p50, p95, p99, greatest } = latency;
  const times = [p50, p95, p99, greatest].map((milliseconds) => milliseconds.toFixed(1));
  const counts = Object.entries(statuses).map(([status, count]) => `${count} × ${status}`);
  return [offered, rate(requests / seconds), ...times, String(shed), counts.join(', ')];
}
