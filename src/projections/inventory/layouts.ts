import type { LayoutEvent } from '../../domain/layout.ts';
import type { FeedEvent, Key, TableView } from '../projection.ts';
import { placeOf } from './known-units.ts';
import { NO_PRICE, type PriceMove, withPrices } from './price-counts.ts';
import { LAYOUT_UNITS, LAYOUTS, type LayoutRow, type LayoutUnitRow } from './tables.ts';
import { columnsOfUnit } from './unit-columns.ts';

/** A row per layout with the sums that every slot on it starts from. */
export const layouts: TableView<LayoutRow> = {
  table: LAYOUTS,
  keysOf: ({ event }) => (isOfLayout(event) ? [[event.layoutId]] : []),
  evolve: (row, { event }) => (isOfLayout(event) ? evolveLayout(row, event) : row),
};

/** The units of layouts, in the layout's order by (chunk, place). */
export const layoutUnits: TableView<LayoutUnitRow> = {
  table: LAYOUT_UNITS,
  keysOf: ({ event }) => (event.type === 'LayoutUnitsAdded' ? event.units.map((unit) => [event.layoutId, unit.unitId]) : []),
  evolve: evolveUnit,
};

function isOfLayout(event: FeedEvent['event']): event is LayoutEvent {
  return event.type === 'LayoutDefined' || event.type === 'LayoutUnitsAdded' || event.type === 'LayoutCompleted';
}

function evolveLayout(row: LayoutRow | undefined, event: LayoutEvent): LayoutRow {
  if (event.type === 'LayoutDefined') {
    const { layoutId, name, focus, unitCount } = event;
    const focusX = focus?.x ?? null;
    const focusY = focus?.y ?? null;
    return { layoutId, name, focusX, focusY, unitCount, capacity: 0, categories: {}, complete: false };
  }
  if (row === undefined) throw new Error(`layout ${event.layoutId} was never defined`);
  if (event.type === 'LayoutCompleted') return { ...row, complete: true };
  let { capacity } = row;
  const moves = new Map<string, PriceMove[]>();
  for (const { category, price = NO_PRICE, capacity: own = 1 } of event.units) {
    capacity += own;
    const known = moves.get(category);
    if (known === undefined) moves.set(category, [[price, 1]]);
    else known.push([price, 1]);
  }
  const moved = [...moves].map(([category, its]) => [category, withPrices(row.categories[category] ?? {}, its)] as const);
  return { ...row, capacity, categories: { ...row.categories, ...Object.fromEntries(moved) } };
}

function evolveUnit(row: LayoutUnitRow | undefined, { event, version }: FeedEvent, [layoutId, unitId]: Key): LayoutUnitRow | undefined {
  if (event.type !== 'LayoutUnitsAdded') return row;
  const place = placeOf(event.units, String(unitId));
  const unit = event.units[place];
  return unit === undefined ? row : { ...columnsOfUnit(unit), layoutId: String(layoutId), chunk: version, place };
}
