import { NOTHING_TAKEN, pieces, takenAt, tightest } from '../profile.ts';
import { resolveSpan, TIME_AXIS, wholeAxis } from '../resolve-span.ts';
import type { Span } from '../span.ts';
import { capacityOf, type Unit } from '../unit.ts';
import { priceOfCategory } from '../unit-table.ts';
import type { SlotCommand, UnitSelection } from './commands.ts';
import { batchesOf, MAX_UNITS_PER_SLOT, newUnitsFault } from './decide-slot.ts';
import type { Block, SlotEvent, UnitChange } from './events.ts';
import type { UnavailableUnit } from './refusals.ts';
import { happened, type Ruling, refuse, refuseField } from './ruling.ts';
import { headOf, type SlotState } from './state.ts';

export function decideAddUnits(state: SlotState, command: Extract<SlotCommand, { type: 'AddUnits' }>): Ruling {
  const head = headOf(state);
  if (head.status === 'CANCELLED') return refuse({ kind: 'slot-cancelled' });
  const fault = newUnitsFault(head.axis, command.units, (unitId) => state.units.indexOf(unitId) !== undefined);
  if (fault !== null) return refuse({ kind: 'invalid-input', fault });
  // A withdrawn unit comes back into its place, which is kept for it.
  const places = command.units.filter(({ unitId }) => state.units.placeOf(unitId) === undefined).length;
  if (state.units.units.length + places > MAX_UNITS_PER_SLOT) {
    const message = `a slot has at most ${MAX_UNITS_PER_SLOT} units`;
    return refuse({ kind: 'limit-exceeded', limit: MAX_UNITS_PER_SLOT, fault: { pointer: '/units', message } });
  }
  return happened(...batchesOf(command.units).map((units): SlotEvent => ({ type: 'UnitsAdded', units })));
}

export function decideChangeUnits(state: SlotState, command: Extract<SlotCommand, { type: 'ChangeUnits' }>, now: number): Ruling {
  if (headOf(state).status === 'CANCELLED') return refuse({ kind: 'slot-cancelled' });
  const toCome = stillToCome(state, now);
  const changes: UnitChange[] = [];
  const unavailable: UnavailableUnit[] = [];
  for (const [position, change] of command.changes.entries()) {
    const index = state.units.indexOf(change.unitId);
    if (index === undefined) return refuseField('unknown-unit', `/units/${position}/unitId`, 'the slot has no such unit');
    const unit = state.units.at(index) as Unit;
    if (change.capacity !== undefined && unit.capacity === undefined) {
      return refuseField('invalid-input', `/units/${position}/capacity`, 'a numbered unit has no capacity to change');
    }
    const most = tightest(state.profiles.get(index) ?? NOTHING_TAKEN, toCome);
    if (change.capacity !== undefined && change.capacity < takenAt(most)) unavailable.push(takenUnit(unit.unitId, most));
    const moves = change.category !== undefined && change.category !== unit.category;
    const price =
      change.price ?? (moves ? priceOfCategory(headOf(state).prices, change.category) : undefined) ?? state.units.priceAt(index);
    const capacity = change.capacity ?? unit.capacity;
    const full: UnitChange = {
      unitId: unit.unitId,
      category: change.category ?? unit.category,
      ...(price === undefined ? {} : { price }),
      ...(capacity === undefined ? {} : { capacity }),
    };
    if (full.category !== unit.category || full.price !== state.units.priceAt(index) || full.capacity !== unit.capacity) changes.push(full);
  }
  if (unavailable.length > 0) return refuse({ kind: 'seats-taken', unavailable });
  return changes.length === 0 ? happened() : happened({ type: 'UnitsChanged', changes });
}

export function decideBlock(state: SlotState, command: Extract<SlotCommand, { type: 'BlockUnits' }>, now: number): Ruling {
  return decideBlocks(state, command, now, (unit, position, quantity, span) => {
    const profile = state.profiles.get(position) ?? NOTHING_TAKEN;
    const most = tightest(profile, span);
    if (quantity !== undefined) {
      if (takenAt(most) + quantity > capacityOf(unit)) return takenUnit(unit.unitId, most);
      return [{ unitId: unit.unitId, quantity, from: span.from, to: span.to }];
    }
    const blocks: Block[] = [];
    for (const { from, to, step } of pieces(profile, span)) {
      if (step.held + step.sold > 0) return takenUnit(unit.unitId, step);
      if (step.blocked < capacityOf(unit)) blocks.push({ unitId: unit.unitId, quantity: capacityOf(unit) - step.blocked, from, to });
    }
    return blocks;
  });
}

export function decideUnblock(state: SlotState, command: Extract<SlotCommand, { type: 'UnblockUnits' }>, now: number): Ruling {
  return decideBlocks(state, command, now, (unit, position, quantity, span) => {
    const blocks: Block[] = [];
    for (const { from, to, step } of pieces(state.profiles.get(position) ?? NOTHING_TAKEN, span)) {
      if (quantity !== undefined && quantity > step.blocked) return `only ${step.blocked} of it are blocked over the whole span`;
      const freed = quantity ?? step.blocked;
      if (freed > 0) blocks.push({ unitId: unit.unitId, quantity: freed, from, to });
    }
    return blocks;
  });
}

/** What one unit of a (un)blocking command comes to: pieces, the reason why not, or the fault of its quantity. */
type BlockRule = (unit: Unit, index: number, quantity: number | undefined, span: Span) => readonly Block[] | UnavailableUnit | string;

function decideBlocks(
  state: SlotState,
  command: Extract<SlotCommand, { type: 'BlockUnits' | 'UnblockUnits' }>,
  now: number,
  rule: BlockRule,
): Ruling {
  const head = headOf(state);
  if (head.status === 'CANCELLED') return refuse({ kind: 'slot-cancelled' });
  const span = spanOfBlock(state, command.span, now);
  if ('kind' in span) return span;
  const blocks: Block[] = [];
  const unavailable: UnavailableUnit[] = [];
  for (const [position, selected] of command.units.entries()) {
    const found = lookUp(state, selected, position);
    if ('kind' in found) return found;
    const result = rule(found.unit, found.index, selected.quantity, span);
    if (typeof result === 'string') return refuseField('invalid-input', `/units/${position}/quantity`, result);
    if ('status' in result) unavailable.push(result);
    else blocks.push(...result);
  }
  if (unavailable.length > 0) return refuse({ kind: 'seats-taken', unavailable });
  if (blocks.length === 0) return happened();
  return happened({ type: command.type === 'BlockUnits' ? 'UnitsBlocked' : 'UnitsUnblocked', blocks, reason: command.reason });
}

/** Operators may block at night: opening hours bind customers alone. Without a span all that is to come is meant. */
function spanOfBlock(state: SlotState, request: Extract<SlotCommand, { type: 'BlockUnits' }>['span'], now: number): Span | Ruling {
  const { axis, timeZone } = headOf(state);
  if (axis.type === 'time' && request === null) return { from: now, to: TIME_AXIS.to };
  const resolved = resolveSpan({ axis: axis.type === 'time' ? { type: 'time', bufferMinutes: 0 } : axis, timeZone }, request);
  if (resolved.kind === 'resolved') return resolved.span;
  if (resolved.kind === 'span-required') return refuse({ kind: 'span-required' });
  return refuseField('span-invalid', resolved.pointer, resolved.message);
}

export function decideWithdraw(state: SlotState, command: Extract<SlotCommand, { type: 'WithdrawUnits' }>, now: number): Ruling {
  const head = headOf(state);
  if (head.status === 'CANCELLED') return refuse({ kind: 'slot-cancelled' });
  const toCome = stillToCome(state, now);
  const units: { unitId: string; quantity: number }[] = [];
  const unavailable: UnavailableUnit[] = [];
  for (const [position, selected] of command.units.entries()) {
    const found = lookUp(state, selected, position);
    if ('kind' in found) return found;
    const { unit, index } = found;
    const quantity = selected.quantity ?? capacityOf(unit);
    const profile = state.profiles.get(index) ?? NOTHING_TAKEN;
    // A unit that goes as a whole takes its blocks along, so that only bookings stand in the way.
    const whole = quantity === capacityOf(unit);
    const inTheWay = pieces(profile, toCome).find(
      ({ step }) => (whole ? step.held + step.sold : takenAt(step)) > capacityOf(unit) - quantity,
    );
    if (inTheWay !== undefined) unavailable.push(takenUnit(unit.unitId, inTheWay.step));
    units.push({ unitId: unit.unitId, quantity });
  }
  return unavailable.length > 0
    ? refuse({ kind: 'seats-taken', unavailable })
    : happened({ type: 'UnitsWithdrawn', units, reason: command.reason });
}

/** What was rented in the past keeps no vehicle in the fleet and no pool as large as it was. */
function stillToCome(state: SlotState, now: number): Span {
  const { axis } = headOf(state);
  return axis.type === 'time' ? { from: now, to: TIME_AXIS.to } : wholeAxis(axis);
}

function lookUp(state: SlotState, selected: UnitSelection, position: number): { readonly unit: Unit; readonly index: number } | Ruling {
  const index = state.units.indexOf(selected.unitId);
  if (index === undefined) return refuseField('unknown-unit', `/units/${position}`, `the slot has no unit "${selected.unitId}"`);
  const unit = state.units.at(index) as Unit;
  if (selected.quantity !== undefined && selected.quantity > capacityOf(unit)) {
    return refuseField('invalid-input', `/units/${position}/quantity`, `the unit has only ${capacityOf(unit)}`);
  }
  return { unit, index };
}

/** The unit with what stands in the way on it. */
function takenUnit(unitId: string, step: { readonly held: number; readonly sold: number }): UnavailableUnit {
  return { unitId, status: step.sold > 0 ? 'sold' : step.held > 0 ? 'held' : 'blocked' };
}
