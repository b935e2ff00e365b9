import { occupiedSpan } from '../resolve-span.ts';
import { areAdjacent } from '../seating-plan.ts';
import type { Booking } from './booking.ts';
import { partOf, tooLate } from './booking-rules.ts';
import { chooseNamed, limitRefusal, sizeRefusal } from './choose.ts';
import { joined, without } from './claims.ts';
import type { SlotCommand } from './commands.ts';
import type { Claim } from './events.ts';
import { claimAt, type Offer, offerOver, seating, totalOf } from './offer.ts';
import { closedToHolds, pastRefusal } from './on-sale.ts';
import { type Ruling, refuse, refuseField } from './ruling.ts';
import { headOf, type SlotState } from './state.ts';

/**
 * How often a booking may have given something up and still change: nobody who chooses seats does so as often. It is
 * answered, stored and, with each change, copied with all of it: 80 kB at this bound.
 */
const MAX_RELEASED = 1_000;

/** While a booking is held, some of its units go and others come; all of it or nothing. */
export function decideChangeBooking(state: SlotState, command: Extract<SlotCommand, { type: 'ChangeBooking' }>, now: number): Ruling {
  const booking = state.bookings.get(command.bookingId);
  if (booking === undefined) return refuse({ kind: 'booking-not-found' });
  const late = tooLate(state, booking);
  if (late !== null) return late;
  if (booking.status === 'CONFIRMED') return refuse({ kind: 'already-confirmed', booking });
  const dropped = partOf(booking, command.drop, '/drop');
  if ('kind' in dropped) return dropped;
  const restless = releasedRefusal(booking, command.drop.length > 0 ? '/drop' : '/add');
  if (restless !== null) return restless;
  const twice = command.add.findIndex(
    ({ unitId }) => state.units.at(state.units.indexOf(unitId) ?? -1)?.capacity === undefined && keeps(booking, dropped, unitId),
  );
  if (twice >= 0) return refuseField('invalid-input', `/add/${twice}`, 'the booking has this unit already');
  const offer = offerOfBooking(state, booking);
  // Giving seats up is always possible; taking others is a hold like any other.
  const closed = command.add.length === 0 ? null : (closedToHolds(state, now) ?? pastRefusal(offer, now, '/add'));
  if (closed !== null) return withBooking(closed, booking);
  const chosen = chooseNamed(offer, command.add, '/add', dropped);
  if ('kind' in chosen) return withBooking(chosen, booking);
  const added = chosen.units.map(({ index, quantity }) => addedClaim(offer, booking, index, quantity));
  const claims = joined(without(booking.claims, dropped), added);
  if (claims.length === 0) return refuseField('invalid-input', '/drop', 'a booking keeps at least one unit: cancel it instead');
  // Of a booking beyond a bound, which may be younger than the booking, units can still be given up.
  const beyond = added.length === 0 ? null : (limitRefusal(state, quantityOf(claims), '/add') ?? sizeRefusal(claims, '/add'));
  if (beyond !== null) return beyond;
  const total = totalOf(claims);
  if (!Number.isSafeInteger(total)) return refuseField('invalid-input', '/add', 'the price of this is beyond any amount of money');
  if (command.expectedTotal !== null && command.expectedTotal !== total) {
    return refuse({ kind: 'price-changed', expectedTotal: command.expectedTotal, total, booking });
  }
  if (added.length === 0 && dropped.length === 0) return { kind: 'events', events: [], bookingId: booking.bookingId };
  const { bookingId, customerId, expiresAt } = booking;
  const adjacent = areAdjacent(
    seating(offer).plan,
    claims.map((claim) => state.units.indexOf(claim.unitId) as number),
  );
  return { kind: 'events', events: [{ type: 'BookingChanged', bookingId, customerId, added, dropped, adjacent, expiresAt }], bookingId };
}

/** Refuses to change what has changed too often; it can still be confirmed, extended and cancelled, in parts as well. */
function releasedRefusal({ released }: Booking, pointer: string): Ruling | null {
  if (released.length < MAX_RELEASED) return null;
  const message = `a booking that has given up units ${MAX_RELEASED} times changes no more`;
  return refuse({ kind: 'limit-exceeded', limit: MAX_RELEASED, fault: { pointer, message } });
}

function quantityOf(claims: readonly Claim[]): number {
  return claims.reduce((sum, { quantity }) => sum + quantity, 0);
}

/** What speaks against a change shows the booking as it stands, so that the customer need not ask for it. */
function withBooking(ruling: Ruling, booking: Booking): Ruling {
  if (ruling.kind !== 'refused') return ruling;
  const { refusal } = ruling;
  switch (refusal.kind) {
    case 'seats-taken':
    case 'slot-closed':
    case 'not-on-sale':
      return refuse({ ...refusal, booking });
    default:
      return ruling;
  }
}

function offerOfBooking(state: SlotState, booking: Booking): Offer {
  const { from, to } = booking.claims[0] as Claim;
  return offerOver(state, { kind: 'resolved', span: { from, to }, occupied: occupiedSpan(headOf(state).axis, { from, to }) });
}

/** More of a unit that the booking has is priced as the booking was; another unit at today's price. */
function addedClaim(offer: Offer, booking: Booking, index: number, quantity: number): Claim {
  const claim = claimAt(offer, index, quantity);
  const same = booking.claims.find((candidate) => candidate.unitId === claim.unitId);
  return same === undefined ? claim : { ...same, quantity, amount: (same.amount / same.quantity) * quantity };
}

function keeps(booking: Booking, dropped: readonly Claim[], unitId: string): boolean {
  return booking.claims.some((claim) => claim.unitId === unitId) && !dropped.some((claim) => claim.unitId === unitId);
}
