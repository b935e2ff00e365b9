import type { Booking } from '../domain/slot/booking.ts';
import { evolve } from '../domain/slot/evolve.ts';
import { restoreState, SNAPSHOT_SCHEMA, snapshotPieces } from '../domain/slot/snapshot.ts';
import { SlotState } from '../domain/slot/state.ts';
import { type EventStore, MAX_READ_EVENTS, type RecordedEvent } from '../eventstore/event-store.ts';
import type { LayoutReader } from '../eventstore/layout-reader.ts';
import { loadLayoutsOf, type ReplayedSlot, replaySlot, toFact } from '../eventstore/slot-replay.ts';
import { streamOfSlot } from '../eventstore/streams.ts';
import { packText } from './packed-snapshot.ts';
import { readSnapshot } from './read-snapshot.ts';

/** A stream gets a snapshot when it has grown by so many events since the last one: some 10 ms of reading. */
export const EVENTS_PER_SNAPSHOT = 2_000;

/** Says that a tail cannot be applied before this layout was loaded. */
export class LayoutNeededError extends Error {
  override readonly name = 'LayoutNeededError';
  readonly layoutId: string;

  constructor(layoutId: string) {
    super(`layout ${layoutId} has to be loaded first`);
    this.layoutId = layoutId;
  }
}

export interface LoadedSlot extends ReplayedSlot {
  /** Version of the snapshot that the state was built from; 0 when there was none. */
  readonly snapshotVersion: number;
}

/** Builds the states of slots from the log and keeps them up with it. */
export class SlotLoader {
  readonly store: EventStore;
  readonly layouts: LayoutReader;

  constructor(store: EventStore, layouts: LayoutReader) {
    this.store = store;
    this.layouts = layouts;
  }

  /** The slot as the log has it now, from its latest snapshot on if that can be read. @throws UnreadableEventError */
  async load(slotId: string): Promise<LoadedSlot> {
    const slot = (await this.fromSnapshot(slotId)) ?? {
      state: new SlotState(slotId, this.layouts.lookUp),
      position: 0,
      snapshotVersion: 0,
    };
    await this.catchUp(slot);
    return slot;
  }

  /** Shows the slot as it was at each version up to this one, from its first event on; what came later need not be readable. @throws UnreadableEventError */
  async replayTo(slotId: string, version: number, reached: (slot: ReplayedSlot) => void): Promise<void> {
    await replaySlot(slotId, this, {
      take: (recorded) => recorded.version <= version,
      taken: (state, { position }) => reached({ state, position }),
    });
  }

  /** Those of these bookings that the slot ever had, each as its last event left it; also those that the state no longer keeps. */
  async findForgotten(slotId: string, bookingIds: ReadonlySet<string>): Promise<ReadonlyMap<string, Booking>> {
    const found = new Map<string, Booking>();
    await replaySlot(slotId, this, {
      taken: (state, _, { event }) => {
        if (!('bookingId' in event) || !bookingIds.has(event.bookingId)) return;
        const booking = state.bookings.get(event.bookingId);
        if (booking !== undefined) found.set(event.bookingId, booking);
      },
    });
    return found;
  }

  /** Applies what the stream has beyond the state. Returns how many events that were. */
  async catchUp(slot: ReplayedSlot): Promise<number> {
    const before = slot.state.version;
    for (;;) {
      const tail = await this.store.readStream(streamOfSlot(slot.state.slotId), slot.state.version + 1, MAX_READ_EVENTS);
      await loadLayoutsOf(tail, this.layouts);
      this.apply(slot, tail);
      if (tail.length < MAX_READ_EVENTS) return slot.state.version - before;
    }
  }

  /** @throws LayoutNeededError, UnreadableEventError */
  apply(slot: ReplayedSlot, tail: readonly RecordedEvent[]): void {
    for (const recorded of tail) {
      const fact = toFact(recorded);
      if (fact.event.type === 'SlotOpened' && fact.event.layoutId !== null && !this.layouts.isLoaded(fact.event.layoutId)) {
        throw new LayoutNeededError(fact.event.layoutId);
      }
      evolve(slot.state, fact);
      slot.position = recorded.position;
    }
  }

  /** Stores the state of a settled slot, as it is now, beside its stream, a piece at a time while everything goes on. */
  async takeSnapshot({ state }: ReplayedSlot): Promise<void> {
    const { version } = state;
    const streamId = streamOfSlot(state.slotId);
    const packed = await packText(snapshotPieces(state));
    const [last] = await this.store.readStream(streamId, version, 1);
    if (last === undefined) return;
    await this.store.writeSnapshot({ streamId, version, schemaVersion: SNAPSHOT_SCHEMA, hash: last.hash, state: packed });
  }

  private async fromSnapshot(slotId: string): Promise<LoadedSlot | null> {
    const streamId = streamOfSlot(slotId);
    const snapshot = await this.store.readSnapshot(streamId, SNAPSHOT_SCHEMA);
    if (snapshot === null) return null;
    // A snapshot outlives its events when the log was restored to an earlier point: the hash tells.
    const [last] = await this.store.readStream(streamId, snapshot.version, 1);
    if (last?.hash !== snapshot.hash) return null;
    try {
      const stored = await readSnapshot(snapshot);
      if (stored.head.layoutId !== null && (await this.layouts.load(stored.head.layoutId)) === null) return null;
      return { state: restoreState(slotId, stored, this.layouts.lookUp), position: last.position, snapshotVersion: snapshot.version };
    } catch {
      // A snapshot that cannot be read is as good as none. If the log is at fault, the stream, which is read instead, tells.
      return null;
    }
  }
}
