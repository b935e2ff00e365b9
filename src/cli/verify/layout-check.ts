import type { LayoutEvent } from '../../domain/layout.ts';
import type { RecordedEvent } from '../../eventstore/event-store.ts';
import { LAYOUT_UNITS, LAYOUTS } from '../../projections/inventory/tables.ts';
import { columnsOfUnit } from '../../projections/inventory/unit-columns.ts';
import type { Row, Table } from '../../projections/projection.ts';
import { compareRows, type ExpectedRow, keyText } from './compare-rows.ts';
import type { FaultList } from './faults.ts';
import type { ReadEvent } from './stored-contract.ts';
import type { StreamCheck, StreamCounts } from './stream-check.ts';
import type { ViewRows } from './view-rows.ts';

/** One layout: its rows against the events that made it. */
export class LayoutCheck implements StreamCheck {
  private readonly layoutId: string;
  private readonly parts: { readonly views: ViewRows; readonly faults: FaultList; readonly counts: StreamCounts };
  private layout: ExpectedRow | null = null;
  private readonly units: ExpectedRow[] = [];
  private capacity = 0;
  private readonly categories = new Map<string, Map<string, number>>();
  private broken = false;

  constructor(layoutId: string, parts: LayoutCheck['parts']) {
    this.layoutId = layoutId;
    this.parts = parts;
  }

  async take(recorded: RecordedEvent, read: ReadEvent): Promise<void> {
    if (read.kind === 'unreadable') this.broken = true;
    // What the views have not folded yet is none of theirs.
    if (read.kind === 'unreadable' || recorded.position > this.parts.views.positions.inventory) return;
    this.apply(read.event as LayoutEvent, recorded.version);
  }

  async finish(): Promise<void> {
    const layouts = await this.parts.views.layouts.take(this.layoutId);
    const units = await this.parts.views.layoutUnits.take(this.layoutId);
    if (this.broken) return;
    const categories = Object.fromEntries([...this.categories].map(([category, prices]) => [category, Object.fromEntries(prices)]));
    this.compare(LAYOUTS, this.layout === null ? [] : [{ ...this.layout, capacity: this.capacity, categories }], layouts);
    this.compare(LAYOUT_UNITS, this.units, units);
  }

  private apply(event: LayoutEvent, version: number): void {
    const { layoutId } = this;
    switch (event.type) {
      case 'LayoutDefined': {
        const { name, focus, unitCount } = event;
        this.layout = { layoutId, name, focusX: focus?.x ?? null, focusY: focus?.y ?? null, unitCount, complete: false };
        return;
      }
      case 'LayoutCompleted':
        this.layout = { ...this.layout, complete: true };
        return;
      case 'LayoutUnitsAdded':
        for (const [place, unit] of event.units.entries()) {
          this.units.push({ layoutId, chunk: version, place, ...columnsOfUnit(unit) });
          this.capacity += unit.capacity ?? 1;
          const prices = this.categories.get(unit.category) ?? new Map<string, number>();
          const price = String(unit.price ?? 'none');
          this.categories.set(unit.category, prices.set(price, (prices.get(price) ?? 0) + 1));
        }
        return;
    }
  }

  private compare(table: Table<Row>, expected: readonly ExpectedRow[], actual: readonly Row[]): void {
    const byKey = new Map(expected.map((row) => [keyText(table, row), row]));
    this.parts.counts.rows += compareRows({ table, expected: byKey, actual }, this.parts.faults);
  }
}
