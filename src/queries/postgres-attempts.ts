import type pg from 'pg';
import { ViewsUnavailableError } from './answers.ts';
import type { AttemptFilter, AttemptQueries, AttemptView } from './attempts.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

interface AttemptRow {
  readonly attempt_id: string;
  readonly at: string;
  readonly slot_id: string;
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
      const { where, values } = conditionsOf(filter);
      const found = await rows<AttemptRow>(
        `SELECT * FROM holdfast.attempts WHERE ${where} ORDER BY attempt_id DESC LIMIT $${values.length + 1}`,
        // One more than asked for tells whether there is a next page.
        [...values, filter.limit + 1],
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

function conditionsOf(filter: AttemptFilter): { readonly where: string; readonly values: readonly unknown[] } {
  const possible: readonly (readonly [string, unknown])[] = [
    ['slot_id = ?', filter.slotId],
    ['customer_id = ?', filter.customerId],
    ['? = ANY (unit_ids)', filter.unitId],
    ['code = ?', filter.code],
    ['at >= ?', filter.from],
    ['at < ?', filter.to],
    ['attempt_id < ?', filter.cursor],
  ];
  const given = possible.filter(([, value]) => value !== undefined);
  return {
    where: ['true', ...given.map(([text], index) => text.replace('?', `$${index + 1}`))].join(' AND '),
    values: given.map(([, value]) => value),
  };
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
