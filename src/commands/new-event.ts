import { randomUUID } from 'node:crypto';
import type { SlotFact } from '../domain/slot/evolve.ts';
import { encodeEvent, encodeMetadata } from '../eventstore/catalogue/codec.ts';
import type { NewEvent } from '../eventstore/event-store.ts';
import type { CommandContext } from './command-service.ts';

/** Decided facts as they will be stored. Ids are new for each decision, so that a resend is told from another decision. */
export function toNewEvents(facts: readonly SlotFact[], context: Pick<CommandContext, 'actor' | 'correlationId'>): readonly NewEvent[] {
  const { actor, correlationId } = context;
  let before: SlotFact | null = null;
  let metadata = '';
  return facts.map((fact) => {
    const { at, commandId, commandHash } = fact;
    // The facts of one command have the same to be said of them, as a rule.
    if (before?.at !== at || before.commandId !== commandId || before.commandHash !== commandHash)
      metadata = encodeMetadata({ at, actor, correlationId, causationId: null, commandId, commandHash });
    before = fact;
    const { type, schemaVersion, data } = encodeEvent(fact.event);
    return { eventId: randomUUID(), type, schemaVersion, data, metadata, origin: fact };
  });
}
