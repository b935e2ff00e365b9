import type { ReadableBuild } from '../projections/builds/live-builds.ts';
import { inventory } from '../projections/inventory/inventory.ts';
import { SLOTS, type SlotRow } from '../projections/inventory/tables.ts';
import { selectList } from '../projections/table-sql.ts';
import type { PageRead, SlotFilter, SlotSummary } from './answers.ts';
import { Conditions, instantSql } from './conditions.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { ask, type ViewSource } from './database.ts';
import { summaryOf } from './slot.ts';

/** What stands behind every price: no money can be counted beyond. */
const NO_PRICE = Number.MAX_SAFE_INTEGER;

type Sort = NonNullable<SlotFilter['sort']>;

interface Order {
  /** Ascending sort key; `?` is the placeholder of now. */
  readonly key: string;
  /** The same key from a cursor's value. */
  fromCursor(placeholder: string): string;
}

const ORDERS: Readonly<Record<Sort, Order>> = {
  startsAt: {
    key: "coalesce(s.starts_at, 'infinity')",
    fromCursor: (placeholder) => `coalesce(${instantSql(placeholder)}, 'infinity')`,
  },
  price: { key: `coalesce(s.price_from, ${NO_PRICE})`, fromCursor: (placeholder) => `coalesce(${placeholder}::bigint, ${NO_PRICE})` },
  free: { key: `-${freeAt('?')}`, fromCursor: (placeholder) => `${placeholder}::bigint` },
};

/**
 * Slots by simple filters: earliest first, cheapest first, or the one with most places first. A cursor
 * holds the sort key of the last item, so what is written between two pages moves no item that stays.
 */
export async function slots(source: ViewSource, filter: SlotFilter): Promise<PageRead<SlotSummary>> {
  const sort = filter.sort ?? 'startsAt';
  const end = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor, sort);
  if (end === null) return { kind: 'invalid-cursor' };
  const now = source.now();
  const where = conditionsOf(filter, now);
  const nowPlaceholder = `${where.placeholder(Math.floor(now))}::bigint`;
  const key = ORDERS[sort].key.replaceAll('?', nowPlaceholder);
  const after =
    end === undefined
      ? 'true'
      : `(${key}, s.slot_id) > (${ORDERS[sort].fromCursor(where.placeholder(end.value))}, ${where.placeholder(end.id)})`;
  const limit = where.placeholder(filter.limit + 1);
  const sql = (build: ReadableBuild) => `
    SELECT ${build.position} AS position, coalesce(json_agg(page), '[]') AS rows FROM (
      SELECT ${selectList(SLOTS, 's')}, ${freeAt(nowPlaceholder)} AS "freeNow"
        FROM ${build.table(SLOTS)} s WHERE ${where.sql} AND ${after}
       ORDER BY ${key}, s.slot_id LIMIT ${limit}) AS page`;
  const [found] = await ask<{ position: number; rows: (SlotRow & { freeNow: number })[] }>(source, inventory, sql, where.values);
  if (found === undefined) throw new Error('the statement answers one row, however many slots there are');
  const page = found.rows.slice(0, filter.limit);
  const last = found.rows.length > filter.limit ? page.at(-1) : undefined;
  const nextCursor = last === undefined ? null : encodeCursor({ sort, value: sortValue(sort, last), id: last.slotId });
  return {
    kind: 'found',
    read: { value: { items: page.map((row) => summaryOf(row, now)), nextCursor }, position: found.position, source: 'postgres' },
  };
}

function conditionsOf(filter: SlotFilter, now: number): Conditions {
  const where = new Conditions()
    .add('s.status = ?', filter.status ?? 'OPEN')
    .add('s.category = ?', filter.category)
    .add('s.venue_id = ?', filter.venueId)
    .add('s.venue_city = ?', filter.city)
    .add('s.reference = ?', filter.reference)
    .add(`s.starts_at >= ${instantSql('?')}`, filter.from)
    .add(`s.starts_at < ${instantSql('?')}`, filter.to)
    .add("concat_ws(' ', s.title, s.venue_name, s.venue_city) ILIKE ?", filter.text === undefined ? undefined : containing(filter.text));
  if (filter.minFree === undefined) return where;
  return where.add(`${freeAt(String(Math.floor(now)))} >= ?`, filter.minFree);
}

/** What is free at the instant, an SQL expression in epoch milliseconds. */
function freeAt(instant: string): string {
  return `holdfast_views.free_at(s.axis_type, s.capacity, s.free, s.usage, ${instant})`;
}

function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

function sortValue(sort: Sort, row: SlotRow & { readonly freeNow: number }): number | null {
  switch (sort) {
    case 'startsAt':
      return row.startsAt;
    case 'price':
      return row.priceFrom;
    case 'free':
      return -row.freeNow;
  }
}
