import type { Layout } from '../../domain/layout.ts';
import type { RecordedEvent } from '../../eventstore/event-store.ts';
import { decodeFeed } from '../decode-feed.ts';
import { fold } from '../fold.ts';
import { layoutRowOf, layoutUnitRowOf } from '../inventory/shared-layout.ts';
import { LAYOUT_UNITS, LAYOUTS } from '../inventory/tables.ts';
import type { Key, Row, Table } from '../projection.ts';
import { unseenInStream } from '../unseen.ts';
import type { RedisInventory } from './redis-inventory.ts';

/** How often rows are folded anew that another writer changed meanwhile. */
const TRIES = 3;

/** Where layouts come from that slots stand on. */
export interface LayoutsById {
  load(layoutId: string): Promise<Layout | null>;
}

/**
 * Brings what Redis has of a slot up to these events of its stream, which follow each other. Those that it
 * has already are passed by; a slot that it does not have is none of its business.
 *
 * @returns false when the rows cannot be brought up, because events are missing before these or others
 *   write all the time: then they have to go.
 * @throws PoisonEventError, what loading layouts throws, what the connection throws.
 */
export async function feedSlot(
  inventory: RedisInventory,
  layouts: LayoutsById,
  epoch: string,
  slotId: string,
  records: readonly RecordedEvent[],
): Promise<boolean> {
  const last = records.at(-1) as RecordedEvent;
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const version = await inventory.look(slotId, epoch, last.version);
    if (version === null) return true;
    const fresh = unseenInStream(records, version);
    if (fresh.length === 0) return true;
    if (fresh[0]?.version !== version + 1) return false;
    const { projection } = inventory;
    const load = (table: Table<Row>, keys: readonly Key[]) => rowsOf(inventory, layouts, slotId, table, keys);
    const changes = await fold(projection, decodeFeed(projection, fresh), load);
    if (await inventory.apply({ slotId, epoch, from: version, to: last.version, position: last.position, changes })) return true;
  }
  return false;
}

async function rowsOf(
  inventory: RedisInventory,
  layouts: LayoutsById,
  slotId: string,
  table: Table<Row>,
  keys: readonly Key[],
): Promise<readonly Row[]> {
  if (table.name !== LAYOUTS.name && table.name !== LAYOUT_UNITS.name) return inventory.rows(slotId, table, keys);
  const rows = await Promise.all(
    keys.map(async ([layoutId, unitId]) => {
      const layout = await layouts.load(String(layoutId));
      if (layout === null) return undefined;
      return table.name === LAYOUTS.name ? layoutRowOf(layout) : layoutUnitRowOf(layout, String(unitId));
    }),
  );
  return rows.filter((row) => row !== undefined);
}
