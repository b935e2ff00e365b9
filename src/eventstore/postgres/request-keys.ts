import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { KnownKey, RequestKeys } from '../request-keys.ts';
import { asReadError, withConnection } from './connections.ts';

/** Epoch milliseconds on the clock that all instances share. */
const NOW = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

const RESERVE = `INSERT INTO holdfast.request_keys AS known (command_id, body_hash, slot_id, reservation, holders, reserved_at)
  VALUES ($1, $2, $3, $4, 1, ${NOW})
  ON CONFLICT (command_id) DO UPDATE SET holders = known.holders + 1, reserved_at = excluded.reserved_at
    WHERE known.body_hash = excluded.body_hash AND known.answer IS NULL
  RETURNING reservation`;

const FIND = `SELECT command_id AS "commandId", body_hash AS "bodyHash", slot_id AS "slotId", reservation, answer
  FROM holdfast.request_keys WHERE command_id = $1`;

const TAKE_OVER = `UPDATE holdfast.request_keys
     SET body_hash = $3, slot_id = $4, reservation = $5, holders = 1, reserved_at = ${NOW}
   WHERE command_id = $1 AND reservation = $2 AND answer IS NULL AND (holders <= 0 OR reserved_at <= ${NOW} - $6::bigint)
  RETURNING reservation`;

// Two statements: whoever joins in between is counted before the second one looks.
const LEAVE = 'UPDATE holdfast.request_keys SET holders = holders - 1 WHERE command_id = $1 AND reservation = $2 AND answer IS NULL';
const REMOVE = 'DELETE FROM holdfast.request_keys WHERE command_id = $1 AND reservation = $2 AND answer IS NULL AND holders <= 0';

const BIND = 'UPDATE holdfast.request_keys SET answer = $3 WHERE command_id = $1 AND reservation = $2 AND answer IS NULL';

const FORGET = `DELETE FROM holdfast.request_keys WHERE command_id IN (
  SELECT command_id FROM holdfast.request_keys
   WHERE slot_id IS NULL AND reserved_at <= ${NOW} - $1::bigint
   ORDER BY reserved_at LIMIT $2 FOR UPDATE SKIP LOCKED)`;

/** Keys in `holdfast.request_keys`, beside the log. */
export function createPostgresRequestKeys(pool: pg.Pool): RequestKeys {
  async function run<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<pg.QueryResult<Row>> {
    try {
      return await withConnection(pool, (connection) => connection.query<Row>(text, [...values]));
    } catch (error) {
      throw asReadError(error);
    }
  }
  const reservationOf = ({ rows }: pg.QueryResult<Pick<KnownKey, 'reservation'>>): string | null => rows[0]?.reservation ?? null;

  return {
    reserve: async ({ commandId, bodyHash, slotId }) => reservationOf(await run(RESERVE, [commandId, bodyHash, slotId, randomUUID()])),
    find: async (commandId) => (await run<KnownKey>(FIND, [commandId])).rows[0] ?? null,
    takeOver: async ({ commandId, reservation }, { bodyHash, slotId }, unusedForMs) =>
      reservationOf(await run(TAKE_OVER, [commandId, reservation, bodyHash, slotId, randomUUID(), unusedForMs])),
    release: async (commandId, reservation) => {
      const { rowCount } = await run(LEAVE, [commandId, reservation]);
      if (rowCount !== 0) await run(REMOVE, [commandId, reservation]);
    },
    bind: async (commandId, reservation, answer) => (await run(BIND, [commandId, reservation, answer])).rowCount === 1,
    forget: async (olderThanMs, limit) => (await run(FORGET, [olderThanMs, limit])).rowCount ?? 0,
  };
}
