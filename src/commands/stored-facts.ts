import { randomUUID } from 'node:crypto';
import type { SlotEvent } from '../domain/slot/events.ts';
import type { SlotFact } from '../domain/slot/evolve.ts';
import { decodeEvent, decodeMetadata, encodeEvent, encodeMetadata } from '../eventstore/catalogue/codec.ts';
import type { NewEvent, RecordedEvent } from '../eventstore/event-store.ts';
import type { CommandContext } from './command-service.ts';

export function streamOfSlot(slotId: string): string {
  return `slot-${slotId}`;
}

/** A decided fact as it will be stored. The id is new for each decision, so that a resend is told from another decision. */
export function toNewEvent(fact: SlotFact, context: Pick<CommandContext, 'actor' | 'correlationId'>): NewEvent {
  const { at, commandId, commandHash } = fact;
  const { actor, correlationId } = context;
  return {
    eventId: randomUUID(),
    ...encodeEvent(fact.event),
    metadata: encodeMetadata({ at, actor, correlationId, causationId: null, commandId, commandHash }),
  };
}

/** A recorded event of a slot's stream as its state takes it. */
export function toFact(recorded: RecordedEvent): SlotFact {
  const { at, commandId, commandHash } = decodeMetadata(recorded.metadata);
  return { event: decodeEvent(recorded) as SlotEvent, at, commandId, commandHash };
}
