import type { LayoutContent } from '../../domain/layout.ts';
import type { SlotCommand, UnitSelection } from '../../domain/slot/commands.ts';
import type { FieldFault } from '../../domain/slot/refusals.ts';
import type { Unit, UnitQuantity } from '../../domain/unit.ts';
import { instantOf } from './instants.ts';
import type { LayoutInput } from './layouts.ts';
import { duplicateFaults, type Mapped, mapped, orderFaults, sizeFaults } from './mapped.ts';
import { toSpan } from './spans.ts';
import type {
  AddUnitsInput,
  BlockUnitsInput,
  ChangeUnitsInput,
  LayoutUnitInput,
  UnitInput,
  UnitQuantityInput,
  WithdrawUnitsInput,
} from './units.ts';

/** Units of one call must leave room for the rest of the append, which may have 512 KiB. */
export const MAX_INLINE_UNIT_BYTES = 384 * 1024;
/** A selection of units becomes one event of at most 256 KiB, in which each unit takes some more bytes than here. */
const MAX_SELECTION_BYTES = 96 * 1024;
const DEFAULT_CATEGORY = 'standard';

type Command<Type extends SlotCommand['type']> = Extract<SlotCommand, { readonly type: Type }>;

export function toUnit(input: UnitInput | LayoutUnitInput): Unit {
  const { availableFrom, availableUntil, category = DEFAULT_CATEGORY, ...rest } = input;
  return {
    ...rest,
    category,
    ...(availableFrom === undefined ? {} : { availableFrom: instantOf(availableFrom) }),
    ...(availableUntil === undefined ? {} : { availableUntil: instantOf(availableUntil) }),
  };
}

/** Units that are named twice or never available. */
export function unitFaults(units: readonly Unit[]): readonly FieldFault[] {
  return [
    ...duplicateFaults(
      units.map((unit) => unit.unitId),
      (index) => `/units/${index}/unitId`,
    ),
    ...units.flatMap((unit, index) =>
      orderFaults(unit.availableFrom ?? null, unit.availableUntil ?? null, `/units/${index}/availableUntil`, 'availableFrom'),
    ),
  ];
}

export function toLayoutContent(input: LayoutInput): Mapped<LayoutContent> {
  const units = input.units.map(toUnit);
  return mapped(unitFaults(units), () => ({ name: input.name, ...(input.focus === undefined ? {} : { focus: input.focus }), units }));
}

export function toAddUnits(input: AddUnitsInput): Mapped<Command<'AddUnits'>> {
  const units = input.units.map(toUnit);
  const faults = [...unitFaults(units), ...sizeFaults(units, MAX_INLINE_UNIT_BYTES, '/units')];
  return mapped(faults, () => ({ type: 'AddUnits', units }));
}

export function toChangeUnits(input: ChangeUnitsInput): Mapped<Command<'ChangeUnits'>> {
  const faults = [
    ...duplicateFaults(
      input.units.map((unit) => unit.unitId),
      (index) => `/units/${index}/unitId`,
    ),
    ...input.units.flatMap((unit, index) =>
      Object.keys(unit).length === 1 ? [{ pointer: `/units/${index}`, message: 'must change price, category or capacity' }] : [],
    ),
    ...sizeFaults(input.units, MAX_SELECTION_BYTES, '/units'),
  ];
  return mapped(faults, () => ({ type: 'ChangeUnits', changes: input.units }));
}

export function toBlockUnits(input: BlockUnitsInput): Mapped<Command<'BlockUnits'>> {
  return toSelection(input.units, (units) => ({ type: 'BlockUnits', units, span: toSpan(input.span), reason: input.reason ?? null }));
}

export function toUnblockUnits(input: BlockUnitsInput): Mapped<Command<'UnblockUnits'>> {
  return toSelection(input.units, (units) => ({ type: 'UnblockUnits', units, span: toSpan(input.span), reason: input.reason ?? null }));
}

export function toWithdrawUnits(input: WithdrawUnitsInput): Mapped<Command<'WithdrawUnits'>> {
  return toSelection(input.units, (units) => ({ type: 'WithdrawUnits', units, reason: input.reason ?? null }));
}

function toSelection<Made>(input: readonly UnitQuantityInput[], make: (units: readonly UnitSelection[]) => Made): Mapped<Made> {
  const units = toUnitSelections(input);
  return mapped(selectionFaults(units, '/units', input), () => make(units));
}

/** Units that are there: `"A1"` is all of it, or all that the booking has of it. */
export function toUnitSelections(input: readonly UnitQuantityInput[]): readonly UnitSelection[] {
  return input.map((unit) => (typeof unit === 'string' ? { unitId: unit } : unit));
}

/** Units that a booking is to get: `"A1"` is one of it. */
export function toUnitQuantities(input: readonly UnitQuantityInput[]): readonly UnitQuantity[] {
  return input.map((unit) =>
    typeof unit === 'string' ? { unitId: unit, quantity: 1 } : { unitId: unit.unitId, quantity: unit.quantity ?? 1 },
  );
}

/** @param input the units as sent, which decides where a fault is pointed to. */
export function selectionFaults(
  units: readonly { readonly unitId: string }[],
  pointer: string,
  input: readonly UnitQuantityInput[],
): readonly FieldFault[] {
  // One unit with the longest id there is stays far below the bound.
  if (units.length <= 1) return [];
  return [
    ...duplicateFaults(
      units.map((unit) => unit.unitId),
      (index) => (typeof input[index] === 'string' ? `${pointer}/${index}` : `${pointer}/${index}/unitId`),
    ),
    ...sizeFaults(units, MAX_SELECTION_BYTES, pointer),
  ];
}
