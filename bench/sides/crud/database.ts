import pg from 'pg';
import { type BookingRow, confirmed, type Desk, type Reply, refused } from './desk.ts';

/** As many as the largest pool of Holdfast has. */
export const CONNECTIONS = 16;
/** Between its turns a service that is measured keeps no connections that others may need. */
const IDLE_MS = 4_000;

/** Room on each page lets a changed row stay on it, without a new entry in any index. */
export const SCHEMA = `
  CREATE TABLE show_seats (
    show_id text NOT NULL, seat_id text NOT NULL, category text NOT NULL, price integer NOT NULL,
    status text NOT NULL DEFAULT 'AVAILABLE', booking_id text,
    PRIMARY KEY (show_id, seat_id)
  ) WITH (fillfactor = 60);
  CREATE TABLE bookings (
    booking_id text PRIMARY KEY, show_id text NOT NULL, customer_id text NOT NULL, status text NOT NULL, seat_ids text[] NOT NULL,
    total integer NOT NULL, requested_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz NOT NULL,
    confirmed_at timestamptz, payment_reference text
  ) WITH (fillfactor = 60);
  CREATE INDEX bookings_of_customer ON bookings (customer_id);`;

/** Statements are prepared once per connection. */
export const TAKE = {
  name: 'take',
  text: `UPDATE show_seats SET status = 'HELD', booking_id = $3
          WHERE show_id = $1 AND seat_id = ANY ($2::text[]) AND status = 'AVAILABLE' RETURNING price`,
};
export const BOOK = {
  name: 'book',
  text: `INSERT INTO bookings (booking_id, show_id, customer_id, status, seat_ids, total, expires_at)
         VALUES ($1, $2, $3, 'HELD', $4, $5, now() + interval '10 minutes') RETURNING *`,
};
const CONFIRM = {
  name: 'confirm',
  text: `UPDATE bookings SET status = 'CONFIRMED', confirmed_at = now(), payment_reference = $2
          WHERE booking_id = $1 AND status = 'HELD' AND expires_at > now() RETURNING *`,
};
const SELL = {
  name: 'sell',
  text: `UPDATE show_seats SET status = 'SOLD' WHERE show_id = $1 AND seat_id = ANY ($2::text[]) AND booking_id = $3`,
};
const AVAILABILITY = {
  name: 'availability',
  text: `SELECT category, min(price) AS price, max(price) AS "maxPrice", count(*)::int AS capacity,
                count(*) FILTER (WHERE status = 'AVAILABLE')::int AS free
           FROM show_seats WHERE show_id = $1 GROUP BY category ORDER BY category`,
};
const SEATS = { name: 'seats', text: 'SELECT seat_id AS "unitId", category, price, status FROM show_seats WHERE show_id = $1' };

export function createPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS, idleTimeoutMillis: IDLE_MS });
  pool.on('error', () => undefined);
  return pool;
}

export async function inTransaction<Result>(
  pool: pg.Pool,
  begin: string,
  work: (connection: pg.PoolClient) => Promise<{ readonly result: Result; readonly commit: boolean }>,
): Promise<Result> {
  const connection = await pool.connect();
  try {
    await connection.query(begin);
    const { result, commit } = await work(connection);
    await connection.query(commit ? 'COMMIT' : 'ROLLBACK');
    return result;
  } catch (error) {
    await connection.query('ROLLBACK');
    throw error;
  } finally {
    connection.release();
  }
}

/** @param categories a row for each of the show; none when there is no such show. */
export function shownAvailability(slotId: string, categories: readonly unknown[]): Reply {
  return categories.length === 0 ? refused(404, 'slot-not-found') : { status: 200, body: { slotId, categories } };
}

/** What variants do in the same way, where they do not say otherwise. */
export function commonDesk(pool: pg.Pool): Pick<Desk, 'confirm' | 'availability' | 'seats'> {
  return {
    confirm: (bookingId, paymentReference) =>
      inTransaction(pool, 'BEGIN', async (connection) => {
        const { rows } = await connection.query<BookingRow>({ ...CONFIRM, values: [bookingId, paymentReference] });
        const [booking] = rows;
        if (booking === undefined) return { result: refused(409, 'not-held'), commit: false };
        await connection.query({ ...SELL, values: [booking.show_id, booking.seat_ids, bookingId] });
        return { result: confirmed(booking), commit: true };
      }),
    availability: async (slotId) => shownAvailability(slotId, (await pool.query({ ...AVAILABILITY, values: [slotId] })).rows),
    seats: async (slotId) => {
      const { rows } = await pool.query({ ...SEATS, values: [slotId] });
      return rows.length === 0 ? refused(404, 'slot-not-found') : { status: 200, body: { slotId, units: rows } };
    },
  };
}
