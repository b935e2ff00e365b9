import { type Arena, withClient } from '../arena.ts';
import { spreadOf } from '../interleave.ts';
import type { Load, StreamResult } from '../load/jobs.ts';
import type { Report, ReportTable } from '../report.ts';
import type { HttpSide } from '../sides/http-side.ts';
import { CONNECTIONS, peaks, peaksTable } from './measure.ts';
import { postHold, type Sides, sampleRefusal, startSides } from './sides.ts';

const SEATS = 200;
const SOLD_OUT = 'sold-out';
/** Holds per second on the other slot, which must not notice. */
const OTHERS_PER_SECOND = 100;
const OTHER_SEATS = 20_000;

/** A show of which every seat is gone, and everybody goes on asking. */
export async function soldOut(arena: Arena): Promise<Report> {
  const sides = await startSides(arena, ['crud-optimistic', 'crud-node-http', 'node-http'], sampleRefusal);
  try {
    for (const side of sides.all) await sellOut(side);
    const load: Load = { kind: 'refusals', shows: [SOLD_OUT], seats: SEATS };
    const measured = await peaks(arena, sides.all, async () => load);
    const beside = await otherSlotTable(arena, sides, load);
    const onRecord = await attemptsInWords(sides);
    return {
      title: 'A sold-out show',
      tables: [peaksTable('Refusals, as many as go', measured), beside],
      remarks: [onRecord, ...(await sides.remarks())],
    };
  } finally {
    await sides.stop();
  }
}

async function sellOut(side: HttpSide): Promise<void> {
  if (side.name === 'node-http') return;
  await side.openShows([SOLD_OUT], SEATS);
  const url = `http://127.0.0.1:${side.port}`;
  for (let seat = 0; seat < SEATS; seat += 1) {
    const answer = await postHold(url, SOLD_OUT, `S${seat}`);
    await answer.arrayBuffer();
    if (answer.status !== 201) throw new Error(`${side.name} answered ${answer.status} to a hold`);
  }
}

/** What holds on another slot take, alone and while the sold-out show is asked for as often as goes. */
async function otherSlotTable(arena: Arena, { holdfast }: Sides, refusals: Load): Promise<ReportTable> {
  const { rounds, milliseconds } = arena.settings;
  const pace = { kind: 'open', perSecond: OTHERS_PER_SECOND } as const;
  const shows = ['another-show'];
  await holdfast.openShows(shows, OTHER_SEATS);
  const others = { port: holdfast.port, connections: CONNECTIONS, pace, load: holdsOn(shows) };
  const rush = { port: holdfast.port, connections: CONNECTIONS, pace: { kind: 'closed' }, load: refusals } as const;
  const alone: StreamResult[] = [];
  const beside: StreamResult[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const [results, streams] of [[alone, [others]] as const, [beside, [others, rush]] as const]) {
      const [result] = await arena.run({ streams, leadInMilliseconds: 300, milliseconds });
      results.push(result as StreamResult);
      await holdfast.rest();
    }
  }
  const row = (name: string, results: readonly StreamResult[]) => {
    const p50 = spreadOf(results.map(({ latency }) => latency.p50));
    const p99 = spreadOf(results.map(({ latency }) => latency.p99));
    return [name, p50.median.toFixed(1), p99.median.toFixed(1), p99.most.toFixed(1)];
  };
  return {
    caption: `Milliseconds of ${OTHERS_PER_SECOND} holds a second on another slot`,
    columns: ['', 'p50', 'p99', 'p99 of the worst round'],
    rows: [row('alone', alone), row('beside the rush on the sold-out show', beside)],
  };
}

function holdsOn(shows: readonly string[]): Load {
  return { kind: 'holds', shows, seats: OTHER_SEATS, spread: 'in-turn', confirm: false };
}

/** Refusals that are on record, and those that are counted as not recorded. */
function attemptsInWords({ holdfast }: Sides): Promise<string> {
  return withClient(holdfast.connectionString, async (client) => {
    const { rows } = await client.query<{ recorded: number; dropped: number }>(
      `SELECT (SELECT count(*) FROM holdfast.attempts)::float8 AS recorded,
              coalesce((SELECT sum(count) FROM holdfast.attempts_dropped), 0)::float8 AS dropped`,
    );
    const { recorded, dropped } = rows[0] ?? { recorded: 0, dropped: 0 };
    return `Of ${recorded + dropped} refusals by Holdfast ${recorded} are on record, and ${dropped} are counted as dropped.`;
  });
}
