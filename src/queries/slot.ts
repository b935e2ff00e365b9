import { inventory } from '../projections/inventory/inventory.ts';
import { descriptionOf } from '../projections/inventory/slots.ts';
import { SLOTS, type SlotRow } from '../projections/inventory/tables.ts';
import { countsOf } from '../projections/inventory/usage.ts';
import { selectList } from '../projections/table-sql.ts';
import type { Read, SlotSummary } from './answers.ts';
import { ask, prepared, type ViewSource } from './database.ts';

const selectSlot = prepared(
  'slot',
  (build) => `
  SELECT ${build.position} AS "viewPosition", ${selectList(SLOTS, 's')}
    FROM (VALUES (1)) AS one(n) LEFT JOIN ${build.table(SLOTS)} s ON s.slot_id = $1`,
);

/** One slot with its counts. */
export async function slot(source: ViewSource, slotId: string): Promise<Read<SlotSummary | null>> {
  const [found] = await ask<SlotRow & { viewPosition: number }>(source, inventory, selectSlot, [slotId]);
  if (found === undefined) throw new Error('the statement answers one row, whether there is a slot or not');
  const value = found.slotId === null ? null : summaryOf(found, source.now());
  return { value, position: found.viewPosition, source: 'postgres' };
}

/** The answer that a row makes; `now` in epoch milliseconds matters on the `time` axis. */
export function summaryOf(row: SlotRow, now: number): SlotSummary {
  const { slotId, status, currency, axis, layoutId, version } = row;
  return { slotId, ...descriptionOf(row), status, currency, axis, layoutId, version, counts: countsOf(row, now) };
}
