import type pg from 'pg';
import { BEGINS } from './stories.ts';

const CODES = ['seats-taken', 'sold-out', 'not-on-sale', 'price-changed', 'limit-exceeded'];

/** Puts so many refused attempts on record, one every 20 seconds, over all slots. */
export async function fillAttempts(client: pg.Client, count: number): Promise<void> {
  await client.query(
    `WITH slots AS (SELECT substr(stream_id, 6) AS slot_id, row_number() OVER () - 1 AS number FROM holdfast.streams WHERE stream_id LIKE 'slot-%'),
       made AS (SELECT n, at, lpad(to_hex(at), 12, '0') AS hex, (n * 31::bigint) % (SELECT count(*) FROM slots) AS slot
                  FROM generate_series(1, $1::integer) AS n, LATERAL (SELECT $3::bigint + n * 20000::bigint AS at) AS time)
     INSERT INTO holdfast.attempts (attempt_id, at, slot_id, booking_id, customer_id, unit_ids, code, asked, slot_version, actor, correlation_id)
     SELECT format('%s-%s-7000-8000-%s', substr(hex, 1, 8), substr(hex, 9, 4), lpad(to_hex(n), 12, '0'))::uuid, at, slot_id, NULL,
            'c-' || n % 50000, ARRAY[chr(65 + n % 10) || n / 10 % 20 + 1, 'van-' || n % 20 + 1], ($2::text[])[1 + n % 5], '{"units":["A1"]}', n % 100, 'bench', 'bench'
       FROM made JOIN slots ON slots.number = made.slot`,
    [count, CODES, BEGINS],
  );
}
