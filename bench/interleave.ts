/** One way of doing the work that is measured. */
export interface Side {
  readonly name: string;
  /** Does the work for about so many milliseconds. @returns operations done per second. */
  run(milliseconds: number): Promise<number>;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Measured extends Spread {
  readonly name: string;
  /** Operations per second, round by round. */
  readonly rates: readonly number[];
  /** Median of the ratios to the first side, taken round by round. */
  readonly ratio: number;
}

/** Warm-up so long that compiled code and filled caches are what is measured. */
const WARM_UP_MS = 1_000;

/**
 * Runs the sides in turn, A B A B …, so that a machine that grows slower or faster meanwhile does so
 * for all of them alike. Ratios are taken within a round and their median is what to quote.
 */
export async function interleave(sides: readonly Side[], rounds: number, milliseconds: number): Promise<readonly Measured[]> {
  const rates = sides.map((): number[] => []);
  for (const side of sides) await side.run(WARM_UP_MS);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, side] of sides.entries()) (rates[index] as number[]).push(await side.run(milliseconds));
  }
  const first = rates[0] as number[];
  return sides.map(({ name }, index) => {
    const own = rates[index] as number[];
    return { name, rates: own, ...spreadOf(own), ratio: ratioOf(own, first).median };
  });
}

/** How many times as fast the one was as the other, round by round. */
export function ratioOf(rates: readonly number[], others: readonly number[]): Spread {
  return spreadOf(rates.map((rate, round) => rate / (others[round] as number)));
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** Keeps so many workers busy for the time. @returns completed calls per second. */
export async function ratePerSecond(workers: number, milliseconds: number, work: (worker: number) => Promise<void>): Promise<number> {
  const begun = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      while (performance.now() - begun < milliseconds) {
        await work(worker);
        done += 1;
      }
    }),
  );
  return (done / (performance.now() - begun)) * 1_000;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
