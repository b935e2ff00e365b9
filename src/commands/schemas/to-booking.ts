import type { RequestBooking, SlotCommand } from '../../domain/slot/commands.ts';
import type { Selection } from '../../domain/slot/events.ts';
import type { FieldFault } from '../../domain/slot/refusals.ts';
import { newBookingId } from './booking-id.ts';
import type { CancelBookingInput, ChangeBookingInput, ConfirmBookingInput, ExtendHoldInput, RequestBookingInput } from './bookings.ts';
import { type Mapped, mapped } from './mapped.ts';
import { toSpan } from './spans.ts';
import { selectionFaults, toUnitQuantities, toUnitSelections } from './to-units.ts';

type Command<Type extends SlotCommand['type']> = Extract<SlotCommand, { readonly type: Type }>;

/** Makes the command for a new booking, with a new id. */
export function toRequestBooking(input: RequestBookingInput, slotId: string): Mapped<RequestBooking> {
  const chosen = toSelection(input);
  if (chosen.kind === 'faulty') return chosen;
  return mapped([], () => ({
    type: 'RequestBooking',
    bookingId: newBookingId(slotId, Date.now()),
    customerId: input.customerId,
    selection: chosen.value,
    span: toSpan(input.span),
    expectedTotal: input.expectedTotal ?? null,
    reference: input.reference ?? null,
    metadata: input.metadata ?? {},
    confirm: input.confirm ?? null,
  }));
}

function toSelection(input: RequestBookingInput): Mapped<Selection> {
  const { units, bestAvailable } = input;
  if (units !== undefined && bestAvailable !== undefined) return faulty('/bestAvailable', 'must be absent when units are given');
  if (units !== undefined) {
    const quantities = toUnitQuantities(units);
    return mapped(selectionFaults(quantities, '/units', units), () => ({ kind: 'units', units: quantities }));
  }
  if (bestAvailable === undefined) return faulty('/units', 'is required, or bestAvailable in its place');
  const { quantity, category = null, adjacent = null, accessible = 0 } = bestAvailable;
  if (accessible > quantity) return faulty('/bestAvailable/accessible', `must be at most quantity (${quantity}), got ${accessible}`);
  return mapped([], () => ({ kind: 'bestAvailable', quantity, category, adjacent, accessible }));
}

export function toConfirmBooking(input: ConfirmBookingInput, bookingId: string): Mapped<Command<'ConfirmBooking'>> {
  const units = input.units === undefined ? null : toUnitSelections(input.units);
  return mapped(units === null ? [] : selectionFaults(units, '/units', input.units ?? []), () => ({
    type: 'ConfirmBooking',
    bookingId,
    paymentReference: input.paymentReference,
    units,
  }));
}

export function toCancelBooking(input: CancelBookingInput, bookingId: string): Mapped<Command<'CancelBooking'>> {
  const units = input.units === undefined ? null : toUnitSelections(input.units);
  return mapped(units === null ? [] : selectionFaults(units, '/units', input.units ?? []), () => ({
    type: 'CancelBooking',
    bookingId,
    units,
    reason: input.reason ?? null,
  }));
}

export function toExtendHold(input: ExtendHoldInput, bookingId: string): Mapped<Command<'ExtendHold'>> {
  return mapped([], () => ({ type: 'ExtendHold', bookingId, seconds: input.seconds }));
}

export function toChangeBooking(input: ChangeBookingInput, bookingId: string): Mapped<Command<'ChangeBooking'>> {
  const add = toUnitQuantities(input.add ?? []);
  const drop = toUnitSelections(input.drop ?? []);
  const faults: FieldFault[] = [
    ...(add.length + drop.length === 0 ? [{ pointer: '/add', message: 'must name a unit, or drop must' }] : []),
    ...selectionFaults(add, '/add', input.add ?? []),
    ...selectionFaults(drop, '/drop', input.drop ?? []),
  ];
  return mapped(faults, () => ({ type: 'ChangeBooking', bookingId, add, drop, expectedTotal: input.expectedTotal ?? null }));
}

function faulty(pointer: string, message: string): { readonly kind: 'faulty'; readonly faults: readonly FieldFault[] } {
  return { kind: 'faulty', faults: [{ pointer, message }] };
}
