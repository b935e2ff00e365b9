import type { Axis } from '../axis.ts';
import type { Unit } from '../unit.ts';
import type { OpenSlot, SlotCommand } from './commands.ts';
import type { SlotDescription, SlotEvent } from './events.ts';
import { mergedInto, type SlotPatch } from './merge-patch.ts';
import type { FieldFault } from './refusals.ts';
import { happened, type Ruling, refuse } from './ruling.ts';
import { headOf, type SlotState } from './state.ts';

/** Bytes of JSON that the units of one event may take: a good part below the event store's bound of 256 KiB. */
const UNIT_BYTES_PER_EVENT = 200 * 1024;

/** Most keys of a slot's metadata, also when more are merged into them; what one request may name is checked at the edge. */
const MAX_METADATA_KEYS = 50;

/** Most units of one slot, inline or from a layout. */
export const MAX_UNITS_PER_SLOT = 100_000;

export function decideOpen(state: SlotState, command: OpenSlot, now: number): Ruling {
  if (state.head !== null) return refuse({ kind: 'slot-exists' });
  const past = startInThePast(command, now);
  if (past !== null) return refuse({ kind: 'in-the-past', fault: past });
  const fault = timesFault(command, command) ?? axisFault(command.axis) ?? unitsFault(state, command);
  if (fault !== null) return refuse({ kind: 'invalid-input', fault });
  const { type: _type, units, ...description } = command;
  const [first = [], ...others] = batchesOf(units, byteLength(description));
  const opened: SlotEvent = { type: 'SlotOpened', ...description, units: first };
  return happened(opened, ...others.map((batch): SlotEvent => ({ type: 'UnitsAdded', units: batch })));
}

export function decidePatch(state: SlotState, command: Extract<SlotCommand, { type: 'ChangeSlot' }>, now: number): Ruling {
  const head = headOf(state);
  if (head.status === 'CANCELLED') return refuse({ kind: 'slot-cancelled' });
  const wanted = mergedInto(head, command.changes);
  const merged: SlotDescription = { ...head, ...wanted };
  if (wanted.startsAt !== undefined && wanted.startsAt !== head.startsAt) {
    const past = startInThePast(merged, now);
    if (past !== null) return refuse({ kind: 'in-the-past', fault: past });
  }
  const fault = startFault(head.axis, wanted) ?? timesFault(merged, command.changes) ?? metadataFault(wanted);
  if (fault !== null) return refuse({ kind: 'invalid-input', fault });
  const changes = changedOnly(head, wanted);
  return Object.keys(changes).length === 0 ? happened() : happened({ type: 'SlotChanged', changes });
}

export function decideStatus(state: SlotState, command: Extract<SlotCommand, { type: 'CloseSlot' | 'ReopenSlot' | 'CancelSlot' }>): Ruling {
  const { status } = headOf(state);
  const { reason } = command;
  if (command.type === 'CancelSlot') return status === 'CANCELLED' ? happened() : happened({ type: 'SlotCancelled', reason });
  if (status === 'CANCELLED') return refuse({ kind: 'slot-cancelled' });
  if (command.type === 'CloseSlot') return status === 'CLOSED' ? happened() : happened({ type: 'SlotClosed', reason });
  return status === 'OPEN' ? happened() : happened({ type: 'SlotReopened', reason });
}

/** Units in pieces that each fit into one event; the first event already holds so many bytes of other things. */
export function batchesOf(units: readonly Unit[], bytesTaken = 0): readonly (readonly Unit[])[] {
  const batches: Unit[][] = [[]];
  let bytes = bytesTaken;
  for (const unit of units) {
    const size = byteLength(unit);
    if (bytes + size > UNIT_BYTES_PER_EVENT && bytes > 0) {
      batches.push([]);
      bytes = 0;
    }
    (batches.at(-1) as Unit[]).push(unit);
    bytes += size;
  }
  return batches;
}

function byteLength(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/** Why new units cannot join the ones that are there; null when they can. */
export function newUnitsFault(axis: Axis, units: readonly Unit[], isKnown: (unitId: string) => boolean): FieldFault | null {
  const seen = new Set<string>();
  for (const [index, unit] of units.entries()) {
    const pointer = `/units/${index}`;
    if (seen.has(unit.unitId) || isKnown(unit.unitId))
      return { pointer: `${pointer}/unitId`, message: `unit "${unit.unitId}" is there already` };
    seen.add(unit.unitId);
    if (unit.price === undefined) return { pointer: `${pointer}/price`, message: 'every unit needs a price' };
    const fault = basisFault(axis, unit);
    if (fault !== null) return { pointer: `${pointer}/priceBasis`, message: fault };
  }
  return null;
}

function unitsFault(state: SlotState, command: OpenSlot): FieldFault | null {
  if (command.layoutId === null) return newUnitsFault(command.axis, command.units, () => false);
  const priced = command.prices ?? {};
  for (const unit of state.layouts(command.layoutId).units) {
    if (unit.price === undefined && !Object.hasOwn(priced, unit.category)) {
      return { pointer: '/prices', message: `neither the layout nor prices has a price for category "${unit.category}"` };
    }
    const fault = basisFault(command.axis, unit);
    if (fault !== null) return { pointer: '/layoutId', message: `unit "${unit.unitId}" of the layout: ${fault}` };
  }
  return null;
}

function basisFault(axis: Axis, unit: Unit): string | null {
  if (unit.priceBasis === 'stop' && axis.type !== 'stops') return 'a price per stop needs a slot with stops';
  if ((unit.priceBasis === 'hour' || unit.priceBasis === 'day') && axis.type !== 'time')
    return 'a price per hour or day needs a slot over time';
  return null;
}

function axisFault(axis: Axis): FieldFault | null {
  if (axis.type !== 'stops') return null;
  let last = Number.NEGATIVE_INFINITY;
  for (const [index, stop] of axis.stops.entries()) {
    for (const field of ['arrivesAt', 'departsAt'] as const) {
      const instant = stop[field];
      if (instant === undefined) continue;
      if (instant < last) return { pointer: `/axis/stops/${index}/${field}`, message: 'is earlier than what comes before it' };
      last = instant;
    }
  }
  return null;
}

/** What is sold as a whole needs a start: without one it would never be over. */
function startFault(axis: Axis, changes: Partial<SlotDescription>): FieldFault | null {
  return axis.type === 'whole' && changes.startsAt === null
    ? { pointer: '/startsAt', message: 'cannot be removed on the "whole" axis' }
    : null;
}

/** @param named what the request names: of two members that do not go together the fault is in one that was sent. */
function timesFault(slot: SlotDescription, named: SlotPatch): FieldFault | null {
  const { startsAt, endsAt, salesFrom, salesUntil, policy } = slot;
  if (startsAt !== null && endsAt !== null && endsAt <= startsAt) {
    return isAlone(named, 'startsAt', 'endsAt')
      ? { pointer: '/startsAt', message: 'must be earlier than endsAt' }
      : { pointer: '/endsAt', message: 'must be later than startsAt' };
  }
  if (salesFrom !== null && salesUntil !== null && salesUntil <= salesFrom) {
    return isAlone(named, 'salesFrom', 'salesUntil')
      ? { pointer: '/salesFrom', message: 'must be earlier than salesUntil' }
      : { pointer: '/salesUntil', message: 'must be later than salesFrom' };
  }
  const { holdSeconds, maxHoldSeconds } = policy;
  if (maxHoldSeconds >= holdSeconds) return null;
  return isAlone(named.policy ?? {}, 'holdSeconds', 'maxHoldSeconds')
    ? { pointer: '/policy/holdSeconds', message: `must be at most maxHoldSeconds (${maxHoldSeconds}), got ${holdSeconds}` }
    : { pointer: '/policy/maxHoldSeconds', message: `must be at least holdSeconds (${holdSeconds}), got ${maxHoldSeconds}` };
}

function isAlone<Member extends string>(named: { readonly [Name in Member]?: unknown }, one: Member, other: Member): boolean {
  return named[one] !== undefined && named[other] === undefined;
}

function metadataFault({ metadata = {} }: Partial<SlotDescription>): FieldFault | null {
  const keys = Object.keys(metadata).length;
  return keys > MAX_METADATA_KEYS
    ? { pointer: '/metadata', message: `must leave at most ${MAX_METADATA_KEYS} keys, leaves ${keys}` }
    : null;
}

function startInThePast(slot: SlotDescription, now: number): FieldFault | null {
  if (slot.policy.acceptPast || slot.startsAt === null || slot.startsAt >= now) return null;
  return { pointer: '/startsAt', message: 'lies in the past' };
}

function changedOnly(head: SlotDescription, changes: Partial<SlotDescription>): Partial<SlotDescription> {
  const entries = Object.entries(changes).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(head[key as keyof SlotDescription]),
  );
  return Object.fromEntries(entries);
}
