import { BulkheadRejectedError, bulkhead } from 'cockatiel';
import type { Booking } from '../domain/slot/booking.ts';
import type { ReplayedSlot } from '../eventstore/slot-replay.ts';
import { TooMuchContentionError } from './command-service.ts';
import type { SlotLoader } from './slot-loader.ts';

/** Replays that may wait for their turn. */
export const MAX_WAITING_REPLAYS = 100;

/** Bookings of one slot that are looked for together. */
interface Search {
  readonly bookingIds: Set<string>;
  readonly found: Promise<ReadonlyMap<string, Booking>>;
}

/**
 * Answers what only a stream from its first event on can tell. Of a hundred thousand events that takes half a second and a whole
 * state beside the one in memory, and anybody may ask for any booking: so one stream is replayed at a time, for everybody who
 * asks for a booking of its slot before it begins.
 */
export class StreamReplays {
  private readonly loader: Pick<SlotLoader, 'loadAsOf' | 'findForgotten'>;
  private readonly turns = bulkhead(1, MAX_WAITING_REPLAYS);
  /** Searches that have not begun, by their slots. */
  private readonly searches = new Map<string, Search>();

  constructor(loader: Pick<SlotLoader, 'loadAsOf' | 'findForgotten'>) {
    this.loader = loader;
  }

  /** The slot as it was at a version. @throws TooMuchContentionError when too many replays wait; what reading the log throws. */
  slotAsOf(slotId: string, version: number): Promise<ReplayedSlot> {
    return this.inTurn(() => this.loader.loadAsOf(slotId, version));
  }

  /** A booking as it is or was in the end; null when the slot never had it. @throws as `slotAsOf`. */
  async booking(slotId: string, bookingId: string): Promise<Booking | null> {
    const search = this.searches.get(slotId) ?? this.search(slotId);
    search.bookingIds.add(bookingId);
    return (await search.found).get(bookingId) ?? null;
  }

  private search(slotId: string): Search {
    const bookingIds = new Set<string>();
    const found = this.inTurn(async () => {
      // Those who ask in the same turn of the event loop are in it as well.
      await new Promise(setImmediate);
      this.searches.delete(slotId);
      return this.loader.findForgotten(slotId, bookingIds);
    }).finally(() => {
      if (this.searches.get(slotId) === search) this.searches.delete(slotId);
    });
    const search = { bookingIds, found };
    this.searches.set(slotId, search);
    return search;
  }

  private async inTurn<Result>(replay: () => Promise<Result>): Promise<Result> {
    try {
      return await this.turns.execute(replay);
    } catch (error) {
      if (error instanceof BulkheadRejectedError) throw new TooMuchContentionError(`${MAX_WAITING_REPLAYS} streams wait to be replayed`);
      throw error;
    }
  }
}
