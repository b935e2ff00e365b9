import { bookings as projection } from '../projections/bookings/bookings.ts';
import { BOOKINGS } from '../projections/bookings/tables.ts';
import type { ReadableBuild } from '../projections/builds/live-builds.ts';
import type { BookingFilter, BookingView, PageRead } from './answers.ts';
import { type BookingFound, bookingColumns, viewOf } from './booking.ts';
import { Conditions, instantSql } from './conditions.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { ask, type ViewSource } from './database.ts';

const SORT = 'requestedAt';

/** Bookings by simple filters, newest first. `unitId` finds those that have or had the unit. */
export async function bookings(source: ViewSource, filter: BookingFilter): Promise<PageRead<BookingView>> {
  const end = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor, SORT);
  const before = end?.values[0];
  if (end === null || before === null) return { kind: 'invalid-cursor' };
  const where = new Conditions()
    .add('b.slot_id = ?', filter.slotId)
    .add('b.customer_id = ?', filter.customerId)
    .add('b.reference = ?', filter.reference)
    // Of one slot or customer there are few; the index of units would bring those of all slots.
    .add(filter.slotId === undefined && filter.customerId === undefined ? 'b.unit_ids @> ARRAY[?]' : '? = ANY (b.unit_ids)', filter.unitId)
    .add('b.status = ?', filter.status)
    .add(`b.requested_at >= ${instantSql('?')}`, filter.from)
    .add(`b.requested_at < ${instantSql('?')}`, filter.to);
  const older =
    end === undefined
      ? 'true'
      : `(b.requested_at, b.booking_id) < (${instantSql(where.placeholder(before))}, ${where.placeholder(end.id)})`;
  const limit = where.placeholder(filter.limit + 1);
  const sql = (build: ReadableBuild) => `
    SELECT ${build.position} AS position, coalesce(json_agg(page), '[]') AS rows FROM (
      SELECT ${bookingColumns(build)} FROM (
        SELECT b.* FROM ${build.table(BOOKINGS)} b WHERE ${where.sql} AND b.status <> 'REQUESTED' AND ${older}
         ORDER BY b.requested_at DESC, b.booking_id DESC LIMIT ${limit}) AS b) AS page`;
  const [found] = await ask<{ position: number; rows: BookingFound[] }>(source, projection, sql, where.values);
  if (found === undefined) throw new Error('the statement answers one row, however many bookings there are');
  const page = found.rows.slice(0, filter.limit);
  const last = found.rows.length > filter.limit ? page.at(-1) : undefined;
  const nextCursor = last === undefined ? null : encodeCursor({ sort: SORT, values: [last.requestedAt], id: last.bookingId });
  return { kind: 'found', read: { value: { items: page.map(viewOf), nextCursor }, position: found.position, source: 'postgres' } };
}
