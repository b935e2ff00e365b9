import { NOTHING_TAKEN, type Usage, withoutUsage } from '../profile.ts';
import { occupiedSpan } from '../resolve-span.ts';
import type { Unit } from '../unit.ts';
import { UnitTable } from '../unit-table.ts';
import type { Booking, ReleaseReason } from './booking.ts';
import { joined, without } from './claims.ts';
import type { Block, Claim, SlotEvent, SlotOpened, UnitChange } from './events.ts';
import { forgetFinished, retireLater } from './retirement.ts';
import { bookingOf, headOf, type SlotState } from './state.ts';

/** An event with what its metadata says that the state needs. */
export interface SlotFact {
  readonly event: SlotEvent;
  /** Stream time in epoch milliseconds. */
  readonly at: number;
  readonly commandId: string | null;
  readonly commandHash: string | null;
}

/** Adds the next event of the slot's stream to its state. Never refuses: what is in the log has happened. */
export function evolve(state: SlotState, fact: SlotFact): void {
  state.version += 1;
  state.lastEventAt = Math.max(state.lastEventAt, fact.at);
  apply(state, fact.event, fact.at);
  rememberCommand(state, fact);
  forgetFinished(state);
}

function apply(state: SlotState, event: SlotEvent, at: number): void {
  switch (event.type) {
    case 'SlotOpened':
      open(state, event);
      return;
    case 'UnitsAdded':
      state.replaceUnits(state.units.withAdded(event.units));
      return;
    case 'UnitsChanged':
      changeUnits(state, event.changes);
      shrink(state, at);
      return;
    case 'UnitsBlocked':
      block(state, event.blocks, 1);
      return;
    case 'UnitsUnblocked':
      block(state, event.blocks, -1);
      return;
    case 'UnitsWithdrawn':
      withdraw(state, event.units);
      shrink(state, at);
      return;
    case 'SlotChanged':
      state.head = { ...headOf(state), ...event.changes };
      // Times decide whether a unit with a limited availability is free.
      state.replaceUnits(state.units);
      return;
    case 'SlotClosed':
      state.head = { ...headOf(state), status: 'CLOSED' };
      return;
    case 'SlotReopened':
      state.head = { ...headOf(state), status: 'OPEN' };
      return;
    case 'SlotCancelled':
      state.head = { ...headOf(state), status: 'CANCELLED' };
      return;
    case 'CommandAcknowledged':
      return;
    case 'BookingRequested':
      state.requested = event;
      return;
    case 'SeatsHeld':
      hold(state, event);
      return;
    case 'HoldExtended':
      state.expiries.add(event.bookingId, event.expiresAt);
      change(state, event.bookingId, { expiresAt: event.expiresAt });
      return;
    case 'BookingChanged': {
      const booking = bookingOf(state, event.bookingId);
      occupy(state, event.dropped, 'held', -1);
      occupy(state, event.added, 'held', 1);
      change(state, event.bookingId, {
        adjacent: event.adjacent,
        claims: joined(without(booking.claims, event.dropped), event.added),
        released: [...booking.released, ...released(event.dropped, 'changed', at)],
      });
      return;
    }
    case 'BookingConfirmed': {
      const booking = bookingOf(state, event.bookingId);
      occupy(state, event.released, 'held', -1);
      occupy(state, event.claims, 'held', -1);
      occupy(state, event.claims, 'sold', 1);
      change(state, event.bookingId, {
        status: 'CONFIRMED',
        claims: event.claims,
        released: [...booking.released, ...released(event.released, 'not-confirmed', at)],
        confirmedAt: at,
        paymentReference: event.paymentReference,
      });
      return;
    }
    case 'SeatsReleased': {
      const booking = bookingOf(state, event.bookingId);
      occupy(state, event.claims, usageOf(event.previousStatus), -1);
      change(state, event.bookingId, {
        claims: without(booking.claims, event.claims),
        released: [...booking.released, ...released(event.claims, 'cancelled', at)],
      });
      return;
    }
    case 'BookingCancelled':
      occupy(state, event.claims, usageOf(event.previousStatus), -1);
      finish(state, event, state.head?.status === 'CANCELLED' ? 'slot-cancelled' : 'cancelled', 'CANCELLED', at);
      return;
    case 'BookingExpired':
      occupy(state, event.claims, 'held', -1);
      finish(state, event, 'expired', 'EXPIRED', at);
      return;
    default:
      event satisfies never;
  }
}

function open(state: SlotState, event: SlotOpened): void {
  const { type: _type, slotId: _slotId, units, ...head } = event;
  state.head = head;
  const base = event.layoutId === null ? UnitTable.empty() : UnitTable.ofLayout(state.layouts(event.layoutId), event.prices);
  state.replaceUnits(units.length === 0 ? base : base.withAdded(units));
}

function hold(state: SlotState, event: Extract<SlotEvent, { type: 'SeatsHeld' }>): void {
  const request = state.requested;
  if (request === null || request.bookingId !== event.bookingId) throw new Error(`hold ${event.bookingId} follows no request`);
  state.requested = null;
  occupy(state, event.claims, 'held', 1);
  state.expiries.add(event.bookingId, event.expiresAt);
  state.bookings.set(event.bookingId, {
    bookingId: event.bookingId,
    slotId: state.slotId,
    customerId: event.customerId,
    status: 'HELD',
    version: state.version,
    adjacent: event.adjacent,
    claims: event.claims,
    released: NOTHING_RELEASED,
    span: request.span,
    requestedAt: event.requestedAt,
    expiresAt: event.expiresAt,
    maxExpiresAt: event.maxExpiresAt,
    confirmedAt: null,
    paymentReference: null,
    reference: request.reference,
    metadata: isEmpty(request.personal.metadata) ? NO_METADATA : request.personal.metadata,
  });
}

// Most bookings have neither, and a process has hundreds of thousands of them.
const NOTHING_RELEASED: Booking['released'] = Object.freeze([]);
const NO_METADATA: Booking['metadata'] = Object.freeze({});

function isEmpty(metadata: Booking['metadata']): boolean {
  for (const _ in metadata) return false;
  return true;
}

function change(state: SlotState, bookingId: string, changes: Partial<Booking>): void {
  state.bookings.set(bookingId, { ...bookingOf(state, bookingId), ...changes, version: state.version });
}

function finish(
  state: SlotState,
  event: { readonly bookingId: string; readonly claims: readonly Claim[] },
  reason: ReleaseReason,
  status: 'CANCELLED' | 'EXPIRED',
  at: number,
): void {
  const booking = bookingOf(state, event.bookingId);
  change(state, event.bookingId, { status, claims: [], released: [...booking.released, ...released(event.claims, reason, at)] });
  retireLater(state, { at, bookingId: event.bookingId, commandId: null });
}

function occupy(state: SlotState, claims: readonly Claim[], usage: Usage, sign: 1 | -1): void {
  const { axis } = headOf(state);
  for (const claim of claims) use(state, claim.unitId, occupiedSpan(axis, claim), usage, sign * claim.quantity);
}

function block(state: SlotState, blocks: readonly Block[], sign: 1 | -1): void {
  for (const piece of blocks) use(state, piece.unitId, piece, 'blocked', sign * piece.quantity);
}

function use(state: SlotState, unitId: string, span: { readonly from: number; readonly to: number }, usage: Usage, quantity: number): void {
  // A unit withdrawn after its last rental keeps its history, from which a cancellation may still take.
  const index = state.units.placeOf(unitId);
  if (index === undefined) throw new Error(`unit ${unitId} was never part of slot ${state.slotId}`);
  state.profiles.use(index, span, usage, quantity);
}

function changeUnits(state: SlotState, changes: readonly UnitChange[]): void {
  const replacements = new Map<number, Unit | null>();
  for (const change of changes) {
    const { index, unit } = standing(state, replacements, change.unitId);
    replacements.set(index, { ...unit, ...change });
  }
  state.replaceUnits(state.units.withReplaced(replacements));
}

function withdraw(state: SlotState, units: Extract<SlotEvent, { type: 'UnitsWithdrawn' }>['units']): void {
  const replacements = new Map<number, Unit | null>();
  for (const { unitId, quantity } of units) {
    const { index, unit } = standing(state, replacements, unitId);
    if (unit.capacity !== undefined && unit.capacity > quantity) {
      const price = replacements.has(index) ? unit.price : state.units.priceAt(index);
      replacements.set(index, { ...unit, capacity: unit.capacity - quantity, ...(price === undefined ? {} : { price }) });
      continue;
    }
    state.takeProfile(index, withoutUsage(state.profiles.get(index) ?? NOTHING_TAKEN, 'blocked'));
    replacements.set(index, null);
  }
  state.replaceUnits(state.units.withReplaced(replacements));
}

/** The unit as what came before it in the same event has left it. */
function standing(state: SlotState, replacements: ReadonlyMap<number, Unit | null>, unitId: string): { index: number; unit: Unit } {
  const index = state.units.indexOf(unitId);
  const replaced = index === undefined ? null : replacements.get(index);
  if (index === undefined || replaced === null) throw new Error(`unit ${unitId} is not part of slot ${state.slotId}`);
  return { index, unit: replaced ?? (state.units.at(index) as Unit) };
}

function shrink(state: SlotState, at: number): void {
  if (headOf(state).axis.type === 'time') state.shrunkAt = at;
}

function released(claims: readonly Claim[], reason: ReleaseReason, at: number) {
  return claims.map(({ unitId, quantity }) => ({ unitId, quantity, reason, at }));
}

function usageOf(status: 'HELD' | 'CONFIRMED'): Usage {
  return status === 'HELD' ? 'held' : 'sold';
}

function bookingNamedBy(event: SlotEvent): string | null {
  if (event.type === 'CommandAcknowledged') return event.onBooking;
  return 'bookingId' in event ? event.bookingId : null;
}

function rememberCommand(state: SlotState, fact: SlotFact): void {
  if (fact.commandId === null) return;
  const bookingId = bookingNamedBy(fact.event);
  const known = state.commands.get(fact.commandId);
  const { version } = state;
  if (known !== undefined) {
    state.commands.set(fact.commandId, { ...known, version, bookingId: bookingId ?? known.bookingId });
    return;
  }
  const previous = bookingId === null ? null : (state.lastCommands.get(bookingId) ?? null);
  state.commands.set(fact.commandId, { version, hash: fact.commandHash, bookingId, previous });
  if (bookingId === null) retireLater(state, { at: fact.at, bookingId: null, commandId: fact.commandId });
  else state.lastCommands.set(bookingId, fact.commandId);
}
