import { expect } from 'chai';
import type pg from 'pg';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { applyBatch, CheckpointMovedError } from '../../src/projections/apply-batch.ts';
import { bookings } from '../../src/projections/bookings/bookings.ts';
import { readableBuild } from '../../src/projections/builds/live-builds.ts';
import { readCheckpoint } from '../../src/projections/checkpoints.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import type { Projection } from '../../src/projections/projection.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { append, PROJECTIONS, poolOn } from '../support/read-side.ts';
import { claim, confirmed, held, opened } from '../support/slot-builders.ts';

/** The build that a migrated database begins with. */
const first = (projection: Projection) => readableBuild({ name: projection.name, build: 1 }, projection);

describe('a batch of events', () => {
  const store = createMemoryEventStore();
  let database: TestDatabase;
  let pool: pg.Pool;

  before(async () => {
    await append(store, 'slot-hamlet', [
      opened(),
      ...held('hamlet.1', [claim('A1'), claim('yard', { quantity: 3 })]),
      confirmed('hamlet.1', [claim('yard', { quantity: 2 })], [claim('A1'), claim('yard')]),
      ...held('hamlet.2', [claim('A1')]),
    ]);
  });
  beforeEach(async () => {
    database = await createTestDatabase();
    pool = poolOn(database.connectionString);
  });
  afterEach(async () => {
    await pool.end();
    await database.drop();
  });

  async function withConnection<Result>(work: (connection: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const connection = await pool.connect();
    try {
      return await work(connection);
    } finally {
      connection.release();
    }
  }

  async function allRows(): Promise<unknown> {
    const tables = PROJECTIONS.flatMap((projection) => projection.tables).map(({ table }) => table.name);
    const rows = await Promise.all(tables.map((name) => pool.query(`SELECT t::text AS row FROM holdfast_views.${name} t ORDER BY 1`)));
    return rows.map((result, index) => [tables[index], result.rows]);
  }

  it('is written with the checkpoint', async () => {
    const events = await store.readFeed(0, 100);
    expect(await withConnection((connection) => applyBatch(connection, first(inventory), 0, events))).to.equal(6);
    expect(await readCheckpoint(pool, first(inventory))).to.equal(6);
    expect(
      (await pool.query("SELECT free::int, held::int, sold::int FROM holdfast_views.slots WHERE slot_id = 'hamlet'")).rows,
    ).to.deep.equal([{ free: 11, held: 1, sold: 2 }]);
  });

  for (const projection of PROJECTIONS) {
    it(`changes nothing of ${projection.name} when it is delivered again, or from an earlier position`, async () => {
      const events = await store.readFeed(0, 100);
      await withConnection((connection) => applyBatch(connection, first(projection), 0, events));
      const before = await allRows();
      for (const [from, again] of [
        [0, events],
        [3, events.slice(3)],
      ] as const) {
        const thrown = await withConnection((connection) => applyBatch(connection, first(projection), from, again)).catch(
          (error: unknown) => error,
        );
        expect(thrown).to.be.instanceOf(CheckpointMovedError);
      }
      expect(await allRows()).to.deep.equal(before);
      expect(await readCheckpoint(pool, first(projection))).to.equal(6);
    });

    it(`makes the same rows of ${projection.name} in one transaction or in many`, async () => {
      const events = await store.readFeed(0, 100);
      await withConnection((connection) => applyBatch(connection, first(projection), 0, events));
      const atOnce = await allRows();
      await pool.query(`TRUNCATE ${projection.tables.map(({ table }) => first(projection).table(table)).join(', ')}`);
      await pool.query('UPDATE holdfast.projection_builds SET position = 0');
      for (const event of events)
        await withConnection((connection) => applyBatch(connection, first(projection), event.position - 1, [event]));
      expect(await allRows()).to.deep.equal(atOnce);
    });
  }

  it('is written by one of two runners that hold it at the same time', async () => {
    const events = await store.readFeed(0, 100);
    const outcomes = await Promise.allSettled(
      [1, 2].map(() => withConnection((connection) => applyBatch(connection, first(bookings), 0, events))),
    );
    expect(outcomes.map(({ status }) => status)).to.have.members(['fulfilled', 'rejected']);
    const [loser] = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(loser?.reason).to.be.instanceOf(CheckpointMovedError);
    expect((await pool.query('SELECT booking_id, total::int FROM holdfast_views.bookings ORDER BY 1')).rows).to.deep.equal([
      { booking_id: 'hamlet.1', total: 1000 },
      { booking_id: 'hamlet.2', total: 4500 },
    ]);
  });
});
