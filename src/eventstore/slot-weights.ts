import type { Layout } from '../domain/layout.ts';

/** What a unit of a layout takes in memory, in bytes, with what is known of the layout beside: 140 were seen of seats in rows, 570 of units that stand alone. */
const LAYOUT_UNIT_BYTES = 350;

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
