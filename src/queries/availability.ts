import { freeOver } from '../domain/availability.ts';
import type { SpanRequest } from '../domain/axis.ts';
import { capacityOf } from '../domain/unit.ts';
import type { Availability, CategoryAvailability, SpanRead } from './answers.ts';
import type { ViewSource } from './database.ts';
import type { LayoutShelf } from './layout.ts';
import { overSpan, type UnitsOverSpan } from './slot-units.ts';

/** What is bookable over the whole span, per category, in the order in which the units first name them. */
export function availability(
  source: ViewSource,
  layouts: LayoutShelf,
  slotId: string,
  span: SpanRequest | null,
): Promise<SpanRead<Availability>> {
  return overSpan(source, layouts, slotId, span, availabilityOf);
}

export function availabilityOf(over: UnitsOverSpan): Availability {
  const { slotId, version, isOver, changesAt } = over;
  return { slotId, version, categories: categoriesOf(over), isOver, changesAt };
}

function categoriesOf({ units, occupied, extent }: UnitsOverSpan): readonly CategoryAvailability[] {
  const categories = new Map<string, Writable<CategoryAvailability>>();
  let last: Writable<CategoryAvailability> | undefined;
  for (const { unit, price, profile } of units) {
    const { category } = unit;
    // Units of a category mostly stand together.
    let known = last?.category === category ? last : categories.get(category);
    if (known === undefined) {
      known = { category, price, maxPrice: price, capacity: 0, free: 0 };
      categories.set(category, known);
    }
    if (price < known.price) known.price = price;
    if (price > known.maxPrice) known.maxPrice = price;
    known.capacity += capacityOf(unit);
    known.free += freeOver(unit, profile, occupied, extent);
    last = known;
  }
  return [...categories.values()];
}

type Writable<Value> = { -readonly [Name in keyof Value]: Value[Name] };
