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
  return { slotId: over.slotId, version: over.version, categories: categoriesOf(over) };
}

function categoriesOf(over: UnitsOverSpan): readonly CategoryAvailability[] {
  const categories = new Map<string, CategoryAvailability>();
  for (const { unit, price, profile } of over.units) {
    const known = categories.get(unit.category);
    categories.set(unit.category, {
      category: unit.category,
      price: Math.min(known?.price ?? price, price),
      maxPrice: Math.max(known?.maxPrice ?? price, price),
      capacity: (known?.capacity ?? 0) + capacityOf(unit),
      free: (known?.free ?? 0) + freeOver(unit, profile, over.occupied, over.extent),
    });
  }
  return [...categories.values()];
}
