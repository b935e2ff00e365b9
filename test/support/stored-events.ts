import { randomUUID } from 'node:crypto';
import type { AppendResult, NewEvent } from '../../src/eventstore/event-store.ts';

/** A stream that no other test uses. */
export function newStream(): string {
  return `slot-${randomUUID()}`;
}

/** An event as a decision would make it; its data are not of any real type. */
export function newEvent(changes: Partial<NewEvent> = {}): NewEvent {
  const eventId = randomUUID();
  return { eventId, type: 'Tested', schemaVersion: 1, data: `{"of":"${eventId}"}`, metadata: '{"actor":"test"}', ...changes };
}

export function newEvents(count: number): NewEvent[] {
  return Array.from({ length: count }, () => newEvent());
}

/** The position of an append that must have succeeded. */
export function positionOf(result: AppendResult): number {
  if (result.kind === 'conflict') throw new Error(`Expected an append, got a conflict on ${result.streamId} at ${result.actualVersion}.`);
  return result.position;
}
