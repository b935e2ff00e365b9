import { LRUCache } from 'lru-cache';
import type { Layout } from '../domain/layout.ts';
import { inventory } from '../projections/inventory/inventory.ts';
import { LAYOUT_UNITS, LAYOUTS, type LayoutRow, type LayoutUnitRow } from '../projections/inventory/tables.ts';
import { unitOfColumns } from '../projections/inventory/unit-columns.ts';
import { selectList } from '../projections/table-sql.ts';
import type { Read } from './answers.ts';
import { ask, prepared, type ViewSource } from './database.ts';

/** Bytes of layouts that a process keeps, and what a unit is taken to weigh in memory with its attributes. */
const CACHE_BYTES = 64 * 1024 * 1024;
const UNIT_BYTES = 400;

const selectLayout = prepared(
  'layout',
  (build) => `
  SELECT ${build.position} AS "viewPosition", ${selectList(LAYOUTS, 'l')}
    FROM (VALUES (1)) AS one(n) LEFT JOIN ${build.table(LAYOUTS)} l ON l.layout_id = $1 AND l.complete`,
);

const selectUnits = prepared(
  'layout units',
  (build) => `SELECT ${selectList(LAYOUT_UNITS, 'u')} FROM ${build.table(LAYOUT_UNITS)} u WHERE u.layout_id = $1 ORDER BY u.chunk, u.place`,
);

/** Layouts by id. They never change, so one that was read is kept; any number of askers share one load. */
export class LayoutShelf {
  private readonly source: ViewSource;
  private readonly kept: LRUCache<string, Read<Layout>>;

  constructor(source: ViewSource) {
    this.source = source;
    this.kept = new LRUCache({
      maxSize: CACHE_BYTES,
      sizeCalculation: ({ value }) => UNIT_BYTES * (value.units.length + 1),
      fetchMethod: async (layoutId) => {
        const read = await load(this.source, layoutId);
        return read.value === null ? undefined : { ...read, value: read.value };
      },
    });
  }

  /** Null until all of the layout's units are there. */
  async read(layoutId: string): Promise<Read<Layout | null>> {
    const kept = this.kept.peek(layoutId);
    if (kept !== undefined) return { ...kept, source: 'memory' };
    return (await this.kept.fetch(layoutId)) ?? load(this.source, layoutId);
  }

  /** The layout of a slot. @throws when it is not there, though the slot is. */
  async ofSlot(layoutId: string): Promise<Layout> {
    const layout = (await this.kept.fetch(layoutId))?.value;
    if (layout === undefined) throw new Error(`layout ${layoutId} is not there, though a slot stands on it`);
    return layout;
  }
}

async function load(source: ViewSource, layoutId: string): Promise<Read<Layout | null>> {
  const [row] = await ask<LayoutRow & { viewPosition: number }>(source, inventory, selectLayout, [layoutId]);
  if (row === undefined) throw new Error('the statement answers one row, whether there is a layout or not');
  const position = row.viewPosition;
  if (row.layoutId === null) return { value: null, position, source: 'postgres' };
  const units = await ask<LayoutUnitRow>(source, inventory, selectUnits, [layoutId]);
  const focus = row.focusX === null || row.focusY === null ? {} : { focus: { x: row.focusX, y: row.focusY } };
  return { value: { layoutId, name: row.name, ...focus, units: units.map(unitOfColumns) }, position, source: 'postgres' };
}
