import type { SlotEvent } from '../../domain/slot/events.ts';
import type { SlotState } from '../../domain/slot/state.ts';
import type { Unit } from '../../domain/unit.ts';
import { columnsOfUnit, type UnitColumns } from '../../projections/inventory/unit-columns.ts';
import type { ExpectedRow } from './compare-rows.ts';
import type { AccountStep } from './unit-account.ts';

interface Origin {
  readonly chunk: number | null;
  readonly place: number | null;
  /** Whether the unit is as its layout says. */
  readonly inherited: boolean;
}

const OF_LAYOUT: Origin = { chunk: null, place: null, inherited: true };

/** Where the units of a slot come from: which event brought them, and whether they differ from the layout by now. */
export class UnitOrigins {
  private readonly origins = new Map<string, Origin>();

  /** Takes the next event of the slot; `version` is the event's own. */
  take(event: SlotEvent, version: number): void {
    switch (event.type) {
      case 'SlotOpened':
      case 'UnitsAdded':
        // A unit that was withdrawn and comes back stands where it stood.
        for (const [place, { unitId }] of event.units.entries()) {
          this.origins.set(unitId, { chunk: version, place, ...this.origins.get(unitId), inherited: false });
        }
        return;
      case 'UnitsBlocked':
      case 'UnitsUnblocked':
        for (const { unitId } of event.blocks) this.touch(unitId, {});
        return;
      case 'UnitsChanged':
        for (const { unitId } of event.changes) this.touch(unitId, { inherited: false });
        return;
      case 'UnitsWithdrawn':
        for (const { unitId } of event.units) this.touch(unitId, { inherited: false });
        return;
      default:
        return;
    }
  }

  /** The rows of all units that are not simply as the layout has them. */
  rows(state: SlotState, blocksOf: (unitId: string) => readonly AccountStep[]): readonly ExpectedRow[] {
    const rows: ExpectedRow[] = [];
    for (const [unitId, origin] of this.origins) {
      const blocks = blocksOf(unitId);
      if (origin.inherited && blocks.length === 0) continue;
      const index = state.units.indexOf(unitId);
      const identity = { slotId: state.slotId, unitId, ...origin, withdrawn: index === undefined, blocks };
      // A withdrawn unit is in no answer any more, so what it once was does not matter.
      rows.push(index === undefined ? identity : { ...identity, ...this.columns(state, index, origin) });
    }
    return rows;
  }

  private columns(state: SlotState, index: number, { inherited }: Origin): UnitColumns {
    const unit = state.units.at(index) as Unit;
    if (inherited) return { ...columnsOfUnit({ unitId: unit.unitId, category: '' }), category: null };
    return { ...columnsOfUnit(unit), price: state.units.priceAt(index) ?? null };
  }

  private touch(unitId: string, changes: Partial<Origin>): void {
    this.origins.set(unitId, { ...(this.origins.get(unitId) ?? OF_LAYOUT), ...changes });
  }
}
