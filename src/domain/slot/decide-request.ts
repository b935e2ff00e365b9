import type { Axis, SpanRequest } from '../axis.ts';
import { choose, limitRefusal, quantityOf, sizeRefusal } from './choose.ts';
import type { RequestBooking } from './commands.ts';
import type { Claim, SlotEvent } from './events.ts';
import { claimAt, type Offer, offerFor, totalOf } from './offer.ts';
import { closedToHolds, pastRefusal } from './on-sale.ts';
import { type Ruling, refuse, refuseField } from './ruling.ts';
import { headOf, type SlotState } from './state.ts';

/** A new booking: its units are chosen here, where nobody can be quicker, and held at today's price; all or nothing. */
export function decideRequest(state: SlotState, command: RequestBooking, now: number): Ruling {
  const closed = closedToHolds(state, now);
  if (closed !== null) return closed;
  const offer = offerFor(state, command.span);
  if ('kind' in offer) return offer;
  const past = pastRefusal(offer, now, command.span === null ? '' : '/span');
  if (past !== null) return past;
  const pointer = command.selection.kind === 'units' ? '/units' : '/bestAvailable/quantity';
  const tooMany = limitRefusal(state, quantityOf(command.selection), pointer);
  if (tooMany !== null) return tooMany;
  const chosen = choose(offer, command.selection);
  if ('kind' in chosen) return chosen;
  const claims = chosen.units.map(({ index, quantity }) => claimAt(offer, index, quantity));
  const tooLarge = sizeRefusal(claims, pointer);
  if (tooLarge !== null) return tooLarge;
  const total = totalOf(claims);
  if (!Number.isSafeInteger(total)) return refuseField('invalid-input', '/span', 'the price of this is beyond any amount of money');
  if (command.expectedTotal !== null && command.expectedTotal !== total) {
    return refuse({ kind: 'price-changed', expectedTotal: command.expectedTotal, total });
  }
  return { kind: 'events', events: heldEvents(command, offer, claims, chosen.adjacent, now), bookingId: command.bookingId };
}

function heldEvents(command: RequestBooking, offer: Offer, claims: readonly Claim[], adjacent: boolean, now: number): readonly SlotEvent[] {
  const { bookingId, customerId, selection, expectedTotal, reference, metadata } = command;
  const span = command.span ?? wholeTrip(headOf(offer.state).axis);
  const { holdSeconds, maxHoldSeconds } = headOf(offer.state).policy;
  const { from, to } = offer.span;
  const events: SlotEvent[] = [
    { type: 'BookingRequested', bookingId, customerId, asked: selection, span, from, to, expectedTotal, reference, personal: { metadata } },
    {
      type: 'SeatsHeld',
      bookingId,
      customerId,
      claims,
      adjacent,
      requestedAt: now,
      expiresAt: now + holdSeconds * 1000,
      maxExpiresAt: now + maxHoldSeconds * 1000,
    },
  ];
  if (command.confirm !== null) {
    const { paymentReference } = command.confirm;
    events.push({ type: 'BookingConfirmed', bookingId, customerId, paymentReference, claims, released: [] });
  }
  return events;
}

/** On a trip that is booked from end to end without saying so, its ends; null where a slot is sold as a whole. */
function wholeTrip(axis: Axis): SpanRequest | null {
  if (axis.type !== 'stops') return null;
  const [first, last] = [axis.stops[0], axis.stops.at(-1)];
  return first === undefined || last === undefined ? null : { fromStop: first.stopId, toStop: last.stopId };
}
