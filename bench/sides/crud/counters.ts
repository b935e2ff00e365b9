import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { BOOK, commonDesk, inTransaction, SCHEMA, shownAvailability } from './database.ts';
import { type BookingRow, type Desk, held, refused } from './desk.ts';

export const COUNTERS_SCHEMA = `${SCHEMA}
  CREATE TABLE seat_counts (
    show_id text NOT NULL, category text NOT NULL, price integer NOT NULL, max_price integer NOT NULL,
    capacity integer NOT NULL, free integer NOT NULL CHECK (free >= 0),
    PRIMARY KEY (show_id, category)
  ) WITH (fillfactor = 60);`;

/** For shows that go on sale, once their seats are there. */
export const COUNT_SEATS = `INSERT INTO seat_counts (show_id, category, price, max_price, capacity, free)
  SELECT show_id, category, min(price), max(price), count(*), count(*) FILTER (WHERE status = 'AVAILABLE')
    FROM show_seats WHERE show_id = ANY ($1::text[]) GROUP BY show_id, category`;

const TAKE = {
  name: 'take-of-category',
  text: `UPDATE show_seats SET status = 'HELD', booking_id = $3
          WHERE show_id = $1 AND seat_id = ANY ($2::text[]) AND status = 'AVAILABLE' RETURNING category, price`,
};
const COUNT_DOWN = { name: 'count-down', text: 'UPDATE seat_counts SET free = free - $3 WHERE show_id = $1 AND category = $2' };
const COUNTS = {
  name: 'counts',
  text: `SELECT category, price, max_price AS "maxPrice", capacity, free FROM seat_counts WHERE show_id = $1 ORDER BY category`,
};

interface TakenSeat {
  readonly category: string;
  readonly price: number;
}

/**
 * Holds as the optimistic desk does, and keeps count of free seats in the same transaction, so that
 * availability is read without looking at seats. All holds of a category change one row, which stays
 * locked until the commit is on disk: it is changed last, so that nothing else is waited for meanwhile.
 */
export function countersDesk(pool: pg.Pool): Desk {
  return {
    ...commonDesk(pool),
    hold: (showId, { customerId, units }) =>
      inTransaction(pool, 'BEGIN', async (connection) => {
        const bookingId = randomUUID();
        const taken = await connection.query<TakenSeat>({ ...TAKE, values: [showId, units, bookingId] });
        if (taken.rows.length < units.length) return { result: refused(409, 'seats-taken'), commit: false };
        const total = taken.rows.reduce((sum, { price }) => sum + price, 0);
        const { rows } = await connection.query<BookingRow>({ ...BOOK, values: [bookingId, showId, customerId, units, total] });
        for (const [category, count] of countsOf(taken.rows)) await connection.query({ ...COUNT_DOWN, values: [showId, category, count] });
        return { result: held(rows[0] as BookingRow), commit: true };
      }),
    availability: async (showId) => shownAvailability(showId, (await pool.query({ ...COUNTS, values: [showId] })).rows),
  };
}

/** In the order of their names: two holds of the same categories would else lock each other's rows. */
function countsOf(seats: readonly TakenSeat[]): readonly (readonly [category: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { category } of seats) counts.set(category, (counts.get(category) ?? 0) + 1);
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
}
