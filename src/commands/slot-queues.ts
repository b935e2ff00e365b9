import type { EventStore } from '../eventstore/event-store.ts';
import { SlotWeights, type Weighed } from '../eventstore/slot-weights.ts';
import type { SlotLoader } from './slot-loader.ts';
import { SlotQueue } from './slot-queue.ts';

/** Bytes that the states of idle slots may take in memory with the layouts that they stand on, as `approximateBytes` and `SlotWeights` count: some 2,000 halls of 200 seats with a hundred bookings each. See docs/running.md for what else takes memory. */
export const MAX_CACHED_BYTES = 192 * 1024 * 1024;

interface Entry extends Weighed {
  readonly queue: SlotQueue;
}

/** The queues of the slots in use, and of those that were in use lately as far as memory allows. */
export class SlotQueues {
  private readonly store: EventStore;
  private readonly loader: SlotLoader;
  private readonly maxBytes: number;
  /** In the order of last use. */
  private readonly queues = new Map<string, Entry>();
  private readonly weights = new SlotWeights();

  constructor(store: EventStore, loader: SlotLoader, maxBytes = MAX_CACHED_BYTES) {
    this.store = store;
    this.loader = loader;
    this.maxBytes = maxBytes;
  }

  of(slotId: string): SlotQueue {
    let entry = this.queues.get(slotId);
    if (entry === undefined) {
      entry = { queue: new SlotQueue(slotId, this.store, this.loader, () => this.count(slotId)), bytes: 0, layout: null };
    } else this.queues.delete(slotId);
    this.queues.set(slotId, entry);
    return entry.queue;
  }

  /** Slots whose state is in memory. */
  get size(): number {
    return this.queues.size;
  }

  /** Counts a slot that came to rest, and drops the states that were not used for the longest time while there are too many bytes. */
  private count(slotId: string): void {
    const settled = this.queues.get(slotId);
    if (settled === undefined) return;
    this.weights.weigh(settled, settled.queue.approximateBytes, settled.queue.layout);
    if (this.weights.bytes <= this.maxBytes) return;
    for (const [oldest, entry] of this.queues) {
      if (this.weights.bytes <= this.maxBytes) return;
      if (!entry.queue.isIdle) continue;
      this.queues.delete(oldest);
      this.weights.weigh(entry, 0, null);
    }
  }
}
