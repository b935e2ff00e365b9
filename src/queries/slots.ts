import type { ReadableBuild } from '../projections/builds/live-builds.ts';
import { inventory } from '../projections/inventory/inventory.ts';
import { SLOTS } from '../projections/inventory/tables.ts';
import { selectList } from '../projections/table-sql.ts';
import type { PageRead, SlotFilter, SlotSummary } from './answers.ts';
import { Conditions, instantSql } from './conditions.ts';
import { decodeCursor, encodeCursor, type PageEnd } from './cursor.ts';
import { ask, type ViewSource } from './database.ts';
import { summaryOf } from './slot.ts';
import { behind, type ListedSlot, orderOf, STARTS_SQL, sortOf } from './slot-orders.ts';
import { respelled } from './spelling.ts';

/**
 * Slots by filters and by words: every word of the text is in the title, the place or the city, the last
 * one at least begins one there. What fits best comes first, unless a sort is asked for; without a text
 * the earliest. When nothing has the words, they are taken for misspelled ones (see spelling.ts).
 *
 * A cursor holds the sort keys of the last item, so what is written between two pages moves no item that
 * stays; how well a text fits depends on what describes the slot alone.
 */
export async function slots(source: ViewSource, filter: SlotFilter): Promise<PageRead<SlotSummary>> {
  const end = filter.cursor === undefined ? null : decodeCursor(filter.cursor, sortOf(filter));
  if (end === null && filter.cursor !== undefined) return { kind: 'invalid-cursor' };
  if (end?.text !== undefined) return page(source, { ...filter, text: end.text }, end, end.text);
  const asked = await page(source, filter, end, null);
  if (filter.text === undefined || end !== null || asked.kind !== 'found' || asked.read.value.items.length > 0) return asked;
  const { text, ...others } = filter;
  const meant = await respelled(source, text, conditionsOf(others, Math.floor(source.now())));
  return meant === null ? asked : page(source, { ...others, text: meant }, null, meant);
}

/** @param instead what is searched for instead of the text that was asked, for the next page to go on with. */
async function page(source: ViewSource, filter: SlotFilter, end: PageEnd | null, instead: string | null): Promise<PageRead<SlotSummary>> {
  const now = Math.floor(source.now());
  const where = conditionsOf(filter, now);
  const order = orderOf(filter, { free: freeAt(now), rank: (text) => rankOf(where.placeholder(text)) });
  const after = end === null ? 'true' : behind(order, end, where);
  if (after === null) return { kind: 'invalid-cursor' };
  const limit = where.placeholder(filter.limit + 1);
  const sql = (build: ReadableBuild) => `
    SELECT ${build.position} AS position, coalesce(json_agg(page), '[]') AS rows FROM (
      SELECT ${selectList(SLOTS, 's')}, s.rank FROM (
        SELECT s.*, ${order.rank} AS rank FROM ${build.table(SLOTS)} s WHERE ${where.sql} AND ${after}
         ORDER BY ${order.keys.map((key) => key.sql).join(', ')}, s.slot_id LIMIT ${limit}) AS s) AS page`;
  const [found] = await ask<{ position: number; rows: ListedSlot[] }>(source, inventory, sql, where.values);
  if (found === undefined) throw new Error('the statement answers one row, however many slots there are');
  const rows = found.rows.slice(0, filter.limit);
  const last = found.rows.length > filter.limit ? rows.at(-1) : undefined;
  const nextCursor = last === undefined ? null : encodeCursor(endOf(last));
  return {
    kind: 'found',
    read: { value: { items: rows.map((row) => summaryOf(row, now)), nextCursor }, position: found.position, source: 'postgres' },
  };

  function endOf(row: ListedSlot): PageEnd {
    const values = order.keys.map((key) => key.valueOf(row, now));
    return { sort: order.sort, values, id: row.slotId, ...(instead === null ? {} : { text: instead }) };
  }
}

function conditionsOf(filter: Omit<SlotFilter, 'limit'>, now: number): Conditions {
  const where = new Conditions()
    .add('s.status = ?', filter.status ?? 'OPEN')
    .add('s.category = ?', filter.category)
    .add('s.venue_id = ?', filter.venueId)
    .add('s.venue_city = ?', filter.city)
    .add('s.reference = ?', filter.reference)
    // In the words of the indexes; what has no start lies beyond every instant.
    .add(`${STARTS_SQL} >= ${instantSql('?')} AND s.starts_at IS NOT NULL`, filter.from)
    .add(`${STARTS_SQL} < ${instantSql('?')}`, filter.to)
    .add(`s.words @@ ${queryOf('?', '', false)}`, filter.text);
  if (filter.minFree === undefined) return where;
  return where.add(`(${freeAt(now)}) >= ?`, filter.minFree);
}

/** What is free at the instant (epoch milliseconds), in SQL. Calling the function costs a hundred times the column. */
function freeAt(instant: number): string {
  return `CASE WHEN s.axis_type <> 'time' THEN s.free ELSE holdfast_views.free_at(s.axis_type, s.capacity, s.free, s.usage, ${instant}) END`;
}

/** How well a slot fits, best first: all words stand in the title, begin there, are there or in the place's name, or anywhere. */
function rankOf(text: string): string {
  const fits = [queryOf(text, 'A', true), queryOf(text, 'A', false), queryOf(text, 'AB', false)];
  return `CASE ${fits.map((query, rank) => `WHEN s.words @@ ${query} THEN ${rank}`).join(' ')} ELSE ${fits.length} END`;
}

/** The words as PostgreSQL looks for them; '' for weights means anywhere. */
function queryOf(text: string, weights: 'A' | 'AB' | '', lastIsWhole: boolean): string {
  return `holdfast_views.search_query(${text}, '${weights}', ${lastIsWhole})`;
}
