import type { ViewSource } from '../database.ts';
import { loadSlotRows } from '../slot-rows.ts';
import type { SlotRowSource } from './slot-row-source.ts';

/** Fills memory from the inventory in PostgreSQL. */
export function postgresRows(source: ViewSource): SlotRowSource {
  return {
    load: async (slotId, claimsFrom) => ({ ...(await loadSlotRows(source, slotId, { from: claimsFrom, to: null })), source: 'postgres' }),
  };
}
