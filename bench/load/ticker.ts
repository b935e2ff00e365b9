import { Worker } from 'node:worker_threads';

/** Often enough that what is due in between is one request or two, seldom enough to cost a few hundredths of a core. */
const TICK_MS = 0.5;

// A wait on memory is as exact as the system's clock. Who waits so cannot do anything else, which is why it is a thread.
const THREAD = `
  const { parentPort, workerData: { taken, milliseconds } } = require('node:worker_threads');
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    Atomics.wait(never, 0, 0, milliseconds);
    if (Atomics.exchange(taken, 0, 0) === 1) parentPort.postMessage(null);
  }`;

/**
 * Calls again and again, every half of a millisecond if it can: a timer of the event loop comes once in one to two
 * milliseconds, and all that was due in between would set out at once, late and as a crowd that nobody asked for.
 * A tick that was not taken yet is not followed by another one.
 */
export class Ticker {
  private readonly thread: Worker;

  constructor(onTick: () => void) {
    const taken = new Int32Array(new SharedArrayBuffer(4)).fill(1);
    this.thread = new Worker(THREAD, { eval: true, execArgv: [], workerData: { taken, milliseconds: TICK_MS } });
    this.thread.on('message', () => {
      Atomics.store(taken, 0, 1);
      onTick();
    });
  }

  async stop(): Promise<void> {
    await this.thread.terminate();
  }
}
