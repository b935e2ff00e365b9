import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { BOOK, commonDesk, inTransaction, TAKE } from './database.ts';
import { type BookingRow, type Desk, held, refused } from './desk.ts';

/** Seats are taken where they are still free; whoever finds fewer than asked for has lost. */
export function optimisticDesk(pool: pg.Pool): Desk {
  return {
    ...commonDesk(pool),
    hold: (showId, { customerId, units }) =>
      inTransaction(pool, 'BEGIN', async (connection) => {
        const bookingId = randomUUID();
        const taken = await connection.query<{ price: number }>({ ...TAKE, values: [showId, units, bookingId] });
        if (taken.rows.length < units.length) return { result: refused(409, 'seats-taken'), commit: false };
        const total = taken.rows.reduce((sum, { price }) => sum + price, 0);
        const { rows } = await connection.query<BookingRow>({ ...BOOK, values: [bookingId, showId, customerId, units, total] });
        return { result: held(rows[0] as BookingRow), commit: true };
      }),
  };
}

const TAKE_AND_BOOK = {
  name: 'take-and-book',
  text: `WITH taken AS (
           UPDATE show_seats SET status = 'HELD', booking_id = $3
            WHERE show_id = $1 AND seat_id = ANY ($2::text[]) AND status = 'AVAILABLE' RETURNING price)
         INSERT INTO bookings (booking_id, show_id, customer_id, status, seat_ids, total, expires_at)
         SELECT $3, $1, $4, 'HELD', $2, sum(price), now() + interval '10 minutes' FROM taken HAVING count(*) = 1 RETURNING *`,
};

/**
 * The same in one statement, so in one round trip: the least that PostgreSQL can be asked to do for a
 * hold. Good for one seat at a time; more take the transaction, since a statement that finds too few
 * cannot give back what it took.
 */
export function oneStatementDesk(pool: pg.Pool): Desk {
  const inSteps = optimisticDesk(pool);
  return {
    ...inSteps,
    hold: async (showId, request) => {
      const { customerId, units } = request;
      if (units.length > 1) return inSteps.hold(showId, request);
      const { rows } = await pool.query<BookingRow>({ ...TAKE_AND_BOOK, values: [showId, units, randomUUID(), customerId] });
      return rows[0] === undefined ? refused(409, 'seats-taken') : held(rows[0]);
    },
  };
}
