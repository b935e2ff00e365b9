import { pbkdf2 } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { spreadOf } from './interleave.ts';

const derive = promisify(pbkdf2);
const ITERATIONS = 50_000;

/**
 * How evenly the machine itself runs. On one that is shared, latencies at a given rate tell of the neighbours as
 * well: a service that is half busy has no room left where the processor is for a moment half as fast.
 */
export class Steadiness {
  private took: number[] = [];

  /** Does a fixed piece of work on each core at once, some 20 ms, while nothing is being measured. */
  async sample(): Promise<void> {
    const begun = performance.now();
    await Promise.all(Array.from({ length: availableParallelism() }, () => derive('', '', ITERATIONS, 32, 'sha256')));
    this.took.push(performance.now() - begun);
  }

  /** What was seen since the last words. @returns nothing when there were no samples. */
  takeWords(): readonly string[] {
    const took = this.took.splice(0);
    if (took.length === 0) return [];
    const { least, median, most } = spreadOf(took);
    const inMs = (milliseconds: number) => milliseconds.toFixed(0);
    return [
      `One piece of work, the same on all cores before each of ${took.length} runs, took ${inMs(median)} ms ` +
        `(${inMs(least)} – ${inMs(most)}): that evenly ran the machine by itself`,
    ];
  }
}
