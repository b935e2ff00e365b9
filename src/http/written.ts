import type { ReadSource } from '../queries/answers.ts';
import type { StandingAnswer } from './standing-answer.ts';

/** What was made of a value that a layer answered. */
export interface Written {
  /** JSON. */
  readonly bytes: Buffer;
  /** The answer that was given last; null before, and while none can stand for longer. */
  answer: StandingAnswer | null;
}

const WRITTEN = Symbol('written');

/**
 * A layer that keeps answers gives the very same object again for as long as nothing has changed, so what is made
 * of it is made once and kept with it, however often it is sent.
 *
 * A WeakMap would do as well where values stay. Those that are read once, as from Redis, it would fill the heap with:
 * what is in it counts as in use for the quick collections, which move it to where only the slow ones look.
 */
export function writtenOf<Value extends object>(
  value: Value & { readonly [WRITTEN]?: Written },
  write: (value: Value, source: ReadSource) => string,
  source: ReadSource,
): Written {
  const known = value[WRITTEN];
  if (known !== undefined) return known;
  const written: Written = { bytes: Buffer.from(write(value, source)), answer: null };
  Object.defineProperty(value, WRITTEN, { value: written });
  return written;
}
