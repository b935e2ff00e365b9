import { expect } from 'chai';
import type pg from 'pg';
import type { RecordedEvent } from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { BatchApplier, CheckpointMovedError } from '../../src/projections/apply-batch.ts';
import { bookings } from '../../src/projections/bookings/bookings.ts';
import { readableBuild } from '../../src/projections/builds/live-builds.ts';
import { createBuild } from '../../src/projections/builds/registry.ts';
import { readCheckpoint } from '../../src/projections/checkpoints.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import { column, type Projection, type Row, type Table, type TableView, text } from '../../src/projections/projection.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { append, PROJECTIONS, poolOn } from '../support/read-side.ts';
import { claim, confirmed, expired, held, opened, seats } from '../support/slot-builders.ts';

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
    expect(await withConnection((connection) => new BatchApplier(connection, first(inventory)).apply(0, events))).to.equal(6);
    expect(await readCheckpoint(pool, first(inventory))).to.equal(6);
    expect(
      (await pool.query("SELECT free::int, held::int, sold::int FROM holdfast_views.slots WHERE slot_id = 'hamlet'")).rows,
    ).to.deep.equal([{ free: 11, held: 1, sold: 2 }]);
  });

  for (const projection of PROJECTIONS) {
    it(`changes nothing of ${projection.name} when it is delivered again, or from an earlier position`, async () => {
      const events = await store.readFeed(0, 100);
      await withConnection((connection) => new BatchApplier(connection, first(projection)).apply(0, events));
      const before = await allRows();
      for (const [from, again] of [
        [0, events],
        [3, events.slice(3)],
      ] as const) {
        const thrown = await withConnection((connection) => new BatchApplier(connection, first(projection)).apply(from, again)).catch(
          (error: unknown) => error,
        );
        expect(thrown).to.be.instanceOf(CheckpointMovedError);
      }
      expect(await allRows()).to.deep.equal(before);
      expect(await readCheckpoint(pool, first(projection))).to.equal(6);
    });

    it(`makes the same rows of ${projection.name} in one transaction or in many`, async () => {
      const events = await store.readFeed(0, 100);
      await withConnection((connection) => new BatchApplier(connection, first(projection)).apply(0, events));
      const atOnce = await allRows();
      await pool.query(`TRUNCATE ${projection.tables.map(({ table }) => first(projection).table(table)).join(', ')}`);
      await pool.query('UPDATE holdfast.projection_builds SET position = 0');
      for (const event of events)
        await withConnection((connection) => new BatchApplier(connection, first(projection)).apply(event.position - 1, [event]));
      expect(await allRows()).to.deep.equal(atOnce);
    });

    it(`makes the same rows of ${projection.name} with rows that are kept from batch to batch, whoever else writes in between`, async () => {
      const events = await rushed();
      await withConnection((connection) => new BatchApplier(connection, first(projection)).apply(0, events));
      const atOnce = await allRows();
      await pool.query(`TRUNCATE ${projection.tables.map(({ table }) => first(projection).table(table)).join(', ')}`);
      await pool.query('UPDATE holdfast.projection_builds SET position = 0');
      await withConnection((one) =>
        withConnection(async (other) => {
          const appliers = [one, other].map((connection) => new BatchApplier(connection, first(projection)));
          // By turns of several batches, so that each of them has rows which are out of date when its turn comes.
          for (let from = 0, turn = 0; from < events.length; turn += 1) {
            const applier = appliers[Math.floor(turn / 3) % 2] as BatchApplier;
            from = await applier.apply(from, events.slice(from, from + 7));
          }
        }),
      );
      expect(await allRows()).to.deep.equal(atOnce);
    });
  }

  /** Bookings enough to be copied in, some of which are confirmed or released later on. */
  async function rushed() {
    const rush = createMemoryEventStore();
    await append(rush, 'slot-hamlet', [opened({ units: seats(60) })]);
    for (let from = 1; from <= 60; from += 20) {
      const ids = Array.from({ length: 20 }, (_, index) => from + index);
      await append(
        rush,
        'slot-hamlet',
        ids.flatMap((id) => held(`hamlet.${id}`, [claim(`A${id}`)])),
      );
      await append(
        rush,
        'slot-hamlet',
        ids.filter((id) => id % 3 === 0).map((id) => confirmed(`hamlet.${id}`, [claim(`A${id}`)])),
      );
      await append(
        rush,
        'slot-hamlet',
        ids.filter((id) => id % 4 === 1).map((id) => expired(`hamlet.${id}`, [claim(`A${id}`)])),
      );
    }
    return rush.readFeed(0, 1_000);
  }

  it('leaves nothing behind that the next one would build on when it could not be committed', async () => {
    const events = await rushed();
    await withConnection((connection) => new BatchApplier(connection, first(bookings)).apply(0, events));
    const atOnce = await allRows();
    await pool.query(`TRUNCATE ${bookings.tables.map(({ table }) => first(bookings).table(table)).join(', ')}`);
    await pool.query('UPDATE holdfast.projection_builds SET position = 0');
    await withConnection(async (connection) => {
      let failsNext = false;
      const failing = new Proxy(connection, {
        get: (target, property) => {
          if (property !== 'query') return Reflect.get(target, property);
          return (...words: Parameters<typeof target.query>) => {
            if (!failsNext || String(words[0]) !== 'COMMIT') return target.query(...words);
            failsNext = false;
            return Promise.reject(new Error('planned: the commit fails'));
          };
        },
      });
      const applier = new BatchApplier(failing, first(bookings));
      const middle = await applier.apply(0, events.slice(0, 60));
      failsNext = true;
      const thrown = await applier.apply(middle, events.slice(60)).catch((error: unknown) => error);
      expect(thrown).to.be.instanceOf(Error).with.property('message', 'planned: the commit fails');
      await applier.apply(middle, events.slice(60));
    });
    expect(await allRows()).to.deep.equal(atOnce);
  });

  it('is written though one event changes more than a single statement takes', async () => {
    // PostgreSQL makes no jsonb of more than 268,435,455 bytes.
    const body = 'x'.repeat(20_000);
    const keys = Array.from({ length: 15_000 }, (_, row) => [row]);
    const large: Table<{ readonly id: number; readonly version: number; readonly body: string }> = {
      name: 'large_rows',
      comment: 'Rows of 20 kB',
      key: ['id'],
      columns: { id: column('integer', 'Number'), version: column('integer', 'Version'), body: text('Much of the same') },
    };
    const changingAll: TableView<Row> = {
      table: large,
      keysOf: () => keys,
      makesNew: ({ version }) => version === 1,
      evolve: (_row, { version }, [id]) => ({ id, version, body }),
    };
    const projection: Projection = { name: 'large', version: 1, events: ['SlotOpened', 'SlotClosed'], tables: [changingAll] };
    const id = await createBuild(pool, projection, { actor: 'test', switchWhenCompared: false, reason: 'test' });
    const build = readableBuild(id, projection);
    const log = createMemoryEventStore();
    await append(log, 'slot-hamlet', [opened(), { type: 'SlotClosed', reason: null }]);
    const [made, changed] = await log.readFeed(0, 2);

    await withConnection(async (connection) => {
      const applier = new BatchApplier(connection, build);
      await applier.apply(0, [made as RecordedEvent]);
      expect(await applier.apply(1, [changed as RecordedEvent])).to.equal(2);
    });

    const { rows } = await pool.query(`SELECT version::int, count(*)::int AS rows FROM ${build.schema}.large_rows GROUP BY version`);
    expect(rows).to.deep.equal([{ version: 2, rows: 15_000 }]);
    expect(await readCheckpoint(pool, build)).to.equal(2);
  });

  it('is written by one of two runners that hold it at the same time', async () => {
    const events = await store.readFeed(0, 100);
    const outcomes = await Promise.allSettled(
      [1, 2].map(() => withConnection((connection) => new BatchApplier(connection, first(bookings)).apply(0, events))),
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
