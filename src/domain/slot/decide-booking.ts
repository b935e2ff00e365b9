import type { Axis, SpanRequest } from '../axis.ts';
import { occupiedSpan } from '../resolve-span.ts';
import { areAdjacent } from '../seating-plan.ts';
import { capacityOf, type Unit, type UnitQuantity } from '../unit.ts';
import { allocate, orphansLeft } from './allocation.ts';
import type { Booking } from './booking.ts';
import { partOf, tooLate } from './booking-rules.ts';
import { joined, without } from './claims.ts';
import type { RequestBooking, SlotCommand } from './commands.ts';
import type { Claim, Selection, SlotEvent } from './events.ts';
import { claimAt, freeAt, type Offer, offerFor, offerOver, seating, totalOf, unavailableAt } from './offer.ts';
import type { UnavailableUnit } from './refusals.ts';
import { type Ruling, refuse, refuseField } from './ruling.ts';
import { headOf, type SlotState } from './state.ts';

/** "From now on" reaches the server a little later: a span may start so many milliseconds ago. */
const GRACE = 5 * 60_000;

/** Units of a slot that were chosen, by index. */
interface Chosen {
  readonly units: readonly { readonly index: number; readonly quantity: number }[];
  readonly adjacent: boolean;
}

export function decideRequest(state: SlotState, command: RequestBooking, now: number): Ruling {
  const head = headOf(state);
  if (head.status === 'CANCELLED') return refuse({ kind: 'slot-cancelled' });
  if (head.status === 'CLOSED') return refuse({ kind: 'slot-closed' });
  if ((head.salesFrom !== null && now < head.salesFrom) || (head.salesUntil !== null && now >= head.salesUntil))
    return refuse({ kind: 'not-on-sale' });
  const offer = offerFor(state, command.span);
  if ('kind' in offer) return offer;
  if (!head.policy.acceptPast && isOver(offer, now)) {
    return refuseField('in-the-past', command.span === null ? '' : '/span', 'this has begun or is over');
  }
  const tooMany = limitRefusal(
    state,
    quantityOf(command.selection),
    command.selection.kind === 'units' ? '/units' : '/bestAvailable/quantity',
  );
  if (tooMany !== null) return tooMany;
  const chosen = choose(offer, command.selection);
  if ('kind' in chosen) return chosen;
  const claims = chosen.units.map(({ index, quantity }) => claimAt(offer, index, quantity));
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

/** While a booking is held, some of its units go and others come; all of it or nothing. */
export function decideChangeBooking(state: SlotState, command: Extract<SlotCommand, { type: 'ChangeBooking' }>): Ruling {
  const booking = state.bookings.get(command.bookingId);
  if (booking === undefined) return refuse({ kind: 'booking-not-found' });
  const late = tooLate(state, booking);
  if (late !== null) return late;
  if (booking.status === 'CONFIRMED') return refuse({ kind: 'already-confirmed', booking });
  const dropped = partOf(booking, command.drop, '/drop');
  if ('kind' in dropped) return dropped;
  const twice = command.add.findIndex(
    ({ unitId }) => state.units.at(state.units.indexOf(unitId) ?? -1)?.capacity === undefined && keeps(booking, dropped, unitId),
  );
  if (twice >= 0) return refuseField('invalid-input', `/add/${twice}`, 'the booking has this unit already');
  const offer = offerOfBooking(state, booking);
  const chosen = chooseNamed(offer, command.add, '/add', dropped);
  if ('kind' in chosen)
    return 'refusal' in chosen && chosen.refusal.kind === 'seats-taken' ? refuse({ ...chosen.refusal, booking }) : chosen;
  const added = chosen.units.map(({ index, quantity }) => addedClaim(offer, booking, index, quantity));
  const claims = joined(without(booking.claims, dropped), added);
  if (claims.length === 0) return refuseField('invalid-input', '/drop', 'a booking keeps at least one unit: cancel it instead');
  const tooMany = limitRefusal(
    state,
    claims.reduce((sum, claim) => sum + claim.quantity, 0),
    '/add',
  );
  if (tooMany !== null) return tooMany;
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

function choose(offer: Offer, selection: Selection): Chosen | Ruling {
  if (selection.kind === 'units') return chooseNamed(offer, selection.units, '/units', []);
  const { plan, freeRuns } = seating(offer);
  const { orphanSeats } = headOf(offer.state).policy;
  const found = allocate(plan, selection, (index) => freeAt(offer, index), {
    orphanPolicy: orphanSeats,
    ...(freeRuns === null ? {} : { freeRuns }),
  });
  switch (found.kind) {
    case 'allocated':
      return { units: found.units, adjacent: found.adjacent };
    case 'sold-out':
    case 'not-adjacent':
      return refuse({ kind: found.kind });
    case 'would-leave-orphan':
      return refuse({ kind: 'would-leave-orphan', orphans: unitIds(offer, found.orphans) });
  }
}

/** Exactly these units; `givenBack` are claims that the same decision frees. */
function chooseNamed(offer: Offer, units: readonly UnitQuantity[], pointer: string, givenBack: readonly Claim[]): Chosen | Ruling {
  const { state } = offer;
  const chosen: { index: number; quantity: number }[] = [];
  const unavailable: UnavailableUnit[] = [];
  for (const [position, { unitId, quantity }] of units.entries()) {
    const index = state.units.indexOf(unitId);
    if (index === undefined) return refuseField('unknown-unit', `${pointer}/${position}`, `the slot has no unit "${unitId}"`);
    const unit = state.units.at(index) as Unit;
    if (quantity > capacityOf(unit)) {
      return refuseField(
        'invalid-input',
        `${pointer}/${position}/quantity`,
        unit.capacity === undefined ? 'a numbered unit is one' : `the unit has only ${unit.capacity}`,
      );
    }
    if (freeWith(offer, index, givenBack) < quantity) unavailable.push(unavailableAt(offer, index));
    chosen.push({ index, quantity });
  }
  if (unavailable.length > 0) return refuse({ kind: 'seats-taken', unavailable });
  const { plan } = seating(offer);
  const indexes = chosen.map(({ index }) => index);
  if (headOf(state).policy.orphanSeats === 'forbid') {
    const orphans = orphansLeft(plan, (index) => freeWith(offer, index, givenBack), new Set(indexes));
    if (orphans.length > 0) return refuse({ kind: 'would-leave-orphan', orphans: unitIds(offer, orphans) });
  }
  return { units: chosen, adjacent: areAdjacent(plan, indexes) };
}

/** What is free of the unit once the claims are given back. */
function freeWith(offer: Offer, index: number, givenBack: readonly Claim[]): number {
  const free = freeAt(offer, index);
  if (givenBack.length === 0) return free;
  const unitId = offer.state.units.at(index)?.unitId;
  return free + (givenBack.find((claim) => claim.unitId === unitId)?.quantity ?? 0);
}

function unitIds(offer: Offer, indexes: readonly number[]): readonly string[] {
  return indexes.map((index) => (offer.state.units.at(index) as Unit).unitId);
}

function quantityOf(selection: Selection): number {
  return selection.kind === 'bestAvailable' ? selection.quantity : selection.units.reduce((sum, unit) => sum + unit.quantity, 0);
}

function limitRefusal(state: SlotState, quantity: number, pointer: string): Ruling | null {
  const limit = headOf(state).policy.maxUnitsPerBooking;
  if (quantity <= limit) return null;
  return refuse({ kind: 'limit-exceeded', limit, fault: { pointer, message: `a booking has at most ${limit} units here` } });
}

/** A whole slot can be booked until it ends, a trip until it leaves the customer's stop, a time until shortly after its start. */
function isOver(offer: Offer, now: number): boolean {
  if (offer.extent === null) return false;
  switch (headOf(offer.state).axis.type) {
    case 'whole':
      return offer.extent.to <= now;
    case 'stops':
      return offer.extent.from < now;
    case 'time':
      return offer.extent.from + GRACE < now;
  }
}
