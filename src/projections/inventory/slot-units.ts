import { NOTHING_TAKEN, withUsage } from '../../domain/profile.ts';
import type { Block, SlotEvent } from '../../domain/slot/events.ts';
import type { Unit } from '../../domain/unit.ts';
import type { FeedEvent, Key, Lookup, TableView } from '../projection.ts';
import { inheritedColumns, knownUnit, layoutUnitsToRead, placeOf, slotIdOf } from './known-units.ts';
import { SLOT_UNITS, type SlotUnitRow } from './tables.ts';
import { columnsOfUnit } from './unit-columns.ts';

/**
 * The units that a slot has beyond its layout, and how it deviates from it. An untouched unit of a
 * layout has no row: opening a slot on a stadium writes one row, not thousands.
 */
export const slotUnits: TableView<SlotUnitRow> = {
  table: SLOT_UNITS,
  keysOf: (feedEvent) => unitIdsOf(feedEvent).map((unitId) => [slotIdOf(feedEvent), unitId]),
  readsOf: layoutUnitsToRead,
  evolve,
};

function unitIdsOf({ event }: FeedEvent): readonly string[] {
  switch (event.type) {
    case 'SlotOpened':
    case 'UnitsAdded':
    case 'UnitsWithdrawn':
      return event.units.map((unit) => unit.unitId);
    case 'UnitsChanged':
      return event.changes.map((change) => change.unitId);
    case 'UnitsBlocked':
    case 'UnitsUnblocked':
      return event.blocks.map((block) => block.unitId);
    default:
      return [];
  }
}

function evolve(row: SlotUnitRow | undefined, feedEvent: FeedEvent, [slotId, unitId]: Key, before: Lookup): SlotUnitRow | undefined {
  const { event, version } = feedEvent;
  const identity = { slotId: String(slotId), unitId: String(unitId) };
  switch (event.type) {
    case 'SlotOpened':
    case 'UnitsAdded': {
      const index = placeOf(event.units, identity.unitId);
      // A unit that was withdrawn and comes back stands where it stood.
      const { chunk, place } = row ?? { chunk: version, place: index };
      // A spread that comes first costs a tenth of one that comes last, and a stadium adds thousands.
      return {
        ...columnsOfUnit(event.units[index] as Unit),
        slotId: identity.slotId,
        chunk,
        place,
        inherited: false,
        withdrawn: false,
        blocks: NOTHING_TAKEN,
      };
    }
    case 'UnitsBlocked':
      return block(row ?? untouched(identity), event.blocks, 1);
    case 'UnitsUnblocked':
      return block(row ?? untouched(identity), event.blocks, -1);
    case 'UnitsChanged': {
      const { unit, own } = knownUnit(feedEvent, identity.unitId, before);
      const change = event.changes.find((one) => one.unitId === unitId);
      return { ...(own ?? untouched(identity)), ...columnsOfUnit({ ...unit, ...change }), inherited: false };
    }
    case 'UnitsWithdrawn':
      return withdraw(feedEvent, event, identity, before);
    default:
      return row;
  }
}

function withdraw(
  feedEvent: FeedEvent,
  event: Extract<SlotEvent, { type: 'UnitsWithdrawn' }>,
  identity: { readonly slotId: string; readonly unitId: string },
  before: Lookup,
): SlotUnitRow {
  const { unit, own } = knownUnit(feedEvent, identity.unitId, before);
  const quantity = event.units.reduce((sum, one) => (one.unitId === identity.unitId ? sum + one.quantity : sum), 0);
  const row = own ?? untouched(identity);
  if (unit.capacity !== undefined && unit.capacity > quantity) {
    return { ...row, ...columnsOfUnit({ ...unit, capacity: unit.capacity - quantity }), inherited: false };
  }
  // The row stays, or the layout's unit would come back.
  return { ...row, ...columnsOfUnit(unit), inherited: false, withdrawn: true, blocks: NOTHING_TAKEN };
}

function block(row: SlotUnitRow, blocks: readonly Block[], sign: 1 | -1): SlotUnitRow | undefined {
  let profile = row.blocks;
  for (const piece of blocks) {
    if (piece.unitId === row.unitId) profile = withUsage(profile, piece, 'blocked', sign * piece.quantity);
  }
  return row.inherited && profile.length === 0 ? undefined : { ...row, blocks: profile };
}

function untouched(identity: { readonly slotId: string; readonly unitId: string }): SlotUnitRow {
  return {
    ...inheritedColumns(identity.unitId),
    ...identity,
    chunk: null,
    place: null,
    inherited: true,
    withdrawn: false,
    blocks: NOTHING_TAKEN,
  };
}
