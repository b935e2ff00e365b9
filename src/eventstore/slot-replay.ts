import type { SlotEvent } from '../domain/slot/events.ts';
import { evolve, type SlotFact } from '../domain/slot/evolve.ts';
import { SlotState } from '../domain/slot/state.ts';
import { decodeEvent, decodeMetadata } from './catalogue/codec.ts';
import { type EventStore, MAX_READ_EVENTS, type RecordedEvent } from './event-store.ts';
import type { LayoutReader } from './layout-reader.ts';
import { instantOf } from './parsed-feed.ts';
import { streamOfSlot } from './streams.ts';

/** An event of a slot that cannot be read: nothing can be said of the slot from there on. */
export class UnreadableEventError extends Error {
  override readonly name = 'UnreadableEventError';

  constructor({ type, streamId, version, position }: RecordedEvent, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`event ${type} at version ${version} of ${streamId} (position ${position}) cannot be read: ${reason}`, { cause });
  }
}

/** A recorded event of a slot's stream as its state takes it. @throws UnreadableEventError */
export function toFact(recorded: RecordedEvent): SlotFact {
  try {
    const { at, commandId, commandHash } = decodeMetadata(recorded.metadata);
    return { event: decodeEvent(recorded) as SlotEvent, at, commandId, commandHash };
  } catch (error) {
    throw new UnreadableEventError(recorded, error);
  }
}

/** When an event was decided, in epoch milliseconds, whatever its data are. @throws UnreadableEventError */
export function decidedAt(recorded: RecordedEvent): number {
  try {
    return instantOf(recorded.metadata);
  } catch (error) {
    throw new UnreadableEventError(recorded, error);
  }
}

/**
 * Loads the layouts that the events stand on, so that a state can take them.
 *
 * @throws UnreadableEventError; what loading a layout throws.
 */
export async function loadLayoutsOf(recorded: readonly RecordedEvent[], layouts: LayoutReader): Promise<void> {
  for (const one of recorded) {
    if (one.type !== 'SlotOpened') continue;
    const { event } = toFact(one);
    if (event.type === 'SlotOpened' && event.layoutId !== null) await layouts.load(event.layoutId);
  }
}

/** A slot's state with the place in the log that it has seen. */
export interface ReplayedSlot {
  readonly state: SlotState;
  /** Log position of the slot's last event; 0 when it has none. */
  position: number;
}

/**
 * A slot from its first event on. `take` sees the events before they are decoded, and the replay stops at
 * the first that it answers false for: what lies beyond need not be readable. `taken` sees the state after each.
 *
 * @throws UnreadableEventError; what reading streams and loading layouts throws.
 */
export async function replaySlot(
  slotId: string,
  parts: { readonly store: EventStore; readonly layouts: LayoutReader },
  options: {
    readonly take?: (recorded: RecordedEvent) => boolean;
    readonly taken?: (state: SlotState, recorded: RecordedEvent, fact: SlotFact) => void;
  } = {},
): Promise<ReplayedSlot> {
  const { store, layouts } = parts;
  const { take = () => true, taken } = options;
  const slot: ReplayedSlot = { state: new SlotState(slotId, layouts.lookUp), position: 0 };
  for (;;) {
    const page = await store.readStream(streamOfSlot(slotId), slot.state.version + 1, MAX_READ_EVENTS);
    const end = page.findIndex((recorded) => !take(recorded));
    const wanted = end === -1 ? page : page.slice(0, end);
    await loadLayoutsOf(wanted, layouts);
    for (const recorded of wanted) {
      const fact = toFact(recorded);
      evolve(slot.state, fact);
      slot.position = recorded.position;
      taken?.(slot.state, recorded, fact);
    }
    if (wanted.length < MAX_READ_EVENTS) return slot;
  }
}
