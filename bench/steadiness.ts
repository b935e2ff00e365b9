import { createHash } from 'node:crypto';
import { spreadOf } from './interleave.ts';

const BLOCK = Buffer.alloc(2 ** 20);
const BLOCKS = 16;

/**
 * How evenly the machine itself runs. On one that is shared, latencies at a given rate tell of the neighbours as
 * well: a service that is half busy has no room left where the processor is for a moment half as fast.
 */
export class Steadiness {
  private took: number[] = [];

  /** Does a fixed piece of work, some 15 ms, while nothing is being measured. */
  sample(): void {
    const begun = performance.now();
    const hash = createHash('sha256');
    for (let block = 0; block < BLOCKS; block += 1) hash.update(BLOCK);
    hash.digest();
    this.took.push(performance.now() - begun);
  }

  /** What was seen since the last words. @returns nothing when there were no samples. */
  takeWords(): readonly string[] {
    const took = this.took.splice(0);
    if (took.length === 0) return [];
    const { least, median, most } = spreadOf(took);
    const inMs = (milliseconds: number) => milliseconds.toFixed(0);
    return [
      `One piece of work, the same before each of ${took.length} runs, took ${inMs(median)} ms (${inMs(least)} – ${inMs(most)}): ` +
        'that evenly ran the machine by itself',
    ];
  }
}
