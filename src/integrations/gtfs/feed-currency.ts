import { InputError } from '../input-error.ts';
import type { FeedFiles } from './feed-files.ts';
import { readOptionalTable } from './table.ts';

/**
 * The currency of the feed's fares, by fare_attributes.txt or fare_products.txt; null when it says none.
 * @throws InputError when it says several.
 */
export function feedCurrency(feed: FeedFiles): string | null {
  const found = new Set<string>();
  for (const [file, column] of [
    ['fare_attributes.txt', 'currency_type'],
    ['fare_products.txt', 'currency'],
  ] as const) {
    for (const row of readOptionalTable(feed, file, [column]) ?? []) found.add(row.required(column));
  }
  if (found.size > 1)
    throw new InputError(`the fares of the feed are in several currencies (${[...found].join(', ')}): name one with --currency`);
  return [...found][0] ?? null;
}
