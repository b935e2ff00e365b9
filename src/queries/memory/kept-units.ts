import type { Layout } from '../../domain/layout.ts';
import type { SlotRows } from '../../projections/inventory/slot-rows.ts';
import type { SlotClaimRow, SlotUnitRow } from '../../projections/inventory/tables.ts';
import { type UnitInSlot, unitsInSlot, withClaims } from '../slot-units.ts';

/**
 * The units of a slot that stays in memory, as every answer over a span needs them. In a rush hardly any of them
 * changes from one answer to the next: only those are made anew that something was claimed of, or given back.
 */
export class KeptUnits {
  private made: readonly UnitInSlot[];
  private readonly places = new Map<string, number>();
  private readonly changed = new Set<string>();

  constructor(rows: SlotRows, layout: Layout | null) {
    this.made = unitsInSlot(rows, layout);
    for (const [place, { unit }] of this.made.entries()) this.places.set(unit.unitId, place);
  }

  get count(): number {
    return this.made.length;
  }

  /** Something else is taken of the unit from now on. */
  claimed(unitId: string): void {
    this.changed.add(unitId);
  }

  /**
   * The units as they are now, in the slot's order; a list that was given out before stays as it was.
   *
   * @param slot the rows as they are now, of which nothing but claims has changed since these units were made.
   */
  of({ slot, claims }: SlotRows, units: ReadonlyMap<string, SlotUnitRow>): readonly UnitInSlot[] {
    if (this.changed.size === 0) return this.made;
    const onChanged = new Map<string, SlotClaimRow[]>();
    for (const unitId of this.changed) onChanged.set(unitId, []);
    for (const claim of claims) onChanged.get(claim.unitId)?.push(claim);
    const made = [...this.made];
    for (const [unitId, ofUnit] of onChanged) {
      const place = this.places.get(unitId);
      if (place === undefined) continue;
      const { unit, price } = made[place] as UnitInSlot;
      made[place] = withClaims(slot, unit, price, units.get(unitId)?.blocks, ofUnit);
    }
    this.changed.clear();
    this.made = made;
    return made;
  }
}
