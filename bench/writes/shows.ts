import type { Arena } from '../arena.ts';
import type { Load, Spread } from '../load/jobs.ts';
import type { Report } from '../report.ts';
import type { HttpSide } from '../sides/http-side.ts';
import { halfPaceTables, type NextLoad, peaks, peaksTable } from './measure.ts';
import { sampleHold, startSides } from './sides.ts';

/** A hot show is an arena; another one goes on sale when it is full. */
const ARENA_SEATS = 20_000;

/** One hot show: everybody wants a seat of it, each another one. */
export async function hotShow(arena: Arena): Promise<Report> {
  const sides = await startSides(
    arena,
    ['crud-optimistic', 'crud-node-http', 'crud-one-statement', 'crud-counters', 'crud-locking', 'redis-lock', 'express-echo', 'node-http'],
    sampleHold,
  );
  let run = 0;
  const nextLoad: NextLoad = async (side, milliseconds) => {
    run += 1;
    const count = Math.ceil((side.mostPerSecond * milliseconds) / 1_000 / ARENA_SEATS);
    const shows = Array.from({ length: count }, (_, index) => `hot-${run}-${index}`);
    await side.openShows(shows, ARENA_SEATS);
    return { kind: 'holds', shows, seats: ARENA_SEATS, spread: 'in-turn', confirm: false };
  };
  try {
    const measured = await peaks(arena, sides.all, nextLoad);
    const tables = [
      peaksTable(`Holds of one seat on one hot show of ${ARENA_SEATS} seats, as many as go`, measured),
      ...(await halfPaceTables(arena, sides.all, measured, nextLoad)),
    ];
    return { title: 'One hot show', tables, remarks: await sides.remarks() };
  } finally {
    await sides.stop();
  }
}

interface Spreading {
  readonly title: string;
  readonly caption: string;
  readonly shows: number;
  readonly seats: number;
  readonly spread: Spread;
}

/** Many shows at once: a hold and its confirmation are one booking. */
async function manyShows(arena: Arena, { title, caption, shows: count, seats, spread }: Spreading): Promise<Report> {
  const sides = await startSides(arena, ['crud-optimistic', 'crud-node-http', 'crud-locking'], sampleHold);
  const shows = Array.from({ length: count }, (_, index) => `show-${index}`);
  const opened = new Set<HttpSide>();
  const load: Load = { kind: 'holds', shows, seats, spread, confirm: true };
  const nextLoad: NextLoad = async (side) => {
    if (!opened.has(side)) await side.openShows(shows, seats);
    opened.add(side);
    return load;
  };
  try {
    const measured = await peaks(arena, sides.all, nextLoad);
    const tables = [peaksTable(caption, measured), ...(await halfPaceTables(arena, sides.all, measured, nextLoad))];
    return { title, tables, remarks: await sides.remarks() };
  } finally {
    await sides.stop();
  }
}

export function evenShows(arena: Arena): Promise<Report> {
  return manyShows(arena, {
    title: 'A thousand shows evenly',
    caption: 'Bookings (hold and confirmation) of one seat, on 1,000 shows in turn, as many as go',
    shows: 1_000,
    seats: 300,
    spread: 'even',
  });
}

export function zipfShows(arena: Arena): Promise<Report> {
  return manyShows(arena, {
    title: 'A hundred shows, some of them popular',
    caption: 'Bookings (hold and confirmation) of one seat, on 100 shows of which the n-th is wanted 1/n times as often as the first',
    shows: 100,
    seats: 10_000,
    spread: 'zipf',
  });
}
