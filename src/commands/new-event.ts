import { randomUUID } from 'node:crypto';
import type { SlotFact } from '../domain/slot/evolve.ts';
import { encodeEvent, encodeMetadata } from '../eventstore/catalogue/codec.ts';
import type { NewEvent } from '../eventstore/event-store.ts';
import type { CommandContext } from './command-service.ts';

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
