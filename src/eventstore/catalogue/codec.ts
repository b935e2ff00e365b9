import type { LayoutEvent } from '../../domain/layout.ts';
import type { SlotEvent } from '../../domain/slot/events.ts';
import type { NewEvent } from '../event-store.ts';
import { type Catalogue, newestVersion, type StoredData, type StoredEvent, type Up, upcast, upcastParsed } from './upcast.ts';

export type DomainEvent = SlotEvent | LayoutEvent;

/** What is known of an event beside what happened. */
export interface EventMetadata {
  /** Stream time at which it was decided, epoch milliseconds; never smaller than that of the event before it. */
  readonly at: number;
  readonly actor: string;
  /** Which request asked for it, so that a repeat is recognised; null when it came without a key. */
  readonly commandId: string | null;
  readonly commandHash: string | null;
  readonly correlationId: string;
  /** Id of the event that led to this one; null when a request did. */
  readonly causationId: string | null;
}

/** Typed by the domain's event types, so that one that is missing here does not compile. */
const STEPS: Readonly<Record<DomainEvent['type'], readonly Up[]>> = {
  SlotOpened: [],
  UnitsAdded: [],
  UnitsChanged: [],
  UnitsBlocked: [],
  UnitsUnblocked: [],
  UnitsWithdrawn: [],
  SlotChanged: [],
  SlotClosed: [],
  SlotReopened: [],
  SlotCancelled: [],
  CommandAcknowledged: [],
  BookingRequested: [],
  SeatsHeld: [],
  HoldExtended: [],
  BookingChanged: [],
  BookingConfirmed: [],
  SeatsReleased: [],
  BookingCancelled: [],
  BookingExpired: [],
  LayoutDefined: [],
  LayoutUnitsAdded: [],
  LayoutCompleted: [],
};

/** All event types that the log may hold. The shapes of their newest forms are in stored-events.ts. */
export const CATALOGUE: Catalogue = new Map(Object.entries(STEPS));

/**
 * An event in the form that is stored: its type's name apart, the rest as JSON. Nothing is checked at
 * run time, since the decider made it; a test holds the stored forms and the domain's types together.
 */
export function encodeEvent(event: DomainEvent): Pick<NewEvent, 'type' | 'schemaVersion' | 'data'> {
  const { type } = event;
  return { type, schemaVersion: newestVersion(CATALOGUE, type), data: dataOf(event) };
}

/** The event as JSON without its type, which as a rule stands in front: cutting it off costs less than a copy without it. */
function dataOf(event: DomainEvent): string {
  const text = JSON.stringify(event);
  const front = `{"type":"${event.type}",`;
  if (text.startsWith(front)) return `{${text.slice(front.length)}`;
  const { type: _, ...data } = event;
  return JSON.stringify(data);
}

/**
 * The domain's event of what was stored, through all newer forms.
 *
 * @throws UnknownStoredEventError when the type or its schema version is not in the catalogue.
 */
export function decodeEvent({ type, schemaVersion, data }: StoredEvent): DomainEvent {
  // The log holds what encodeEvent made, and each step is tested to lead to the next form.
  return decodeParsed({ type, schemaVersion, data: JSON.parse(data) as StoredData });
}

/** The same of an event whose data were parsed already; takes them over and makes the event of them. @throws UnknownStoredEventError */
export function decodeParsed(stored: Pick<StoredEvent, 'type' | 'schemaVersion'> & { readonly data: StoredData }): DomainEvent {
  const data = upcastParsed(CATALOGUE, stored) as { type?: string };
  data.type = stored.type;
  return data as DomainEvent;
}

/** The data of a stored event in its newest form, for those who show it. @throws UnknownStoredEventError */
export function newestData(stored: StoredEvent): StoredData {
  return upcast(CATALOGUE, stored);
}

export function encodeMetadata(metadata: EventMetadata): string {
  const { at, actor, commandId, commandHash, correlationId, causationId } = metadata;
  // In a fraction of the time that JSON.stringify takes for the whole; every event has it.
  return (
    `{"at":${at},"actor":${quoted(actor)},"commandId":${quoted(commandId)},"commandHash":${quoted(commandHash)}` +
    `,"correlationId":${quoted(correlationId)},"causationId":${quoted(causationId)}}`
  );
}

/** Nothing in it that JSON would have to escape. */
const PLAIN = /^[\w.-]*$/;

function quoted(text: string | null): string {
  return text !== null && PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

export function decodeMetadata(text: string): EventMetadata {
  return JSON.parse(text) as EventMetadata;
}
