import type { LayoutRow, PriceCounts } from './tables.ts';

/** Stands for the price of a layout's unit that only a slot can price. */
export const NO_PRICE = 'none';

/** Units that come to a price or, when negative, leave it. */
export type PriceMove = readonly [price: number | string, units: number];

/** The counts after all the moves. They are copied once: a slot may have a price for each of thousands of units. */
export function withPrices(counts: PriceCounts, moves: Iterable<PriceMove>): PriceCounts {
  const moved: Record<string, number> = { ...counts };
  for (const [price, units] of moves) {
    const left = (moved[price] ?? 0) + units;
    if (left === 0) delete moved[price];
    else moved[price] = left;
  }
  return moved;
}

/** What a layout's units cost in a slot that prices some of its categories. */
export function priceCountsOf(layout: LayoutRow, prices: Readonly<Record<string, number>> | null): PriceCounts {
  const moves = Object.entries(layout.categories).flatMap(([category, own]) => {
    const price = prices !== null && Object.hasOwn(prices, category) ? prices[category] : undefined;
    return Object.entries(own).map(([ownPrice, units]): PriceMove => [price ?? ownPrice, units]);
  });
  return withPrices({}, moves);
}

/** The lowest and the highest price; null when there is no unit. */
export function priceRange(counts: PriceCounts): { readonly priceFrom: number | null; readonly priceTo: number | null } {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const price of Object.keys(counts)) {
    if (price === NO_PRICE) continue;
    lowest = Math.min(lowest, Number(price));
    highest = Math.max(highest, Number(price));
  }
  return lowest > highest ? { priceFrom: null, priceTo: null } : { priceFrom: lowest, priceTo: highest };
}
