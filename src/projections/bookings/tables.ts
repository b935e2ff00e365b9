import type { SpanRequest } from '../../domain/axis.ts';
import type { BookingStatus, ReleasedClaim } from '../../domain/slot/booking.ts';
import type { Claim } from '../../domain/slot/events.ts';
import { column, nullable, type Table, text } from '../projection.ts';

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
  name: 'holdfast_views.bookings',
  key: ['bookingId'],
  columns: {
    bookingId: text('Identifier of the booking; begins with that of its slot'),
    slotId: text('Slot that is booked'),
    customerId: text('Pseudonym of the customer'),
    status: text('REQUESTED, HELD, CONFIRMED, EXPIRED or CANCELLED'),
    version: column('integer', 'Version of the slot at the last event of the booking'),
    adjacent: column('boolean', 'Whether all numbered units are neighbours'),
    claims: column('json', 'What the booking has now: unit, quantity, span, price and amount'),
    released: column('json', 'What left the booking: unit, quantity, reason and instant in milliseconds since 1970 UTC'),
    unitIds: column('texts', 'All units that the booking has or had'),
    total: column('integer', 'Sum of the amounts of its claims in minor units'),
    span: nullable('json', 'The span in the words of the customer; null for the whole slot'),
    requestedAt: column('instant', 'When the booking was asked for'),
    expiresAt: nullable('instant', 'When the hold lapses or lapsed'),
    maxExpiresAt: nullable('instant', 'No extension of the hold goes beyond'),
    confirmedAt: nullable('instant', 'When the booking was confirmed'),
    paymentReference: nullable('text', 'Payment that the booking was confirmed with'),
    reference: nullable('text', 'Reference of the customer'),
    metadata: column('json', 'Names and values of the customer'),
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
  name: 'holdfast_views.booked_slots',
  key: ['slotId'],
  columns: {
    slotId: text('Identifier of the slot'),
    currency: text('ISO 4217 code of the amounts of its bookings'),
    category: text('Line of business'),
    title: text('Name of the slot'),
    cancelled: column('boolean', 'Whether the slot was cancelled with all of its bookings'),
  },
};
