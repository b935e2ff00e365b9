import { formatInstant } from '../commands/schemas/instants.ts';
import type { Claim, Selection } from '../domain/slot/events.ts';
import { CATALOGUE, type DomainEvent } from '../eventstore/catalogue/codec.ts';
import { newestVersion } from '../eventstore/catalogue/upcast.ts';
import type { AuditEvent } from '../queries/audit.ts';
import { coordinatesInWords, inBrackets, unitsInWords } from './words.ts';

/** Longest text of an event that this release cannot read. */
const MAX_RAW = 200;

/** When the event was decided, epoch milliseconds. */
export function instantOfEvent({ metadata, recordedAt }: AuditEvent): number {
  return typeof metadata.at === 'number' ? metadata.at : recordedAt;
}

/** What happened, in words. Data that are not what their type promises today are shown as they are. */
export function describeEvent({ type, schemaVersion, data }: AuditEvent): string {
  try {
    const isReadable = typeof data === 'object' && schemaVersion === newestVersion(CATALOGUE, type);
    if (isReadable) return inWords({ ...data, type } as DomainEvent);
  } catch {
    // Of no type that is known, or somebody tampered with it: an auditor then wants to see the very data.
  }
  return JSON.stringify(data).slice(0, MAX_RAW);
}

/** The event as one JSON document: what is stored, with its instants as RFC 3339 beside it. */
export function eventJson(event: AuditEvent): string {
  const { recordedAt, ...rest } = event;
  return JSON.stringify({ ...rest, time: formatInstant(instantOfEvent(event)), recordedAt: formatInstant(recordedAt) });
}

function inWords(event: DomainEvent): string {
  switch (event.type) {
    case 'SlotOpened': {
      const start = event.startsAt === null ? '' : `, starts ${formatInstant(event.startsAt)}`;
      const layout = event.layoutId === null ? '' : ` on layout ${event.layoutId}`;
      return `"${event.title}" (${event.category}) is opened as ${event.status} with ${count(event.units.length, 'unit')} of its own${layout}${start}`;
    }
    case 'UnitsAdded':
      return `${count(event.units.length, 'unit')} added: ${unitsInWords(event.units.map(({ unitId }) => ({ unitId })))}`;
    case 'UnitsChanged':
      return `${unitsInWords(event.changes)} changed: ${event.changes[0] === undefined ? '' : changeInWords(event.changes[0])}`;
    case 'UnitsBlocked':
      return `${piecesInWords(event.blocks)} taken off sale${inBrackets(event.reason)}`;
    case 'UnitsUnblocked':
      return `${piecesInWords(event.blocks)} back on sale${inBrackets(event.reason)}`;
    case 'UnitsWithdrawn':
      return `${unitsInWords(event.units)} withdrawn for good${inBrackets(event.reason)}`;
    case 'SlotChanged':
      return `changed: ${Object.keys(event.changes).join(', ')}`;
    case 'SlotClosed':
      return `closed to new holds${inBrackets(event.reason)}`;
    case 'SlotReopened':
      return `open to new holds again${inBrackets(event.reason)}`;
    case 'SlotCancelled':
      return `cancelled with all of its bookings${inBrackets(event.reason)}`;
    case 'CommandAcknowledged':
      return 'asked for what was so already';
    case 'LayoutDefined':
      return `layout "${event.name}" of ${count(event.unitCount, 'unit')}`;
    case 'LayoutUnitsAdded':
      return `${count(event.units.length, 'unit')} of it: ${unitsInWords(event.units.map(({ unitId }) => ({ unitId })))}`;
    case 'LayoutCompleted':
      return 'complete';
    default:
      return `${event.bookingId} of ${event.customerId}: ${bookingInWords(event)}`;
  }
}

function bookingInWords(event: Extract<DomainEvent, { readonly bookingId: string }>): string {
  switch (event.type) {
    case 'BookingRequested':
      return `asks for ${selectionInWords(event.asked)}${coordinatesInWords(event)}`;
    case 'SeatsHeld':
      return `holds ${piecesInWords(event.claims)} at ${amountOf(event.claims)} until ${formatInstant(event.expiresAt)}`;
    case 'HoldExtended':
      return `holds on until ${formatInstant(event.expiresAt)}`;
    case 'BookingChanged':
      return `adds ${piecesInWords(event.added)}, drops ${piecesInWords(event.dropped)}`;
    case 'BookingConfirmed': {
      const left = event.released.length === 0 ? '' : `, lets go of ${piecesInWords(event.released)}`;
      return `buys ${piecesInWords(event.claims)} at ${amountOf(event.claims)} (payment ${event.paymentReference})${left}`;
    }
    case 'SeatsReleased':
      return `gives back ${piecesInWords(event.claims)}, keeps the rest${inBrackets(event.reason)}`;
    case 'BookingCancelled':
      return `is cancelled and gives back ${piecesInWords(event.claims)}${inBrackets(event.reason)}`;
    case 'BookingExpired':
      return `ran out at ${formatInstant(event.expiresAt)} and gives back ${piecesInWords(event.claims)}`;
  }
}

function piecesInWords(
  pieces: readonly { readonly unitId: string; readonly quantity: number; readonly from: number; readonly to: number }[],
): string {
  const [first] = pieces;
  return unitsInWords(pieces) + (first === undefined ? '' : coordinatesInWords(first));
}

function selectionInWords(asked: Selection): string {
  if (asked.kind === 'units') return unitsInWords(asked.units);
  const kind = [
    asked.category === null ? '' : ` of ${asked.category}`,
    asked.adjacent === true ? ', side by side' : '',
    asked.accessible > 0 ? `, ${asked.accessible} of them accessible` : '',
  ];
  return `the best ${asked.quantity}${kind.join('')}`;
}

function changeInWords({ unitId: _, ...change }: { readonly unitId: string }): string {
  return Object.entries(change)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}

function amountOf(claims: readonly Claim[]): number {
  return claims.reduce((sum, claim) => sum + claim.amount, 0);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
