import type { Layout, LayoutEvent } from '../../domain/layout.ts';
import { layouts } from './layouts.ts';
import type { LayoutRow, LayoutUnitRow } from './tables.ts';
import { columnsOfUnit } from './unit-columns.ts';

const rowsByLayout = new WeakMap<Layout, LayoutRow>();
const placesByLayout = new WeakMap<Layout, ReadonlyMap<string, number>>();

/** The row that the inventory has of a complete layout; made by its own definition, once per layout. */
export function layoutRowOf(layout: Layout): LayoutRow {
  let row = rowsByLayout.get(layout);
  if (row === undefined) {
    row = makeRow(layout);
    rowsByLayout.set(layout, row);
  }
  return row;
}

/** The row that the inventory has of one of its units; undefined when the layout has no such unit. */
export function layoutUnitRowOf(layout: Layout, unitId: string): LayoutUnitRow | undefined {
  let places = placesByLayout.get(layout);
  if (places === undefined) {
    places = new Map(layout.units.map((unit, place) => [unit.unitId, place]));
    placesByLayout.set(layout, places);
  }
  const place = places.get(unitId);
  const unit = place === undefined ? undefined : layout.units[place];
  // Where a unit stands is told by the layout itself; no answer looks at chunk and place of a layout's row.
  return unit === undefined ? undefined : { layoutId: layout.layoutId, chunk: 1, place: place ?? 0, ...columnsOfUnit(unit) };
}

function makeRow(layout: Layout): LayoutRow {
  const { layoutId, name, focus, units } = layout;
  const events: LayoutEvent[] = [
    { type: 'LayoutDefined', layoutId, name, unitCount: units.length, ...(focus === undefined ? {} : { focus }) },
    { type: 'LayoutUnitsAdded', layoutId, units },
    { type: 'LayoutCompleted', layoutId },
  ];
  let row: LayoutRow | undefined;
  events.forEach((event, index) => {
    const place = { position: 0, streamId: `layout-${layoutId}`, version: index + 1, eventId: '', at: 0 };
    row = layouts.evolve(row, { ...place, event }, [layoutId], nothingElse);
  });
  if (row === undefined) throw new Error(`layout ${layoutId} made no row`);
  return row;
}

function nothingElse(): undefined {
  return undefined;
}
