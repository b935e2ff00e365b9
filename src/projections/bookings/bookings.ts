import type { ReleaseReason } from '../../domain/slot/booking.ts';
import { joined, without } from '../../domain/slot/claims.ts';
import type { BookingRequested, Claim, SlotEvent } from '../../domain/slot/events.ts';
import type { FeedEvent, Lookup, Projection, TableView } from '../projection.ts';
import { BOOKED_SLOTS, BOOKINGS, type BookedSlotRow, type BookingRow } from './tables.ts';

const bookingRows: TableView<BookingRow> = {
  table: BOOKINGS,
  keysOf: ({ event }) => ('bookingId' in event ? [[event.bookingId]] : []),
  makesNew: ({ event }) => event.type === 'BookingRequested',
  readsOf: (feedEvent) => (feedEvent.event.type === 'BookingCancelled' ? [{ table: BOOKED_SLOTS, key: [slotIdOf(feedEvent)] }] : []),
  evolve: (row, feedEvent, _key, before) => {
    const { event, version } = feedEvent;
    if (event.type === 'BookingRequested') return requested(feedEvent, event);
    if (row === undefined || !('bookingId' in event)) throw new Error(`${event.type} of a booking that was never asked for`);
    const changed: BookingRow = { ...row, ...changes(row, event, feedEvent, before), version };
    return { ...changed, total: changed.claims.reduce((sum, claim) => sum + claim.amount, 0) };
  },
};

/** What a booking's answer needs of its slot. */
const bookedSlots: TableView<BookedSlotRow> = {
  table: BOOKED_SLOTS,
  keysOf: (feedEvent) => (['SlotOpened', 'SlotChanged', 'SlotCancelled'].includes(feedEvent.event.type) ? [[slotIdOf(feedEvent)]] : []),
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
  return streamId.slice('slot-'.length);
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

type LaterEvent = Exclude<Extract<SlotEvent, { readonly bookingId: string }>, BookingRequested>;

function changes(row: BookingRow, event: LaterEvent, { at, streamId }: FeedEvent, before: Lookup): Partial<BookingRow> {
  switch (event.type) {
    case 'SeatsHeld': {
      const { claims, adjacent, requestedAt, expiresAt, maxExpiresAt } = event;
      return { status: 'HELD', claims, unitIds: unitsWith([], claims), adjacent, requestedAt, expiresAt, maxExpiresAt };
    }
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
      const reason = before(BOOKED_SLOTS, [streamId.slice('slot-'.length)])?.cancelled ? 'slot-cancelled' : 'cancelled';
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

function unitsWith(unitIds: readonly string[], claims: readonly Claim[]): readonly string[] {
  return [...new Set([...unitIds, ...claims.map((claim) => claim.unitId)])];
}
