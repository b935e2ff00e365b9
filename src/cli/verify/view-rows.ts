import { bookings } from '../../projections/bookings/bookings.ts';
import { BOOKED_SLOTS, BOOKINGS } from '../../projections/bookings/tables.ts';
import type { LiveBuilds, ReadableBuild } from '../../projections/builds/live-builds.ts';
import { inventory } from '../../projections/inventory/inventory.ts';
import { LAYOUT_UNITS, LAYOUTS, SLOT_CLAIMS, SLOT_UNITS, SLOTS } from '../../projections/inventory/tables.ts';
import { columnName, type Row, type Table } from '../../projections/projection.ts';
import { sales } from '../../projections/sales/sales.ts';
import { DAILY_SALES } from '../../projections/sales/tables.ts';
import { selectList } from '../../projections/table-sql.ts';
import { strayRow } from './compare-rows.ts';
import { salesSumsQuery } from './expected-sales.ts';
import type { FaultList } from './faults.ts';
import { GroupedRows } from './grouped-rows.ts';
import type { DatabaseMoment } from './snapshot.ts';

/** How far each projection has folded the log at the moment. */
export interface ViewPositions {
  readonly inventory: number;
  readonly bookings: number;
  readonly sales: number;
}

/** The rows of all read models at one moment, slot by slot and layout by layout. */
export interface ViewRows {
  readonly positions: ViewPositions;
  readonly slots: GroupedRows;
  readonly slotUnits: GroupedRows;
  readonly slotClaims: GroupedRows;
  readonly bookings: GroupedRows;
  readonly bookedSlots: GroupedRows;
  /** What the days of each slot add up to, one row a slot. */
  readonly dailySales: GroupedRows;
  readonly layouts: GroupedRows;
  readonly layoutUnits: GroupedRows;
}

const PAGE_ROWS = 1_000;

export async function openViewRows(moment: DatabaseMoment, live: LiveBuilds, faults: FaultList): Promise<ViewRows> {
  const builds = { inventory: await live.current(inventory), bookings: await live.current(bookings), sales: await live.current(sales) };
  const positions = await moment.one<ViewPositions>(
    `SELECT ${builds.inventory.position} AS inventory, ${builds.bookings.position} AS bookings, ${builds.sales.position} AS sales`,
  );
  const grouped = (build: ReadableBuild, table: Table<Row>, group: string): GroupedRows => {
    const order = [group, ...table.key.filter((property) => property !== group)].map((property) => `t.${columnName(property)}`);
    const sql = `SELECT ${selectList(table, 't')} FROM ${build.table(table)} t ORDER BY ${order.join(', ')}`;
    return new GroupedRows(
      moment.rows<Row>(sql, PAGE_ROWS),
      (row) => String(row[group]),
      (row) => strayRow(table, row, faults),
    );
  };
  return {
    positions,
    slots: grouped(builds.inventory, SLOTS, 'slotId'),
    slotUnits: grouped(builds.inventory, SLOT_UNITS, 'slotId'),
    slotClaims: grouped(builds.inventory, SLOT_CLAIMS, 'slotId'),
    bookings: grouped(builds.bookings, BOOKINGS, 'slotId'),
    bookedSlots: grouped(builds.bookings, BOOKED_SLOTS, 'slotId'),
    dailySales: new GroupedRows(
      moment.rows<Row>(salesSumsQuery(builds.sales.table(DAILY_SALES)), PAGE_ROWS),
      ({ slotId }) => String(slotId),
      ({ slotId }) => faults.add('read-models', `daily_sales ${slotId}`, 'nothing in the log makes these days'),
    ),
    layouts: grouped(builds.inventory, LAYOUTS, 'layoutId'),
    layoutUnits: grouped(builds.inventory, LAYOUT_UNITS, 'layoutId'),
  };
}

/** What no slot and no layout has asked for is nobody's. */
export async function finishViewRows({ positions: _, ...tables }: ViewRows): Promise<void> {
  for (const rows of Object.values(tables)) await rows.finish();
}
