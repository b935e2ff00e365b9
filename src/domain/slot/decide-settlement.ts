import { partOf, tooLate } from './booking-rules.ts';
import { without } from './claims.ts';
import type { SlotCommand } from './commands.ts';
import { type Ruling, refuse } from './ruling.ts';
import type { SlotState } from './state.ts';

/** A payment turns a hold, or the named part of it, into a sale; the rest of the hold is free again. */
export function decideConfirm(state: SlotState, command: Extract<SlotCommand, { type: 'ConfirmBooking' }>): Ruling {
  const booking = state.bookings.get(command.bookingId);
  if (booking === undefined) return refuse({ kind: 'booking-not-found' });
  const { bookingId, customerId } = booking;
  const { paymentReference } = command;
  // One payment confirms once: coming again with it is the same confirmation, whatever became of the slot since.
  if (booking.status === 'CONFIRMED' && booking.paymentReference === paymentReference)
    return { kind: 'events', events: [], bookingId, repeated: true };
  const late = tooLate(state, booking);
  if (late !== null) return late;
  if (booking.status === 'CONFIRMED') return refuse({ kind: 'already-confirmed', booking });
  const claims = command.units === null ? booking.claims : partOf(booking, command.units, '/units');
  if ('kind' in claims) return claims;
  const released = without(booking.claims, claims);
  return { kind: 'events', events: [{ type: 'BookingConfirmed', bookingId, customerId, paymentReference, claims, released }], bookingId };
}

/** Gives the booking, or the named part of it, back. What was cancelled before stays so without another event. */
export function decideCancel(state: SlotState, command: Extract<SlotCommand, { type: 'CancelBooking' }>): Ruling {
  const booking = state.bookings.get(command.bookingId);
  if (booking === undefined) return refuse({ kind: 'booking-not-found' });
  const { bookingId, customerId, status } = booking;
  switch (status) {
    case 'CANCELLED':
      return { kind: 'events', events: [], bookingId };
    case 'EXPIRED':
      return refuse({ kind: 'hold-expired', booking });
    case 'HELD':
    case 'CONFIRMED': {
      const claims = command.units === null ? booking.claims : partOf(booking, command.units, '/units');
      if ('kind' in claims) return claims;
      const type = without(booking.claims, claims).length === 0 ? 'BookingCancelled' : 'SeatsReleased';
      return {
        kind: 'events',
        events: [{ type, bookingId, customerId, claims, previousStatus: status, reason: command.reason }],
        bookingId,
      };
    }
    default:
      return status satisfies never;
  }
}

/** Lets a hold live so many seconds from now on: never shorter than it would, never beyond its cap. */
export function decideExtend(state: SlotState, command: Extract<SlotCommand, { type: 'ExtendHold' }>, now: number): Ruling {
  const booking = state.bookings.get(command.bookingId);
  if (booking === undefined) return refuse({ kind: 'booking-not-found' });
  const late = tooLate(state, booking);
  if (late !== null) return late;
  if (booking.status === 'CONFIRMED') return refuse({ kind: 'already-confirmed', booking });
  const { bookingId, customerId, claims, maxExpiresAt } = booking;
  const wanted = now + command.seconds * 1000;
  if (wanted > maxExpiresAt && booking.expiresAt >= maxExpiresAt) return refuse({ kind: 'hold-cap-reached', maxExpiresAt, booking });
  const expiresAt = Math.min(wanted, maxExpiresAt);
  if (expiresAt <= booking.expiresAt) return { kind: 'events', events: [], bookingId };
  return { kind: 'events', events: [{ type: 'HoldExtended', bookingId, customerId, claims, expiresAt }], bookingId };
}
