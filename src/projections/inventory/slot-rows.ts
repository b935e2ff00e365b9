import type { SlotClaimRow, SlotRow, SlotUnitRow } from './tables.ts';

/** What the inventory has of one slot, all of it as of `slot.version`. */
export interface SlotRows {
  readonly slot: SlotRow;
  /** Those that the slot added stand in the order of adding; where the layout's units stand, the layout says. */
  readonly units: Iterable<SlotUnitRow>;
  readonly claims: Iterable<SlotClaimRow>;
}
