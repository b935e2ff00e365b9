import type { Layout } from '../domain/layout.ts';
import type { Unit } from '../domain/unit.ts';
import type { UnitTable } from '../domain/unit-table.ts';

/** What a unit takes in memory, in bytes, with where it is found by its id. */
const UNIT_BYTES = 140;
/** What its place in a table of units takes. */
const POINTER_BYTES = 8;
/** What a seating plan has of a unit: 50 to 100 bytes were seen in rows, the shorter the more; one that stands alone is a line of its own. */
const SEATED_BYTES = 80;
const ALONE_BYTES = 550;

/** A unit of a layout with what is known of the layout beside: between that of seats in rows and that of units that stand alone. */
const LAYOUT_UNIT_BYTES = 350;

/** What the seating plan of these units takes. Tables are replaced and never changed, and most slots are weighed many times. */
const planBytes = new WeakMap<readonly (Unit | undefined)[], number>();

function bytesOfPlan(places: readonly (Unit | undefined)[]): number {
  let bytes = planBytes.get(places);
  if (bytes === undefined) {
    bytes = places.reduce((sum, unit) => sum + (unit !== undefined && unit.row === undefined ? ALONE_BYTES : SEATED_BYTES), 0);
    planBytes.set(places, bytes);
  }
  return bytes;
}

/** Bytes that a slot's units take in memory without what it shares with all on its layout, roughly. */
export function bytesOfUnits(table: UnitTable): number {
  const { units, places, ownCount, hasPlacesOfLayout } = table;
  return ownCount * UNIT_BYTES + units.length * POINTER_BYTES + (hasPlacesOfLayout ? 0 : bytesOfPlan(places));
}

/** What a slot in memory was weighed as: its own bytes, and the layout that it stands on, if any. */
export interface Weighed {
  bytes: number;
  layout: Layout | null;
}

/** The bytes of slots in memory, roughly: of each its own, and of the layouts that they stand on, each once however many do. */
export class SlotWeights {
  private sum = 0;
  /** How many stand on each. */
  private readonly layouts = new Map<Layout, number>();

  get bytes(): number {
    return this.sum;
  }

  /** Weighs a slot anew; one that leaves memory weighs nothing and stands on nothing. */
  weigh(slot: Weighed, bytes: number, layout: Layout | null): void {
    this.sum += bytes - slot.bytes;
    slot.bytes = bytes;
    if (slot.layout === layout) return;
    if (layout !== null) this.count(layout, 1);
    if (slot.layout !== null) this.count(slot.layout, -1);
    slot.layout = layout;
  }

  private count(layout: Layout, more: 1 | -1): void {
    const before = this.layouts.get(layout) ?? 0;
    const after = before + more;
    if (after === 0) this.layouts.delete(layout);
    else this.layouts.set(layout, after);
    if (before === 0 || after === 0) this.sum += more * LAYOUT_UNIT_BYTES * layout.units.length;
  }
}
