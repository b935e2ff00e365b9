import type { Layout } from './layout.ts';
import { isPlacedAlike } from './seating-plan.ts';
import type { Unit } from './unit.ts';

/** Index of each layout's units, made once per layout however many slots stand on it. */
const layoutIndexes = new WeakMap<Layout, ReadonlyMap<string, number>>();

function indexOfLayout(layout: Layout): ReadonlyMap<string, number> {
  let index = layoutIndexes.get(layout);
  if (index === undefined) {
    index = new Map(layout.units.map((unit, position) => [unit.unitId, position]));
    layoutIndexes.set(layout, index);
  }
  return index;
}

/** The slot's own price of a category; undefined when it names none. Categories are free text: only own keys count. */
export function priceOfCategory(prices: Readonly<Record<string, number>> | null, category: string): number | undefined {
  return prices !== null && Object.hasOwn(prices, category) ? prices[category] : undefined;
}

const NO_UNITS: readonly (Unit | undefined)[] = Object.freeze([]);
const NONE_WITHDRAWN: ReadonlyMap<number, Unit> = new Map();

/**
 * The units of a slot by index and by id. Immutable: an operator's change makes a new table, while
 * the slots of one layout share the layout's array and index until they deviate from it.
 * A withdrawn unit leaves a hole, so that the indexes of the others stay, and comes back into it.
 */
export class UnitTable {
  private constructor(
    readonly units: readonly (Unit | undefined)[],
    private readonly shared: ReadonlyMap<string, number>,
    private readonly own: ReadonlyMap<string, number>,
    /** Units that carry their own price although the slot prices the layout's categories. */
    private readonly exceptions: ReadonlySet<number>,
    /** What the slot stands on, and shares with others; null when all units are its own. */
    readonly layout: Layout | null,
    private readonly prices: Readonly<Record<string, number>> | null,
    /**
     * What the seating plan is made of: the layout's units while the slot's stand where those do, whatever they
     * cost, so that all its slots share one plan; else `units`.
     */
    readonly places: readonly (Unit | undefined)[],
    /** Withdrawn units as they were, by the index that they left. */
    readonly withdrawn: ReadonlyMap<number, Unit>,
  ) {}

  static empty(): UnitTable {
    return new UnitTable(NO_UNITS, new Map(), new Map(), new Set(), null, null, NO_UNITS, NONE_WITHDRAWN);
  }

  static ofLayout(layout: Layout, prices: Readonly<Record<string, number>> | null): UnitTable {
    return new UnitTable(layout.units, indexOfLayout(layout), new Map(), new Set(), layout, prices, layout.units, NONE_WITHDRAWN);
  }

  /** Whether the seating plan is that of the layout, which the slot shares with others. */
  get hasPlacesOfLayout(): boolean {
    return this.places === this.layout?.units;
  }

  /** How many units the slot has for itself: all without a layout, else those that were changed or added. */
  get ownCount(): number {
    return this.exceptions.size;
  }

  get focus(): { readonly x: number; readonly y: number } | undefined {
    return this.layout?.focus;
  }

  indexOf(unitId: string): number | undefined {
    const index = this.placeOf(unitId);
    return index === undefined || this.units[index] === undefined ? undefined : index;
  }

  /** Where the unit stands, or stood until it was withdrawn; undefined for one that never was. */
  placeOf(unitId: string): number | undefined {
    return this.own.get(unitId) ?? this.shared.get(unitId);
  }

  at(index: number): Unit | undefined {
    return this.units[index];
  }

  /** Price of a new claim in minor units; undefined when neither the slot nor the unit names one. */
  priceAt(index: number): number | undefined {
    const unit = this.units[index];
    if (unit === undefined) return undefined;
    const pricedBySlot = this.layout !== null && index < this.layout.units.length && !this.exceptions.has(index);
    return (pricedBySlot ? priceOfCategory(this.prices, unit.category) : undefined) ?? unit.price;
  }

  withAdded(units: readonly Unit[]): UnitTable {
    const all = this.units.slice();
    const own = new Map(this.own);
    const exceptions = new Set(this.exceptions);
    const withdrawn = new Map(this.withdrawn);
    for (const unit of units) {
      const index = this.placeOf(unit.unitId) ?? all.length;
      withdrawn.delete(index);
      all[index] = unit;
      own.set(unit.unitId, index);
      exceptions.add(index);
    }
    return new UnitTable(all, this.shared, own, exceptions, this.layout, this.prices, all, withdrawn);
  }

  /**
   * Puts other units at their indexes, or none (null). Their own prices count from here on, whatever the slot says of
   * their category. All that one event changes goes into one call: each copies the table.
   */
  withReplaced(replacements: ReadonlyMap<number, Unit | null>): UnitTable {
    const units = this.units.slice();
    const exceptions = new Set(this.exceptions);
    const withdrawn = new Map(this.withdrawn);
    for (const [index, unit] of replacements) {
      if (unit !== null) exceptions.add(index);
      else withdrawn.set(index, units[index] as Unit);
      units[index] = unit ?? undefined;
    }
    const places = this.hasPlacesOfLayout && keepPlaces(this.layout, replacements) ? this.places : units;
    return new UnitTable(units, this.shared, this.own, exceptions, this.layout, this.prices, places, withdrawn);
  }

  /** What sets this table apart from its layout's, but for withdrawn units: the units by index that were replaced or added. */
  deviations(): readonly (readonly [number, Unit])[] {
    const found: [number, Unit][] = [];
    const shared = this.layout?.units ?? [];
    for (let index = 0; index < this.units.length; index += 1) {
      const unit = this.units[index];
      if (unit !== undefined && unit !== shared[index]) found.push([index, unit]);
    }
    return found;
  }

  /** The table again, from its layout, its deviations and its withdrawn units. */
  static restored(
    layout: Layout | null,
    prices: Readonly<Record<string, number>> | null,
    deviations: readonly (readonly [number, Unit])[],
    withdrawn: readonly (readonly [number, Unit])[],
  ): UnitTable {
    const base = layout === null ? UnitTable.empty() : UnitTable.ofLayout(layout, prices);
    if (deviations.length === 0 && withdrawn.length === 0) return base;
    const units = base.units.slice();
    const own = new Map<string, number>();
    const exceptions = new Set<number>();
    for (const [index, unit] of [...deviations, ...withdrawn]) {
      units[index] = unit;
      if (base.shared.get(unit.unitId) !== index) own.set(unit.unitId, index);
    }
    for (const [index] of deviations) exceptions.add(index);
    for (const [index] of withdrawn) units[index] = undefined;
    const places = withdrawn.length === 0 && keepPlaces(layout, deviations) ? base.places : units;
    return new UnitTable(units, base.shared, own, exceptions, layout, prices, places, new Map(withdrawn));
  }
}

/** Whether the units by index stand where the layout's units do. */
function keepPlaces(layout: Layout | null, units: Iterable<readonly [number, Unit | null]>): boolean {
  for (const [index, unit] of units) {
    const before = layout?.units[index];
    if (unit === null || before === undefined || !isPlacedAlike(unit, before)) return false;
  }
  return true;
}
