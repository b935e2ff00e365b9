import { expect } from 'chai';
import { Redis } from 'ioredis';
import type pg from 'pg';
import { COUNT_SEATS, COUNTERS_SCHEMA, countersDesk } from '../../bench/sides/crud/counters.ts';
import { createPool, SCHEMA } from '../../bench/sides/crud/database.ts';
import type { Desk, Reply } from '../../bench/sides/crud/desk.ts';
import { lockingDesk } from '../../bench/sides/crud/locking.ts';
import { oneStatementDesk, optimisticDesk } from '../../bench/sides/crud/optimistic.ts';
import { redisLockDesk } from '../../bench/sides/crud/redis-lock.ts';
import { withDatabase } from '../support/postgres.ts';
import { withRedis } from '../support/redis.ts';

/** Seats S0 to S23; of a pair of neighbours now the first is gold, now the second. */
const SEATS = 24;
const GOLD_AND_SILVER = ['gold', 'silver', 'silver', 'gold'];
const PRICES = { gold: 4_500, silver: 3_000 };
/** So many want each seat. */
const RIVALS = 3;

const OPEN_SHOW = `INSERT INTO show_seats (show_id, seat_id, category, price)
  SELECT 'night', 'S' || n, ($2::text[])[1 + n % 4], CASE ($2::text[])[1 + n % 4] WHEN 'gold' THEN $3::int ELSE $4::int END
    FROM generate_series(0, $1::int - 1) AS n`;

describe('the booking services that Holdfast is measured beside', () => {
  describe('with rows of seats', () => sellsHonestly(SCHEMA, optimisticDesk));
  describe('with rows of seats, one statement a hold', () => sellsHonestly(SCHEMA, oneStatementDesk));
  describe('with rows of seats and counters of free ones', () => sellsHonestly(COUNTERS_SCHEMA, countersDesk, [COUNT_SEATS, [['night']]]));
  describe('with a lock in PostgreSQL', () => sellsHonestly(SCHEMA, lockingDesk));

  describe('with a lock in Redis', () => {
    const url = withRedis();
    let redis: Redis | null = null;
    after(() => redis?.disconnect());
    sellsHonestly(SCHEMA, (pool) => {
      redis = new Redis(url());
      return redisLockDesk(pool, redis);
    });
  });
});

/** @param opened what is to be said to the database once the show's seats are there. */
function sellsHonestly(schema: string, create: (pool: pg.Pool) => Desk, opened?: readonly [text: string, values: unknown[]]): void {
  const connectionString = withDatabase();
  let pool: pg.Pool;
  let desk: Desk;

  before('open a show', async () => {
    pool = createPool(connectionString());
    await pool.query(schema);
    await pool.query(OPEN_SHOW, [SEATS, GOLD_AND_SILVER, PRICES.gold, PRICES.silver]);
    if (opened !== undefined) await pool.query(...opened);
    desk = create(pool);
  });
  after(() => pool?.end());

  const hold = (...units: readonly string[]) => desk.hold('night', { customerId: 'c-1', units });

  /** All at once, each seat or pair wanted by several. @returns how often each status was answered. */
  async function rush(wanted: readonly (readonly string[])[]): Promise<Readonly<Record<number, number>>> {
    const replies = await Promise.all(wanted.flatMap((units) => Array.from({ length: RIVALS }, () => hold(...units))));
    return Object.fromEntries([201, 409].map((status) => [status, replies.filter((reply) => reply.status === status).length]));
  }

  /** What is said of availability, and what is so by the map of seats. */
  async function expectFree(gold: number, silver: number): Promise<void> {
    const { status, body } = await desk.availability('night');
    expect({ status, body }).to.deep.equal({
      status: 200,
      body: {
        slotId: 'night',
        categories: [
          { category: 'gold', price: PRICES.gold, maxPrice: PRICES.gold, capacity: SEATS / 2, free: gold },
          { category: 'silver', price: PRICES.silver, maxPrice: PRICES.silver, capacity: SEATS / 2, free: silver },
        ],
      },
    });
    const map = (await desk.seats('night')) as Reply & {
      readonly body: { readonly units: readonly { category: string; status: string }[] };
    };
    const free = (wanted: string) => map.body.units.filter((seat) => seat.category === wanted && seat.status === 'AVAILABLE').length;
    expect([free('gold'), free('silver')]).to.deep.equal([gold, silver]);
  }

  it('tell what is free of a show, and that there is no other', async () => {
    await expectFree(12, 12);
    expect(await desk.availability('nowhere')).to.include({ status: 404 });
  });

  it('sell each seat once when several want it at the same time', async () => {
    const seats = Array.from({ length: 8 }, (_, n) => [`S${n}`]);
    expect(await rush(seats)).to.deep.equal({ 201: 8, 409: 8 * (RIVALS - 1) });
    await expectFree(8, 8);
  });

  it('take nothing for a hold of two seats when one of them is gone', async () => {
    expect(await hold('S8', 'S7')).to.include({ status: 409 });
    await expectFree(8, 8);
  });

  it('sell pairs across categories at the same time, for the sum of their prices', async () => {
    const pairs = Array.from({ length: 6 }, (_, n) => [`S${8 + 2 * n}`, `S${9 + 2 * n}`]);
    expect(await rush(pairs)).to.deep.equal({ 201: 6, 409: 6 * (RIVALS - 1) });
    await expectFree(2, 2);
    const { body } = (await hold('S20', 'S21')) as Reply & { readonly body: { readonly total: unknown } };
    expect(body.total).to.deep.equal({ amount: PRICES.gold + PRICES.silver, currency: 'GBP' });
    await expectFree(1, 1);
  });

  it('confirm a hold once, which changes nothing of what is free', async () => {
    const { body } = (await hold('S22')) as Reply & { readonly body: { readonly bookingId: string } };
    await expectFree(1, 0);
    expect(await desk.confirm(body.bookingId, 'p-1')).to.include({ status: 200 });
    expect(await desk.confirm(body.bookingId, 'p-1')).to.include({ status: 409 });
    await expectFree(1, 0);
  });
}
