import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Queryable } from './checkpoints.ts';

/** Milliseconds of work in one go; the next piece of work comes on top of them. */
const STRETCH_MS = 50;
/** How often the server is told that work goes on, in milliseconds: often enough for those that take five seconds of silence for an end. */
const SAID_EVERY_MS = 1_000;

/** Gives others their turn, and says wherever that counts that work goes on. What it throws ends the work. */
export type Pulse = () => Promise<void>;

/** Cuts long work into stretches; by time, because a piece of it may take microseconds or seconds. */
export class Stretch {
  private readonly pulse: Pulse | null;
  private begun = performance.now();

  constructor(pulse: Pulse | null) {
    this.pulse = pulse;
  }

  /** To be awaited after each piece of work; null when it may go on at once. */
  did(): Promise<void> | null {
    if (this.pulse === null || performance.now() - this.begun < STRETCH_MS) return null;
    return this.pulse().then(() => {
      this.begun = performance.now();
    });
  }
}

/** A pulse of what holds a lock or a transaction on the connection, which nobody else may be using meanwhile. */
export function pulseOn(connection: Queryable): Pulse {
  let saidAt = performance.now();
  return async () => {
    await nextTurn();
    if (performance.now() - saidAt < SAID_EVERY_MS) return;
    await connection.query('SELECT 1');
    saidAt = performance.now();
  };
}
