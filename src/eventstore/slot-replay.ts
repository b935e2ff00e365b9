import type { SlotEvent } from '../domain/slot/events.ts';
import { evolve, type SlotFact } from '../domain/slot/evolve.ts';
import { SlotState } from '../domain/slot/state.ts';
import { decodeEvent, decodeMetadata } from './catalogue/codec.ts';
import { type EventStore, MAX_READ_EVENTS, type RecordedEvent } from './event-store.ts';
import type { LayoutReader } from './layout-reader.ts';
import { streamOfSlot } from './streams.ts';

/** A recorded event of a slot's stream as its state takes it. */
export function toFact(recorded: RecordedEvent): SlotFact {
  const { at, commandId, commandHash } = decodeMetadata(recorded.metadata);
  return { event: decodeEvent(recorded) as SlotEvent, at, commandId, commandHash };
}

/** Loads the layouts that the events stand on, so that a state can take them. */
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
 * A slot from its first event on. `take` sees each event before the state does and stops the replay
 * by answering false; `taken` sees the state after it.
 */
export async function replaySlot(
  slotId: string,
  parts: { readonly store: EventStore; readonly layouts: LayoutReader },
  options: {
    readonly take?: (recorded: RecordedEvent, fact: SlotFact) => boolean;
    readonly taken?: (state: SlotState, recorded: RecordedEvent, fact: SlotFact) => void;
  } = {},
): Promise<ReplayedSlot> {
  const { store, layouts } = parts;
  const slot: ReplayedSlot = { state: new SlotState(slotId, layouts.lookUp), position: 0 };
  for (;;) {
    const page = await store.readStream(streamOfSlot(slotId), slot.state.version + 1, MAX_READ_EVENTS);
    await loadLayoutsOf(page, layouts);
    for (const recorded of page) {
      const fact = toFact(recorded);
      if (options.take?.(recorded, fact) === false) return slot;
      evolve(slot.state, fact);
      slot.position = recorded.position;
      options.taken?.(slot.state, recorded, fact);
    }
    if (page.length < MAX_READ_EVENTS) return slot;
  }
}
