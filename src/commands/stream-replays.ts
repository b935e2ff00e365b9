import type { Booking } from '../domain/slot/booking.ts';
import { ReplaysBusyError, ReplayTurns } from '../eventstore/replay-turns.ts';
import { type Moment, Moments } from './moments.ts';
import type { SlotLoader } from './slot-loader.ts';

/** Bookings of one slot that are looked for together. */
interface Search {
  readonly bookingIds: Set<string>;
  readonly found: Promise<ReadonlyMap<string, Booking>>;
}

/**
 * Answers what only a stream from its first event on can tell. Anybody may ask for any booking, and a rush that is repeated asks
 * for each of its holds: so one stream is replayed at a time, for everybody who asks for something of its slot before it begins.
 */
export class StreamReplays {
  private readonly loader: Pick<SlotLoader, 'replayTo' | 'findForgotten'>;
  private readonly turns = new ReplayTurns(1);
  /** What is asked in replays that have not begun, by their slots. */
  private readonly moments = new Map<string, Moments>();
  private readonly searches = new Map<string, Search>();

  constructor(loader: Pick<SlotLoader, 'replayTo' | 'findForgotten'>) {
    this.loader = loader;
  }

  /**
   * A booking of the slot as it was at a version, or the slot itself when the booking is null.
   * @throws ReplaysBusyError when too many replays wait; what reading the log throws.
   */
  moment(slotId: string, version: number, bookingId: string | null): Promise<Moment> {
    let moments = this.moments.get(slotId);
    if (moments === undefined) {
      moments = new Moments();
      this.moments.set(slotId, moments);
      void this.answer(slotId, moments);
    }
    return moments.ask(version, bookingId);
  }

  /** A booking as it is or was in the end; null when the slot never had it. @throws as `moment`. */
  async booking(slotId: string, bookingId: string): Promise<Booking | null> {
    const search = this.searches.get(slotId) ?? this.search(slotId);
    search.bookingIds.add(bookingId);
    return (await search.found).get(bookingId) ?? null;
  }

  private async answer(slotId: string, moments: Moments): Promise<void> {
    try {
      await this.inTurn(this.moments, slotId, () => this.loader.replayTo(slotId, moments.last, (slot) => moments.reached(slot)));
      moments.end(new Error(`slot ${slotId} has no such version`));
    } catch (error) {
      moments.end(error);
    }
  }

  private search(slotId: string): Search {
    const bookingIds = new Set<string>();
    const found = this.inTurn(this.searches, slotId, () => this.loader.findForgotten(slotId, bookingIds));
    const search = { bookingIds, found };
    this.searches.set(slotId, search);
    return search;
  }

  /** Who asks when it has begun, or has found no room to wait, is not in it any more. */
  private inTurn<Result>(asked: Map<string, unknown>, slotId: string, replay: () => Promise<Result>): Promise<Result> {
    return this.turns
      .take(async () => {
        // Those who ask in the same turn of the event loop are in it as well.
        await new Promise(setImmediate);
        asked.delete(slotId);
        return replay();
      })
      .catch((error: unknown) => {
        if (error instanceof ReplaysBusyError) asked.delete(slotId);
        throw error;
      });
  }
}
