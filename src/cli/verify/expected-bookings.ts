import type { Booking } from '../../domain/slot/booking.ts';
import { headOf, type SlotState } from '../../domain/slot/state.ts';
import type { BookedSlotRow, BookingRow } from '../../projections/bookings/tables.ts';
import type { ExpectedRow } from './compare-rows.ts';

/** The row of a booking, as the slot's state has it. Which units it ever had is no list with an order: see `sortedUnitIds`. */
export function bookingRow(booking: Booking): Omit<BookingRow, 'unitIds'> & { readonly unitIds: readonly string[] } {
  const { claims, released } = booking;
  return {
    ...booking,
    unitIds: [...new Set([...claims, ...released].map(({ unitId }) => unitId))].sort(),
    total: claims.reduce((sum, claim) => sum + claim.amount, 0),
  };
}

/** A request whose hold is the next event: readers pass over its row. */
export function requestedRow(state: SlotState): readonly ExpectedRow[] {
  if (state.requested === null) return [];
  const { bookingId, customerId } = state.requested;
  return [{ bookingId, customerId, slotId: state.slotId, status: 'REQUESTED', version: state.version }];
}

/** The actual row with its units in the same order as the expected one's. */
export function withSortedUnitIds(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Array.isArray(row.unitIds) ? { ...row, unitIds: [...row.unitIds].sort() } : row;
}

export function bookedSlotRow(state: SlotState): BookedSlotRow {
  const { currency, category, title, status } = headOf(state);
  return { slotId: state.slotId, currency, category, title, cancelled: status === 'CANCELLED' };
}
