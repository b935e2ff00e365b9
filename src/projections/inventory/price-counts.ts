import type { LayoutRow, PriceCounts } from './tables.ts';

/** Stands for the price of a layout's unit that only a slot can price. */
export const NO_PRICE = 'none';

/** Counts so many more (or, when negative, fewer) units at the price. */
export function withPrice(counts: PriceCounts, price: number | string, units: number): PriceCounts {
  const { [price]: known = 0, ...others } = counts;
  return known + units === 0 ? others : { ...others, [price]: known + units };
}

/** What a layout's units cost in a slot that prices some of its categories. */
export function priceCountsOf(layout: LayoutRow, prices: Readonly<Record<string, number>> | null): PriceCounts {
  let counts: PriceCounts = {};
  for (const [category, own] of Object.entries(layout.categories)) {
    const price = prices !== null && Object.hasOwn(prices, category) ? prices[category] : undefined;
    for (const [ownPrice, units] of Object.entries(own)) counts = withPrice(counts, price ?? ownPrice, units);
  }
  return counts;
}

/** The lowest and the highest price; null when there is no unit. */
export function priceRange(counts: PriceCounts): { readonly priceFrom: number | null; readonly priceTo: number | null } {
  const prices = Object.keys(counts)
    .filter((price) => price !== NO_PRICE)
    .map(Number);
  if (prices.length === 0) return { priceFrom: null, priceTo: null };
  return { priceFrom: Math.min(...prices), priceTo: Math.max(...prices) };
}
