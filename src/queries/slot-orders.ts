import { type SlotRow, UNPRICED } from '../projections/inventory/tables.ts';
import { countsOf } from '../projections/inventory/usage.ts';
import type { SlotFilter } from './answers.ts';
import { type Conditions, instantSql } from './conditions.ts';
import type { PageEnd } from './cursor.ts';

/** A slot's row in a list, with how well it fits a text that was searched. */
export interface ListedSlot extends SlotRow {
  readonly rank: number;
}

interface SortKey {
  /** Ascending, in SQL. */
  readonly sql: string;
  /** The same from a placeholder of a cursor's value. */
  fromCursor(placeholder: string): string;
  /** @param now epoch milliseconds. */
  valueOf(row: ListedSlot, now: number): number | null;
}

/** An order of slots. The slot's id comes last in each, so that no two slots share a place in it. */
interface SlotOrder {
  readonly sort: Sort;
  readonly keys: readonly SortKey[];
  /** In SQL; 0 where slots are not sorted by it. */
  readonly rank: string;
}

type Sort = NonNullable<SlotFilter['sort']> | 'text';

/** As the indexes have it. */
export const STARTS_SQL = "coalesce(s.starts_at, 'infinity')";

const STARTS: SortKey = {
  sql: STARTS_SQL,
  fromCursor: (placeholder) => `coalesce(${instantSql(placeholder)}, 'infinity')`,
  valueOf: (row) => row.startsAt,
};
const PRICE: SortKey = {
  sql: `coalesce(s.price_from, ${UNPRICED})`,
  fromCursor: (placeholder) => `coalesce(${placeholder}::bigint, ${UNPRICED})`,
  valueOf: (row) => row.priceFrom,
};

/** By default the earliest first, or, when a text is searched, what fits it best. */
export function sortOf({ sort, text }: SlotFilter): Sort {
  return sort ?? (text === undefined ? 'startsAt' : 'text');
}

/** The order that the filter asks for, with what may be sorted by as SQL. */
export function orderOf(filter: SlotFilter, sql: { readonly free: string; rank(text: string): string }): SlotOrder {
  const sort = sortOf(filter);
  switch (sort) {
    case 'startsAt':
      return { sort, keys: [STARTS], rank: '0' };
    case 'price':
      return { sort, keys: [PRICE], rank: '0' };
    case 'free':
      return { sort, keys: [{ sql: `-(${sql.free})`, fromCursor: bigint, valueOf: (row, now) => -countsOf(row, now).free }], rank: '0' };
    case 'text': {
      const rank = sql.rank(filter.text ?? '');
      return { sort, keys: [{ sql: rank, fromCursor: bigint, valueOf: (row) => row.rank }, STARTS], rank };
    }
  }
}

/** Condition for what lies behind the page's end; null when the end does not fit the order. */
export function behind({ keys }: SlotOrder, end: PageEnd, where: Conditions): string | null {
  if (end.values.length !== keys.length) return null;
  const ends = keys.map((key, index) => key.fromCursor(where.placeholder(end.values[index])));
  return `(${keys.map(({ sql }) => sql).join(', ')}, s.slot_id) > (${ends.join(', ')}, ${where.placeholder(end.id)})`;
}

function bigint(placeholder: string): string {
  return `${placeholder}::bigint`;
}
