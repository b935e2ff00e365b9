import type { ReleaseReason } from '../../domain/slot/booking.ts';
import { joined, without } from '../../domain/slot/claims.ts';
import type { BookingRequested, Claim, SeatsHeld, SlotEvent } from '../../domain/slot/events.ts';
import { slotIdOfStream } from '../../eventstore/streams.ts';
import type { FeedEvent, Lookup, Projection, TableView } from '../projection.ts';
import { BOOKED_SLOTS, BOOKINGS, type BookedSlotRow, type BookingRow } from './tables.ts';

const NONE: readonly never[] = [];

const bookingRows: TableView<BookingRow> = {
  table: BOOKINGS,
  keysOf: ({ event }) => ('bookingId' in event ? [[event.bookingId]] : NONE),
  makesNew: ({ event }) => event.type === 'BookingRequested',
  readsOf: (feedEvent) => (feedEvent.event.type === 'BookingCancelled' ? [{ table: BOOKED_SLOTS, key: [slotIdOf(feedEvent)] }] : NONE),
  evolve: (row, feedEvent, _key, before) => {
    const { event, version } = feedEvent;
    if (event.type === 'BookingRequested') return requested(feedEvent, event);
    if (row === undefined || !('bookingId' in event)) throw new Error(`${event.type} of a booking that was never asked for`);
    if (event.type === 'SeatsHeld') return held(row, event, version);
    const changed: BookingRow = { ...row, ...changes(row, event, feedEvent, before), version };
    return { ...changed, total: totalOf(changed.claims) };
  },
};

const OF_SLOTS: ReadonlySet<string> = new Set(['SlotOpened', 'SlotChanged', 'SlotCancelled']);

/** What a booking's answer needs of its slot. */
const bookedSlots: TableView<BookedSlotRow> = {
  table: BOOKED_SLOTS,
  keysOf: (feedEvent) => (OF_SLOTS.has(feedEvent.event.type) ? [[slotIdOf(feedEvent)]] : NONE),
  evolve: (row, { event }) => {
    if (event.type === 'SlotOpened') {
      const { slotId, currency, category, title } = event;
      return { slotId, currency, category, title, cancelled: false };
    }
    if (row === undefined) throw new Error(`${event.type} of a slot that was never opened`);
    if (event.type === 'SlotCancelled') return { ...row, cancelled: true };
    if (event.type !== 'SlotChanged') return row;
    return { ...row, category: event.changes.category ?? row.category, title: event.changes.title ?? row.title };
  },
};

/** A row per booking, as the slot's own state has it, for as long as the log lasts. */
export const bookings: Projection = {
  name: 'bookings',
  version: 1,
  events: [
    'SlotOpened',
    'SlotChanged',
    'SlotCancelled',
    'BookingRequested',
    'SeatsHeld',
    'HoldExtended',
    'BookingChanged',
    'BookingConfirmed',
    'SeatsReleased',
    'BookingCancelled',
    'BookingExpired',
  ],
  tables: [bookingRows, bookedSlots],
};

function slotIdOf({ streamId }: FeedEvent): string {
  return slotIdOfStream(streamId) ?? '';
}

function requested(feedEvent: FeedEvent, event: BookingRequested): BookingRow {
  const { bookingId, customerId, span, reference } = event;
  return {
    bookingId,
    slotId: slotIdOf(feedEvent),
    customerId,
    status: 'REQUESTED',
    version: feedEvent.version,
    adjacent: false,
    claims: [],
    released: [],
    unitIds: [],
    total: 0,
    span,
    requestedAt: feedEvent.at,
    expiresAt: null,
    maxExpiresAt: null,
    confirmedAt: null,
    paymentReference: null,
    reference,
    metadata: event.personal.metadata,
  };
}

/** Of every booking that there is, so each property is named: two spreads of so many take longer than all the rest. */
function held(row: BookingRow, { claims, adjacent, requestedAt, expiresAt, maxExpiresAt }: SeatsHeld, version: number): BookingRow {
  return {
    bookingId: row.bookingId,
    slotId: row.slotId,
    customerId: row.customerId,
    status: 'HELD',
    version,
    adjacent,
    claims,
    released: row.released,
    unitIds: unitsWith(NONE, claims),
    total: totalOf(claims),
    span: row.span,
    requestedAt,
    expiresAt,
    maxExpiresAt,
    confirmedAt: row.confirmedAt,
    paymentReference: row.paymentReference,
    reference: row.reference,
    metadata: row.metadata,
  };
}

type LaterEvent = Exclude<Extract<SlotEvent, { readonly bookingId: string }>, BookingRequested | SeatsHeld>;

function changes(row: BookingRow, event: LaterEvent, feedEvent: FeedEvent, before: Lookup): Partial<BookingRow> {
  const { at } = feedEvent;
  switch (event.type) {
    case 'HoldExtended':
      return { expiresAt: event.expiresAt };
    case 'BookingChanged':
      return {
        adjacent: event.adjacent,
        claims: joined(without(row.claims, event.dropped), event.added),
        unitIds: unitsWith(row.unitIds, event.added),
        released: [...row.released, ...released(event.dropped, 'changed', at)],
      };
    case 'BookingConfirmed':
      return {
        status: 'CONFIRMED',
        claims: event.claims,
        released: [...row.released, ...released(event.released, 'not-confirmed', at)],
        confirmedAt: at,
        paymentReference: event.paymentReference,
      };
    case 'SeatsReleased':
      return { claims: without(row.claims, event.claims), released: [...row.released, ...released(event.claims, 'cancelled', at)] };
    case 'BookingCancelled': {
      const reason = before(BOOKED_SLOTS, [slotIdOf(feedEvent)])?.cancelled ? 'slot-cancelled' : 'cancelled';
      return { status: 'CANCELLED', claims: [], released: [...row.released, ...released(event.claims, reason, at)] };
    }
    case 'BookingExpired':
      return { status: 'EXPIRED', claims: [], released: [...row.released, ...released(event.claims, 'expired', at)] };
    default:
      return event satisfies never;
  }
}

function released(claims: readonly Claim[], reason: ReleaseReason, at: number) {
  return claims.map(({ unitId, quantity }) => ({ unitId, quantity, reason, at }));
}

function totalOf(claims: readonly Claim[]): number {
  let total = 0;
  for (const { amount } of claims) total += amount;
  return total;
}

function unitsWith(unitIds: readonly string[], claims: readonly Claim[]): readonly string[] {
  const [claim] = claims;
  if (claim !== undefined && claims.length === 1 && unitIds.length === 0) return [claim.unitId];
  return [...new Set([...unitIds, ...claims.map((claim) => claim.unitId)])];
}
