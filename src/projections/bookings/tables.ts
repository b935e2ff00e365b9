import type { SpanRequest } from '../../domain/axis.ts';
import type { BookingStatus, ReleasedClaim } from '../../domain/slot/booking.ts';
import type { Claim } from '../../domain/slot/events.ts';
import { column, nullable, type Table, text, word } from '../projection.ts';

export type BookingRow = {
  readonly bookingId: string;
  readonly slotId: string;
  readonly customerId: string;
  /** REQUESTED only between two events of one append; queries pass over it. */
  readonly status: BookingStatus | 'REQUESTED';
  readonly version: number;
  readonly adjacent: boolean;
  readonly claims: readonly Claim[];
  readonly released: readonly ReleasedClaim[];
  readonly unitIds: readonly string[];
  readonly total: number;
  readonly span: SpanRequest | null;
  readonly requestedAt: number;
  readonly expiresAt: number | null;
  readonly maxExpiresAt: number | null;
  readonly confirmedAt: number | null;
  readonly paymentReference: string | null;
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
};

export const BOOKINGS: Table<BookingRow> = {
  name: 'bookings',
  comment: 'One row per booking, finished ones included.',
  key: ['bookingId'],
  columns: {
    bookingId: word('Identifier of the booking; begins with that of its slot'),
    slotId: word('Slot that is booked'),
    customerId: word('Pseudonym of the customer'),
    status: word('REQUESTED, HELD, CONFIRMED, EXPIRED or CANCELLED'),
    version: column('integer', 'Version of the slot at the last event of the booking'),
    adjacent: column('boolean', 'Whether all numbered units are neighbours'),
    claims: column('json', 'What the booking has now: unit, quantity, span, price and amount'),
    released: column('json', 'What left the booking: unit, quantity, reason and instant in milliseconds since 1970 UTC'),
    unitIds: column('words', 'All units that the booking has or had'),
    total: column('integer', 'Sum of the amounts of its claims in minor units'),
    span: nullable('json', 'The span in the words of the customer; null for the whole slot'),
    requestedAt: column('instant', 'When the booking was asked for'),
    expiresAt: nullable('instant', 'When the hold lapses or lapsed'),
    maxExpiresAt: nullable('instant', 'No extension of the hold goes beyond'),
    confirmedAt: nullable('instant', 'When the booking was confirmed'),
    paymentReference: nullable('word', 'Payment that the booking was confirmed with'),
    reference: nullable('word', 'Reference of the customer'),
    metadata: column('json', 'Names and values of the customer'),
  },
  indexes: {
    bookings_of_customer: '(customer_id, requested_at DESC, booking_id DESC)',
    bookings_of_slot: '(slot_id, requested_at DESC, booking_id DESC)',
    bookings_by_time: '(requested_at DESC, booking_id DESC)',
    bookings_by_status: '(status, requested_at DESC, booking_id DESC)',
    bookings_by_reference: '(reference) WHERE reference IS NOT NULL',
    bookings_of_units: 'USING gin (unit_ids)',
    // The release process asks several times a second for holds that ran out and for cancelled slots.
    bookings_by_expiry: "(expires_at) WHERE status = 'HELD'",
    bookings_to_settle: "(slot_id) WHERE status IN ('HELD', 'CONFIRMED')",
  },
};

export type BookedSlotRow = {
  readonly slotId: string;
  readonly currency: string;
  readonly category: string;
  readonly title: string;
  readonly cancelled: boolean;
};

export const BOOKED_SLOTS: Table<BookedSlotRow> = {
  name: 'booked_slots',
  comment: 'What the answers about bookings need of their slots.',
  key: ['slotId'],
  columns: {
    slotId: word('Identifier of the slot'),
    currency: word('ISO 4217 code of the amounts of its bookings'),
    category: text('Line of business'),
    title: text('Name of the slot'),
    cancelled: column('boolean', 'Whether the slot was cancelled with all of its bookings'),
  },
  indexes: {
    booked_slots_cancelled: '(slot_id) WHERE cancelled',
  },
};
