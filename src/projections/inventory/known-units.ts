import type { Unit } from '../../domain/unit.ts';
import { slotIdOfStream } from '../../eventstore/streams.ts';
import type { FeedEvent, Lookup, RowRef } from '../projection.ts';
import { LAYOUT_UNITS, SLOT_UNITS, SLOTS, type SlotUnitRow } from './tables.ts';
import { columnsOfUnit, unitOfColumns } from './unit-columns.ts';

/** The slot that the event is about; its stream is named after it. */
export function slotIdOf({ streamId }: FeedEvent): string {
  return slotIdOfStream(streamId) ?? '';
}

/** Units whose attributes an event changes without telling what they were. */
export function unitsToLookUp({ event }: FeedEvent): readonly string[] {
  switch (event.type) {
    case 'UnitsChanged':
      return event.changes.map((change) => change.unitId);
    case 'UnitsWithdrawn':
      return event.units.map((unit) => unit.unitId);
    default:
      return [];
  }
}

/** The layout's rows of the units that the slot has no attributes of its own for. */
export function layoutUnitsToRead(feedEvent: FeedEvent, before: Lookup): readonly RowRef[] {
  const unitIds = unitsToLookUp(feedEvent);
  if (unitIds.length === 0) return [];
  const slotId = slotIdOf(feedEvent);
  return unitIds.flatMap((unitId) => {
    const own = before(SLOT_UNITS, [slotId, unitId]);
    const layoutId = before(SLOTS, [slotId])?.layoutId ?? null;
    return layoutId === null || (own !== undefined && !own.inherited) ? [] : [{ table: LAYOUT_UNITS, key: [layoutId, unitId] }];
  });
}

/** The unit as it stood before the event, at the price that a new claim paid; `own` is the slot's row for it. */
export function knownUnit(
  feedEvent: FeedEvent,
  unitId: string,
  before: Lookup,
): { readonly unit: Unit; readonly own: SlotUnitRow | undefined } {
  const slotId = slotIdOf(feedEvent);
  const own = before(SLOT_UNITS, [slotId, unitId]);
  if (own !== undefined && !own.inherited) {
    if (own.withdrawn) throw new Error(`unit ${unitId} was withdrawn from slot ${slotId}`);
    return { unit: unitOfColumns(own), own };
  }
  const slot = before(SLOTS, [slotId]);
  const shared = slot?.layoutId ? before(LAYOUT_UNITS, [slot.layoutId, unitId]) : undefined;
  if (shared === undefined) throw new Error(`unit ${unitId} is not part of slot ${slotId}`);
  const unit = unitOfColumns(shared);
  const price = priceInSlot(unit, slot?.prices ?? null);
  return { unit: price === undefined ? unit : { ...unit, price }, own };
}

/** What a layout's unit costs in a slot: the slot's price for its category wins over its own. */
export function priceInSlot(unit: Unit, prices: Readonly<Record<string, number>> | null): number | undefined {
  return prices !== null && Object.hasOwn(prices, unit.category) ? prices[unit.category] : unit.price;
}

/** The columns of a slot's unit that is exactly as the layout says. */
export function inheritedColumns(unitId: string) {
  return { ...columnsOfUnit({ unitId, category: '' }), category: null };
}

const placesByUnits = new WeakMap<readonly Unit[], ReadonlyMap<string, number>>();

/** Place of the unit among those that were added together; looked up, because each of thousands asks. */
export function placeOf(units: readonly Unit[], unitId: string): number {
  let places = placesByUnits.get(units);
  if (places === undefined) {
    places = new Map(units.map((unit, index) => [unit.unitId, index]));
    placesByUnits.set(units, places);
  }
  return places.get(unitId) ?? -1;
}
