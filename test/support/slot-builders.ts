import type { Axis, SpanRequest } from '../../src/domain/axis.ts';
import type { OpenSlot, RequestBooking, SlotCommand, UnitSelection } from '../../src/domain/slot/commands.ts';
import type { BookingRequested, Claim, SeatsHeld, Selection, SlotEvent, SlotOpened, SlotPolicy } from '../../src/domain/slot/events.ts';
import type { Unit } from '../../src/domain/unit.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** When things happen in the tests unless they say otherwise. */
export const NOW = Date.parse('2027-01-10T12:00:00Z');
export const STARTS = Date.parse('2027-01-15T19:30:00Z');
export const ENDS = Date.parse('2027-01-15T22:30:00Z');

export const POLICY: SlotPolicy = {
  holdSeconds: 600,
  maxHoldSeconds: 1800,
  maxUnitsPerBooking: 10,
  orphanSeats: 'allow',
  acceptPast: false,
};

/** A numbered seat `A1` of row A; its price is 4500 unless given. */
export function seat(unitId: string, more: Partial<Unit> = {}): Unit {
  return { unitId, category: 'gold', price: 4500, section: 'Stalls', row: unitId.slice(0, 1), number: unitId.slice(1), ...more };
}

/** So many seats of row A: A1, A2, … */
export function seats(count: number, more: Partial<Unit> = {}): readonly Unit[] {
  return Array.from({ length: count }, (_, index) => seat(`A${index + 1}`, more));
}

/** Standing places without numbers, at 500 each. */
export function yard(capacity: number, more: Partial<Unit> = {}): Unit {
  return { unitId: 'yard', category: 'standing', price: 500, capacity, ...more };
}

/** A trip with so many stops S0, S1, …, an hour apart; it leaves the first at STARTS. */
export function stopsAxis(count: number): Axis {
  const stops = Array.from({ length: count }, (_, index) => ({
    stopId: `S${index}`,
    arrivesAt: STARTS + index * HOUR - MINUTE,
    departsAt: STARTS + index * HOUR,
  }));
  return { type: 'stops', stops };
}

export function stops(from: number, to: number): SpanRequest {
  return { fromStop: `S${from}`, toStop: `S${to}` };
}

/** A show with seats A1 to A4 and ten standing places, unless told otherwise. */
export function openSlot(more: Partial<OpenSlot> = {}): OpenSlot {
  const axis = more.axis ?? { type: 'whole' };
  return {
    type: 'OpenSlot',
    slotId: 'hamlet',
    category: 'theatre',
    title: 'Hamlet',
    venue: null,
    startsAt: axis.type === 'time' ? null : STARTS,
    endsAt: axis.type === 'time' ? null : ENDS,
    timeZone: 'Europe/London',
    currency: 'GBP',
    status: 'OPEN',
    salesFrom: null,
    salesUntil: null,
    reference: null,
    metadata: {},
    axis,
    layoutId: null,
    prices: null,
    units: [...seats(4), yard(10)],
    policy: POLICY,
    ...more,
  };
}

/** The event that opening such a slot makes. */
export function opened(more: Partial<OpenSlot> = {}): SlotOpened {
  return { ...openSlot(more), type: 'SlotOpened' };
}

/** A claim of one, at the price of a seat, on the whole slot unless told otherwise. */
export function claim(unitId: string, more: Partial<Claim> = {}): Claim {
  const { quantity = 1, from = 0, to = 1, price = unitId === 'yard' ? 500 : 4500 } = more;
  return { unitId, quantity, from, to, price, amount: more.amount ?? price * quantity };
}

export function requested(bookingId: string, claims: readonly Claim[], more: Partial<BookingRequested> = {}): BookingRequested {
  const units = claims.map(({ unitId, quantity }) => ({ unitId, quantity }));
  return {
    type: 'BookingRequested',
    bookingId,
    customerId: 'c-17',
    asked: { kind: 'units', units },
    span: null,
    from: claims[0]?.from ?? 0,
    to: claims[0]?.to ?? 1,
    expectedTotal: null,
    reference: null,
    personal: { metadata: {} },
    ...more,
  };
}

export function seatsHeld(bookingId: string, claims: readonly Claim[], more: Partial<SeatsHeld> = {}): SeatsHeld {
  return {
    type: 'SeatsHeld',
    bookingId,
    customerId: 'c-17',
    claims,
    adjacent: true,
    requestedAt: NOW,
    expiresAt: NOW + 10 * MINUTE,
    maxExpiresAt: NOW + 30 * MINUTE,
    ...more,
  };
}

/** A booking that was asked for and held at NOW: the two events of an accepted hold. */
export function held(
  bookingId: string,
  claims: readonly Claim[],
  more: Partial<SeatsHeld> = {},
  asked: Partial<BookingRequested> = {},
): readonly SlotEvent[] {
  return [requested(bookingId, claims, asked), seatsHeld(bookingId, claims, more)];
}

export function confirmed(
  bookingId: string,
  claims: readonly Claim[],
  released: readonly Claim[] = [],
  paymentReference = 'pay-1',
): SlotEvent {
  return { type: 'BookingConfirmed', bookingId, customerId: 'c-17', paymentReference, claims, released };
}

export function expired(bookingId: string, claims: readonly Claim[], expiresAt = NOW + 10 * MINUTE): SlotEvent {
  return { type: 'BookingExpired', bookingId, customerId: 'c-17', claims, expiresAt };
}

export function cancelled(
  bookingId: string,
  claims: readonly Claim[],
  previousStatus: 'HELD' | 'CONFIRMED' = 'HELD',
  reason: string | null = null,
): SlotEvent {
  return { type: 'BookingCancelled', bookingId, customerId: 'c-17', claims, previousStatus, reason };
}

/** `'A1'` or `['yard', 3]`. */
export type Wanted = string | readonly [string, number];

export function quantities(wanted: readonly Wanted[]): readonly { readonly unitId: string; readonly quantity: number }[] {
  return wanted.map((unit) => (typeof unit === 'string' ? { unitId: unit, quantity: 1 } : { unitId: unit[0], quantity: unit[1] }));
}

/** Of units that a booking has: by its id alone all of one. */
function selections(wanted: readonly Wanted[]): readonly UnitSelection[] {
  return wanted.map((unit) => (typeof unit === 'string' ? { unitId: unit } : { unitId: unit[0], quantity: unit[1] }));
}

/** A request for these units. */
export function book(bookingId: string, wanted: readonly Wanted[], more: Partial<RequestBooking> = {}): RequestBooking {
  return request(bookingId, { kind: 'units', units: quantities(wanted) }, more);
}

/** A request for the best there are. */
export function bookBest(
  bookingId: string,
  quantity: number,
  best: Partial<Extract<Selection, { kind: 'bestAvailable' }>> = {},
  more: Partial<RequestBooking> = {},
): RequestBooking {
  return request(bookingId, { kind: 'bestAvailable', quantity, category: null, adjacent: null, accessible: 0, ...best }, more);
}

function request(bookingId: string, selection: Selection, more: Partial<RequestBooking>): RequestBooking {
  return {
    type: 'RequestBooking',
    bookingId,
    customerId: 'c-17',
    selection,
    span: null,
    expectedTotal: null,
    reference: null,
    metadata: {},
    confirm: null,
    ...more,
  };
}

export function confirm(bookingId: string, paymentReference = 'pay-1', units: readonly Wanted[] | null = null): SlotCommand {
  return { type: 'ConfirmBooking', bookingId, paymentReference, units: units === null ? null : selections(units) };
}

export function cancel(bookingId: string, units: readonly Wanted[] | null = null, reason: string | null = null): SlotCommand {
  return { type: 'CancelBooking', bookingId, units: units === null ? null : selections(units), reason };
}

export function change(
  bookingId: string,
  { add = [], drop = [], expectedTotal = null }: { add?: readonly Wanted[]; drop?: readonly Wanted[]; expectedTotal?: number | null },
): SlotCommand {
  return { type: 'ChangeBooking', bookingId, add: quantities(add), drop: selections(drop), expectedTotal };
}
