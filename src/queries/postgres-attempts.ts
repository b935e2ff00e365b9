import type pg from 'pg';
import { ViewsUnavailableError } from './answers.ts';
import type { AttemptFilter, AttemptQueries, AttemptView } from './attempts.ts';
import { Conditions } from './conditions.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

interface AttemptRow {
  readonly attempt_id: string;
  readonly at: string;
  readonly slot_id: string | null;
  readonly booking_id: string | null;
  readonly customer_id: string | null;
  readonly unit_ids: readonly string[];
  readonly code: string;
  readonly asked: string | null;
  readonly slot_version: string | null;
  readonly actor: string;
  readonly correlation_id: string;
}

/** Reads `holdfast.attempts`. */
export function createPostgresAttemptQueries(pool: pg.Pool): AttemptQueries {
  const rows = async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<readonly Row[]> => {
    try {
      return (await pool.query<Row>(text, [...values])).rows;
    } catch (error) {
      throw new ViewsUnavailableError('The attempts could not be read.', { cause: error });
    }
  };
  return {
    async attempts(filter) {
      if (filter.cursor !== undefined && !UUID.test(filter.cursor)) return { kind: 'invalid-cursor' };
      const where = conditionsOf(filter);
      // One more than asked for tells whether there is a next page.
      const limit = where.placeholder(filter.limit + 1);
      const found = await rows<AttemptRow>(
        `SELECT * FROM holdfast.attempts WHERE ${where.sql} ORDER BY attempt_id DESC LIMIT ${limit}`,
        where.values,
      );
      const items = found.slice(0, filter.limit).map(viewOf);
      const nextCursor = found.length > filter.limit ? (items.at(-1)?.attemptId ?? null) : null;
      return { kind: 'found', page: { items, nextCursor }, dropped: await droppedIn(filter) };
    },

    async attempt(attemptId) {
      if (!UUID.test(attemptId)) return null;
      const [row] = await rows<AttemptRow>('SELECT * FROM holdfast.attempts WHERE attempt_id = $1', [attemptId]);
      return row === undefined ? null : viewOf(row);
    },
  };

  async function droppedIn({ from = 0, to = Number.MAX_SAFE_INTEGER }: AttemptFilter): Promise<number> {
    const [row] = await rows<{ readonly count: string }>(
      'SELECT coalesce(sum(count), 0) AS count FROM holdfast.attempts_dropped WHERE last_at >= $1 AND first_at < $2',
      [from, to],
    );
    return Number(row?.count ?? 0);
  }
}

function conditionsOf(filter: AttemptFilter): Conditions {
  const { slotId, customerId, unitId, code, from, to, cursor } = filter;
  const where = new Conditions()
    .add('slot_id = ?', slotId)
    .add('customer_id = ?', customerId)
    .add('unit_ids @> ARRAY[?]', unitId)
    .add('code = ?', code)
    .add('at >= ?', from)
    .add('at < ?', to)
    .add('attempt_id < ?', cursor);
  // Ids ascend with time, so that a time is a piece of whichever index is used.
  if (from !== undefined) where.add('attempt_id >= ?', firstIdAt(from - CLOCKS_APART));
  if (to !== undefined) where.add('attempt_id < ?', firstIdAt(to + CLOCKS_APART));
  return where;
}

/** By how much, in milliseconds, the time in an id may differ from that of its attempt: ids were once made by another clock. */
const CLOCKS_APART = 600_000;

/** The lowest id that can be made at the instant (epoch milliseconds). */
function firstIdAt(instant: number): string {
  const hex = Math.min(Math.max(Math.floor(instant), 0), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

function viewOf(row: AttemptRow): AttemptView {
  return {
    attemptId: row.attempt_id,
    at: Number(row.at),
    slotId: row.slot_id,
    bookingId: row.booking_id,
    customerId: row.customer_id,
    unitIds: row.unit_ids,
    code: row.code,
    asked: parsed(row.asked),
    slotVersion: row.slot_version === null ? null : Number(row.slot_version),
    actor: row.actor,
    correlationId: row.correlation_id,
  };
}

function parsed(asked: string | null): unknown {
  if (asked === null) return null;
  try {
    return JSON.parse(asked);
  } catch {
    return asked;
  }
}
