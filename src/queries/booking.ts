import type { Booking } from '../domain/slot/booking.ts';
import { bookings } from '../projections/bookings/bookings.ts';
import { BOOKED_SLOTS, BOOKINGS, type BookingRow } from '../projections/bookings/tables.ts';
import type { ReadableBuild } from '../projections/builds/live-builds.ts';
import { selectList } from '../projections/table-sql.ts';
import type { BookingView, Read } from './answers.ts';
import { ask, prepared, type ViewSource } from './database.ts';

/** A booking's row beside its slot's currency. */
export interface BookingFound extends BookingRow {
  readonly currency: string;
}

/** Of a booking `b` with its slot's currency: looked up for each, so that no plan begins with all slots. */
export const bookingColumns = (build: ReadableBuild) =>
  `${selectList(BOOKINGS, 'b')}, (SELECT slot.currency FROM ${build.table(BOOKED_SLOTS)} slot WHERE slot.slot_id = b.slot_id) AS currency`;

/** One that is asked for but not yet held is none. */
const selectBooking = prepared(
  'booking',
  (build) => `
  SELECT ${build.position} AS "viewPosition", ${bookingColumns(build)} FROM (VALUES (1)) AS one(n)
    LEFT JOIN ${build.table(BOOKINGS)} b ON b.booking_id = $1 AND b.status <> 'REQUESTED'`,
);

/** One booking, finished or not. */
export async function booking(source: ViewSource, bookingId: string): Promise<Read<BookingView | null>> {
  const [found] = await ask<BookingFound & { viewPosition: number }>(source, bookings, selectBooking, [bookingId]);
  if (found === undefined) throw new Error('the statement answers one row, whether there is a booking or not');
  return { value: found.bookingId === null ? null : viewOf(found), position: found.viewPosition, source: 'postgres' };
}

export function viewOf(row: BookingFound): BookingView {
  const { status, expiresAt, maxExpiresAt } = row;
  if (status === 'REQUESTED' || expiresAt === null || maxExpiresAt === null) throw new Error(`booking ${row.bookingId} was never held`);
  const { bookingId, slotId, customerId, version, adjacent, claims, released, span, requestedAt, confirmedAt, paymentReference } = row;
  const { reference, metadata } = row;
  const identity = { bookingId, slotId, customerId, status, version, adjacent, claims, released, span };
  const value: Booking = { ...identity, requestedAt, expiresAt, maxExpiresAt, confirmedAt, paymentReference, reference, metadata };
  return { booking: value, currency: row.currency };
}
