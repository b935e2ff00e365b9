import type { Arena } from '../arena.ts';
import type { ProcessorTimes } from '../cpu.ts';
import { interleave, type Measured, ratioOf, spreadOf } from '../interleave.ts';
import type { Load, Pace, StreamResult } from '../load/jobs.ts';
import { type ReportTable, rate, times } from '../report.ts';
import type { HttpSide } from '../sides/http-side.ts';

/** Before a side is counted it is kept busy for so long, so that its connections to the database are there. */
const LEAD_IN_MS = 300;
/** Connections that send their next request when they have the answer: enough to keep a service busy. */
export const CONNECTIONS = 256;
/** In an open loop: enough that hardly ever a request has to wait for a connection. */
const OPEN_CONNECTIONS = 256;

/** What a side is asked in its next run of so many milliseconds. */
export type NextLoad = (side: HttpSide, milliseconds: number) => Promise<Load>;

/** Processor time per operation, in microseconds, by who spent it. */
type Costs = Readonly<Record<keyof ProcessorTimes, number>>;

export interface Run extends StreamResult {
  /** Null where it cannot be told. */
  readonly costs: Costs | null;
}

export async function runOnce(arena: Arena, side: HttpSide, milliseconds: number, pace: Pace, load: Load): Promise<Run> {
  const connections = pace.kind === 'closed' ? CONNECTIONS : OPEN_CONNECTIONS;
  const streams = [{ port: side.port, connections, pace, load }];
  const before = arena.processorTimes(side.pid);
  const [result] = (await arena.run({ streams, leadInMilliseconds: LEAD_IN_MS, milliseconds })) as [StreamResult];
  await side.rest();
  const after = arena.processorTimes(side.pid);
  // The lead-in is not counted, but costs as much.
  const operations = result.operations * (1 + LEAD_IN_MS / milliseconds);
  const costOf = (who: keyof ProcessorTimes) => (((after?.[who] ?? 0) - (before?.[who] ?? 0)) * 1_000) / operations;
  const costs = before === null ? null : { service: costOf('service'), database: costOf('database'), load: costOf('load') };
  return { ...result, costs };
}

export interface Peak extends Measured {
  /** The least of the runs: what else goes on on the machine can only add to it. */
  readonly costs: Costs | null;
}

/** As many operations as go, of all sides in turn. */
export async function peaks(arena: Arena, sides: readonly HttpSide[], nextLoad: NextLoad): Promise<readonly Peak[]> {
  const { rounds, milliseconds } = arena.settings;
  const costs = sides.map((): Costs[] => []);
  const measurable = sides.map((side, index) => ({
    name: side.name,
    run: async (time: number) => {
      const load = await nextLoad(side, time + LEAD_IN_MS);
      const run = await runOnce(arena, side, time, { kind: 'closed' }, load);
      if (run.costs !== null) costs[index]?.push(run.costs);
      return run.operations / run.seconds;
    },
  }));
  const measured = await interleave(measurable, rounds, milliseconds);
  return measured.map((one, index) => ({ ...one, costs: leastOf(costs[index] ?? []) }));
}

function leastOf(costs: readonly Costs[]): Costs | null {
  if (costs.length === 0) return null;
  const least = (who: keyof ProcessorTimes) => Math.min(...costs.map((one) => one[who]));
  return { service: least('service'), database: least('database'), load: least('load') };
}

/** Rates, and how many times as fast the first side is. */
export function peaksTable(caption: string, measured: readonly Peak[]): ReportTable {
  const [first] = measured;
  const rows = measured.map(({ name, median, least, most, rates, costs }) => [
    name,
    rate(median),
    `${rate(least)} – ${rate(most)}`,
    times(ratioOf(first?.rates ?? [], rates)),
    costs === null ? 'unknown' : `${rate(costs.service)} + ${rate(costs.database)} + ${rate(costs.load)}`,
  ]);
  const cost = 'µs of processor per operation: service + database + load';
  return { caption, columns: ['side', 'per second', 'spread', `${first?.name} is … times as fast`, cost], rows };
}

/** Latencies at half of the rate that each side made at its peak, counted from the instants at which requests were due; nothing when they were not asked for. */
export async function halfPaceTables(
  arena: Arena,
  sides: readonly HttpSide[],
  measured: readonly Measured[],
  nextLoad: NextLoad,
): Promise<readonly ReportTable[]> {
  const { rounds, milliseconds, peaksOnly } = arena.settings;
  if (peaksOnly) return [];
  const results = sides.map((): StreamResult[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, side] of sides.entries()) {
      const pace: Pace = { kind: 'open', perSecond: (measured[index] as Measured).median / 2 };
      const load = await nextLoad(side, milliseconds + LEAD_IN_MS);
      (results[index] as StreamResult[]).push(await runOnce(arena, side, milliseconds, pace, load));
    }
  }
  const rows = sides.map(({ name }, index) => {
    const own = results[index] as StreamResult[];
    const median = (of: (latency: StreamResult['latency']) => number) => spreadOf(own.map(({ latency }) => of(latency))).median.toFixed(1);
    const worst = spreadOf(own.map(({ latency }) => latency.p99)).most.toFixed(1);
    const offered = rate((measured[index] as Measured).median / 2);
    const sinceReached = spreadOf(own.map(({ latencySinceReached }) => latencySinceReached.p99)).median.toFixed(1);
    return [name, offered, median(({ p50 }) => p50), median(({ p99 }) => p99), worst, median(({ greatest }) => greatest), sinceReached];
  });
  const table = {
    caption: 'Milliseconds of a request at half of the peak, from the instant at which it was due; medians of the rounds',
    columns: ['side', 'per second', 'p50', 'p99', 'p99 of the worst round', 'greatest', 'p99 since the generator came to it'],
    rows,
  };
  return [table];
}
