import type { EventStore } from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import type { VirtualTime } from './virtual-time.ts';

/**
 * The one database of a simulated world. It never fails and never forgets; what reaches it, and when,
 * is the network's doing. While a transaction holds the log's lock, every other write waits.
 */
export class Database {
  readonly log: EventStore;
  private holder: object | null = null;
  private readonly waiting: { readonly asker: object | null; readonly run: () => void }[] = [];

  constructor(time: VirtualTime) {
    this.log = createMemoryEventStore({ now: () => time.now });
  }

  /** Runs a write as soon as nobody holds the lock, in the order of coming. */
  write(run: () => void): void {
    if (this.holder === null) run();
    else this.waiting.push({ asker: null, run });
  }

  /** Gives the lock to the transaction as soon as nobody else holds it. */
  lock(transaction: object, granted: () => void): void {
    if (this.holder !== null) {
      this.waiting.push({ asker: transaction, run: granted });
      return;
    }
    this.holder = transaction;
    granted();
  }

  holds(transaction: object): boolean {
    return this.holder === transaction;
  }

  /** Lets go of the lock; whoever waits comes next. Harmless for a transaction that has lost it. */
  release(transaction: object): void {
    if (this.holder !== transaction) return;
    this.holder = null;
    while (this.holder === null) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      this.holder = next.asker;
      next.run();
    }
  }
}
