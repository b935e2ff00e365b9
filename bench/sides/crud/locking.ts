import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { BOOK, commonDesk } from './database.ts';
import { type BookingRow, type Desk, type HoldRequest, held, type Reply, refused } from './desk.ts';

const LOCK = { name: 'lock', text: 'SELECT pg_advisory_lock(hashtextextended($1, 0))' };
const UNLOCK = { name: 'unlock', text: 'SELECT pg_advisory_unlock(hashtextextended($1, 0))' };
const FREE = {
  name: 'free',
  text: `SELECT seat_id, price FROM show_seats
          WHERE show_id = $1 AND seat_id = ANY ($2::text[]) AND status = 'AVAILABLE' FOR UPDATE SKIP LOCKED`,
};
const HOLD = {
  name: 'hold',
  text: `UPDATE show_seats SET status = 'HELD', booking_id = $3 WHERE show_id = $1 AND seat_id = ANY ($2::text[])`,
};

const TRIES = 5;
const FIRST_PAUSE_MS = 5;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';

/**
 * One buyer of a show at a time, by an advisory lock, in a serializable transaction that is tried
 * again. The lock is taken before the transaction begins: within it, its snapshot would be from before
 * the wait, and most transactions would fail.
 */
export function lockingDesk(pool: pg.Pool): Desk {
  return {
    ...commonDesk(pool),
    hold: async (showId, request) => {
      const connection = await pool.connect();
      try {
        await connection.query({ ...LOCK, values: [showId] });
        try {
          return await withRetries(connection, showId, request);
        } finally {
          await connection.query({ ...UNLOCK, values: [showId] });
        }
      } finally {
        connection.release();
      }
    },
  };
}

async function withRetries(connection: pg.PoolClient, showId: string, request: HoldRequest): Promise<Reply> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await hold(connection, showId, request);
    } catch (error) {
      await connection.query('ROLLBACK');
      const mayPass = error instanceof pg.DatabaseError && (error.code === SERIALIZATION_FAILURE || error.code === DEADLOCK);
      if (!mayPass || tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** tries * Math.random()));
    }
  }
}

async function hold(connection: pg.PoolClient, showId: string, { customerId, units }: HoldRequest): Promise<Reply> {
  await connection.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
  const free = await connection.query<{ price: number }>({ ...FREE, values: [showId, units] });
  if (free.rows.length < units.length) {
    await connection.query('ROLLBACK');
    return refused(409, 'seats-taken');
  }
  const bookingId = randomUUID();
  const total = free.rows.reduce((sum, { price }) => sum + price, 0);
  await connection.query({ ...HOLD, values: [showId, units, bookingId] });
  const { rows } = await connection.query<BookingRow>({ ...BOOK, values: [bookingId, showId, customerId, units, total] });
  await connection.query('COMMIT');
  return held(rows[0] as BookingRow);
}
