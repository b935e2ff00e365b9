import { expect } from 'chai';
import pg from 'pg';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { bookings } from '../../src/projections/bookings/bookings.ts';
import { LiveBuilds } from '../../src/projections/builds/live-builds.ts';
import { BUILD_LOCK } from '../../src/projections/builds/registry.ts';
import { readCheckpoint } from '../../src/projections/checkpoints.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import { SLOTS } from '../../src/projections/inventory/tables.ts';
import { createPositionWatch } from '../../src/projections/position-watch.ts';
import type { Projection, Row, Table } from '../../src/projections/projection.ts';
import { createProjectionRunner, type ProjectionRunner } from '../../src/projections/runner.ts';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { followedStore } from '../support/followed-store.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { append, appendRaw, PROJECTIONS, poolOn, RELEASES, recorded, SILENT } from '../support/read-side.ts';
import { claim, held, opened } from '../support/slot-builders.ts';
import { reworded } from '../support/statements-between.ts';
import { waitUntil } from '../support/wait-until.ts';

const WAIT_MS = 10_000;

describe('a projection runner', () => {
  let database: TestDatabase;
  let store: EventStore;
  let pool: pg.Pool;
  const started: { readonly runner: ProjectionRunner; readonly pool: pg.Pool }[] = [];

  function start(connectionString = database.connectionString): ProjectionRunner {
    const own = poolOn(connectionString);
    const runner = createProjectionRunner({ pool: own, store, projections: RELEASES, log: SILENT });
    started.push({ runner, pool: own });
    runner.start();
    return runner;
  }

  async function statesOf(runner: ProjectionRunner): Promise<readonly string[]> {
    return (await runner.status()).map(({ state }) => state.kind);
  }

  const isIn = (runner: ProjectionRunner, kind: string) => async () => (await statesOf(runner)).every((state) => state === kind);

  beforeEach(async () => {
    database = await createTestDatabase();
    store = createMemoryEventStore();
    pool = poolOn(database.connectionString);
  });
  afterEach(async () => {
    await Promise.all(started.map(({ runner }) => runner.stop()));
    await Promise.all(started.splice(0).map((part) => part.pool.end()));
    await pool.end();
    await database.drop();
  });

  it('folds what was there before it started and what comes afterwards', async () => {
    const first = await append(store, 'slot-hamlet', [opened()]);
    const runner = start();
    expect((await runner.watch.waitFor(inventory, first, WAIT_MS)).reached).to.equal(true);
    const second = await append(store, 'slot-hamlet', held('hamlet.1', [claim('A1')]));
    expect(await runner.watch.waitFor(bookings, second, WAIT_MS)).to.deep.equal({ reached: true, position: second });
    const [, status] = await runner.status();
    expect(status).to.deep.equal({
      name: 'bookings',
      version: 1,
      build: 1,
      state: { kind: 'running' },
      position: second,
      lagEvents: 0,
      lagSeconds: 0,
    });
  });

  it('says how far it is behind while it does not run', async () => {
    store = createMemoryEventStore({ now: () => Date.now() - 60_000 });
    await append(store, 'slot-hamlet', [opened(), { type: 'SlotClosed', reason: null }]);
    const runner = createProjectionRunner({ pool, store: { ...store, now: Date.now }, projections: [{ current: inventory }], log: SILENT });
    const [status] = await runner.status();
    expect(status).to.deep.include({ state: { kind: 'stopped' }, position: 0, lagEvents: 2 });
    expect(status?.lagSeconds).to.be.within(60, 70);
  });

  it('folds more events than go into one batch', async () => {
    const positions: number[] = [];
    for (let show = 0; show < 60; show += 1) {
      const moves = Array.from({ length: 40 }, (_, index) => ({ type: index % 2 ? 'SlotReopened' : 'SlotClosed', reason: null }) as const);
      positions.push(await append(store, `slot-show-${show}`, [opened({ slotId: `show-${show}` }), ...moves]));
    }
    const runner = start();
    expect((await runner.watch.waitFor(inventory, positions.at(-1) ?? 0, WAIT_MS)).reached).to.equal(true);
    const { rows } = await pool.query('SELECT count(*)::int AS shows, min(version)::int AS version FROM holdfast_views.slots');
    expect(rows).to.deep.equal([{ shows: 60, version: 41 }]);
  });

  it('folds large events in transactions of a few megabytes', async () => {
    const title = 'x'.repeat(200 * 1024);
    for (let show = 0; show < 30; show += 1) await append(store, `slot-show-${show}`, [opened({ slotId: `show-${show}`, title })]);
    const runner = start();
    expect((await runner.watch.waitFor(inventory, 30, WAIT_MS)).reached).to.equal(true);
    const { rows } = await pool.query(
      'SELECT count(*)::int AS shows, count(DISTINCT xmin::text)::int AS transactions FROM holdfast_inventory_b1.slots',
    );
    expect(rows).to.deep.equal([{ shows: 30, transactions: 2 }]);
  });

  describe('whose events take long to fold', () => {
    const EVENT_MS = 30;
    /** The inventory, whose slots take so long. */
    const busy: Projection = {
      ...inventory,
      tables: inventory.tables.map((view) => {
        if (view.table !== (SLOTS as Table<Row>)) return view;
        const evolve: typeof view.evolve = (...told) => {
          for (const end = performance.now() + EVENT_MS; performance.now() < end; );
          return view.evolve(...told);
        };
        return { ...view, evolve };
      }),
    };

    async function closedAndReopened(events: number): Promise<number> {
      const moves = Array.from(
        { length: events - 1 },
        (_, index) => ({ type: index % 2 ? 'SlotReopened' : 'SlotClosed', reason: null }) as const,
      );
      return append(store, 'slot-hamlet', [opened(), ...moves]);
    }

    function startBusy(own: pg.Pool): ProjectionRunner {
      const runner = createProjectionRunner({ pool: own, store, projections: [{ current: busy }], log: SILENT });
      started.push({ runner, pool: own });
      runner.start();
      return runner;
    }

    it('folds a batch that takes longer than a silent session may last, and keeps nobody waiting', async function () {
      this.timeout(6 * WAIT_MS);
      const head = await closedAndReopened(300);
      let gap = 0;
      let last = performance.now();
      const timer = setInterval(() => {
        gap = Math.max(gap, performance.now() - last);
        last = performance.now();
      }, 10);
      try {
        const runner = startBusy(poolOn(database.connectionString));
        expect((await runner.watch.waitFor(inventory, head, 4 * WAIT_MS)).reached).to.equal(true);
        expect(await transactionsOf(head), 'in one batch').to.equal(1);
      } finally {
        clearInterval(timer);
      }
      expect(gap).to.be.within(EVENT_MS, 1_000);
    });

    it('folds fewer of them at a time when the server has taken it for one that stands still', async () => {
      const own = poolOn(database.connectionString);
      // As if each event took as many seconds as it takes tenths of one.
      reworded(own, /in_transaction_session_timeout = 5000\b/g, 'in_transaction_session_timeout = 100');
      const head = await closedAndReopened(16);
      const runner = startBusy(own);
      expect((await runner.watch.waitFor(inventory, head, WAIT_MS)).reached).to.equal(true);
      expect(await transactionsOf(head)).to.be.greaterThan(1);
    });

    /** In how many transactions the checkpoint came there, which a trigger has counted. */
    async function transactionsOf(head: number): Promise<number> {
      const { rows } = await pool.query<{ moves: number }>('SELECT count(*)::int AS moves FROM moves WHERE position <= $1', [head]);
      return rows[0]?.moves ?? 0;
    }

    beforeEach(() =>
      pool.query(
        `CREATE TABLE moves (position bigint);
         CREATE FUNCTION count_move() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO moves VALUES (NEW.position); RETURN NEW; END';
         CREATE TRIGGER moved AFTER UPDATE OF position ON holdfast.projection_builds FOR EACH ROW
           WHEN (NEW.name = 'inventory') EXECUTE FUNCTION count_move()`,
      ),
    );
  });

  it('is woken by an append instead of sleeping on', async () => {
    const runner = start();
    await waitUntil('it runs', isIn(runner, 'running'));
    const began = Date.now();
    for (let show = 0; show < 10; show += 1) {
      const position = await append(store, `slot-show-${show}`, [opened({ slotId: `show-${show}` })]);
      await runner.watch.waitFor(inventory, position, WAIT_MS);
    }
    expect(Date.now() - began, 'ten sleeps would take five seconds').to.be.lessThan(2_500);
  });

  it('follows a log that wakes nobody', async () => {
    store = { ...store, onAppended: () => () => undefined };
    const runner = start();
    await waitUntil('it runs', isIn(runner, 'running'));
    const position = await append(store, 'slot-hamlet', [opened()]);
    expect((await runner.watch.waitFor(inventory, position, WAIT_MS)).reached).to.equal(true);
  });

  it('tells the log what its builds had, until it stops', async () => {
    const followed = followedStore(store);
    store = followed.store;
    const runner = start();
    await waitUntil('it runs', isIn(runner, 'running'));
    const position = await append(store, 'slot-hamlet', [opened(), ...held('hamlet.1', [claim('A1')])]);
    await waitUntil('both builds had it', async () => {
      await new Promise(setImmediate);
      return followed.had().length === 2 && followed.had().every((had) => had === position);
    });
    await runner.stop();
    expect(followed.had()).to.deep.equal([]);
  });

  describe('beside another one', () => {
    it('waits while the other works, and takes over when the other stops', async () => {
      const first = start();
      await waitUntil('the first runs', isIn(first, 'running'));
      const second = start();
      await waitUntil('the second stands by', isIn(second, 'standby'));
      const before = await append(store, 'slot-hamlet', [opened()]);
      await second.watch.waitFor(inventory, before, WAIT_MS);
      // A loop that has just been made says so only when it has asked for the lock.
      await waitUntil('the second still stands by', isIn(second, 'standby'));

      await first.stop();

      await waitUntil('the second runs', isIn(second, 'running'));
      const after = await append(store, 'slot-hamlet', held('hamlet.1', [claim('A1')]));
      expect((await second.watch.waitFor(bookings, after, WAIT_MS)).reached).to.equal(true);
    });

    it('asks whether it may take over twice a second, however much is appended meanwhile', async () => {
      await waitUntil('the first runs', isIn(start(), 'running'));
      const second = start();
      await waitUntil('the second stands by', isIn(second, 'standby'));
      const own = started.at(-1)?.pool as pg.Pool;
      let tries = 0;
      own.connect = new Proxy(own.connect, {
        apply: (connect, pool, asked) => {
          // Without a callback it is a loop that wants a connection of its own, to try the lock on.
          if (asked.length === 0) tries += 1;
          return Reflect.apply(connect, pool, asked);
        },
      });

      const began = performance.now();
      for (let show = 0; show < 30; show += 1) {
        const position = await append(store, `slot-show-${show}`, [opened({ slotId: `show-${show}` })]);
        expect((await second.watch.waitFor(inventory, position, WAIT_MS)).reached).to.equal(true);
      }
      const halfSeconds = (performance.now() - began) / 500;

      expect(tries, 'of two projections').to.be.within(2, 2 * (halfSeconds + 2));
    });

    it('takes over when the other is cut off from the database, which then stands by', async () => {
      const proxy: CuttingProxy = await startCuttingProxy(database.connectionString);
      try {
        const first = start(proxy.connectionString);
        await waitUntil('the first runs', isIn(first, 'running'));
        const second = start();
        await waitUntil('the second stands by', isIn(second, 'standby'));

        await proxy.shut();

        await waitUntil('the second runs', isIn(second, 'running'));
        await waitUntil('the first knows', isIn(first, 'retrying'));
        const position = await append(store, 'slot-hamlet', [opened(), ...held('hamlet.1', [claim('A1')])]);
        expect((await second.watch.waitFor(bookings, position, WAIT_MS)).reached).to.equal(true);
        await proxy.open();
        await waitUntil('the first stands by', isIn(first, 'standby'));
      } finally {
        await Promise.all(started.map(({ runner }) => runner.stop()));
        await proxy.shut();
      }
    });
  });

  it('takes over from a process that stands still in the middle of a copy, where the server waits for it without a bound', async () => {
    const first = start();
    await waitUntil('it runs', isIn(first, 'running'));
    await first.stop();
    const still = new pg.Client({ connectionString: database.connectionString });
    still.on('error', () => undefined);
    await still.connect();
    try {
      const { rows } = await still.query(`SELECT ${BUILD_LOCK} AS locked`, [`${inventory.name}/1`]);
      expect(rows).to.deep.equal([{ locked: true }]);
      await still.query('BEGIN');
      const ended = new Promise((resolve) => still.query(new NeverEndingCopy(resolve)));
      const second = start();
      const position = await append(store, 'slot-hamlet', [opened()]);

      expect((await second.watch.waitFor(inventory, position, 2 * WAIT_MS)).reached).to.equal(true);
      expect(await ended).to.have.property('code', '57P01');
    } finally {
      await still.end().catch(() => undefined);
    }
  });

  describe('whose database', () => {
    it('breaks its connections goes on where it was', async () => {
      const runner = start();
      const before = await append(store, 'slot-hamlet', [opened()]);
      await runner.watch.waitFor(bookings, before, WAIT_MS);
      await pool.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      const after = await append(store, 'slot-hamlet', held('hamlet.1', [claim('A1')]));
      for (const projection of PROJECTIONS) expect((await runner.watch.waitFor(projection, after, WAIT_MS)).reached).to.equal(true);
      await waitUntil('it runs', isIn(runner, 'running'));
      const { rows } = await pool.query('SELECT held::int, version::int FROM holdfast_views.slots');
      expect(rows).to.deep.equal([{ held: 1, version: 3 }]);
    });

    it('is not there says so and stops within its bound', async () => {
      const runner = start('postgresql://127.0.0.1:1/nowhere');
      await waitUntil('it retries', isIn(runner, 'retrying'));
      const [status] = await runner.status();
      expect(status).to.deep.include({ position: null, lagEvents: null, lagSeconds: null });
      await runner.stop();
      expect(await statesOf(runner)).to.deep.equal(['stopped', 'stopped']);
    });
  });

  it('goes on from the checkpoint when somebody moves it', async () => {
    const runner = start();
    await runner.watch.waitFor(inventory, await append(store, 'slot-hamlet', [opened()]), WAIT_MS);
    // As if another runner had folded the next event, which therefore must not be folded again.
    await pool.query('UPDATE holdfast.projection_builds SET position = 2');
    const position = await append(store, 'slot-hamlet', [
      { type: 'SlotClosed', reason: null },
      { type: 'SlotChanged', changes: { title: 'Macbeth' } },
    ]);
    expect((await runner.watch.waitFor(inventory, position, WAIT_MS)).reached).to.equal(true);
    expect((await pool.query('SELECT title, status FROM holdfast_views.slots')).rows).to.deep.equal([{ title: 'Macbeth', status: 'OPEN' }]);
  });

  describe('that meets an event which it cannot', () => {
    it('fold stops that projection before it, alone, and tells which event it was', async () => {
      const good = await append(store, 'slot-hamlet', [opened(), { type: 'SlotClosed', reason: null }]);
      const unknown = { unitId: 'Z9', category: 'gold', price: 1 };
      const poison = await append(store, 'slot-hamlet', [{ type: 'UnitsChanged', changes: [unknown] }, ...held('hamlet.1', [claim('A1')])]);
      const runner = start();
      expect((await runner.watch.waitFor(bookings, poison, WAIT_MS)).reached).to.equal(true);
      await waitUntil('it stopped', async () => (await statesOf(runner))[0] === 'failed');
      const [failed, running] = await runner.status();
      expect(failed?.position, 'everything before it was kept').to.equal(good);
      expect(failed?.state).to.deep.include({ kind: 'failed' });
      if (failed?.state.kind === 'failed') {
        expect(failed.state.event).to.deep.include({ position: good + 1, type: 'UnitsChanged', streamId: 'slot-hamlet' });
        expect(failed.state.error).to.match(/unit Z9 is not part of slot hamlet/);
      }
      expect(running?.state.kind).to.equal('running');
      expect((await pool.query('SELECT status, version::int FROM holdfast_views.slots')).rows).to.deep.equal([
        { status: 'CLOSED', version: 2 },
      ]);
    });

    it('read stops before it', async () => {
      const good = await append(store, 'slot-hamlet', [opened()]);
      await appendRaw(store, 'slot-hamlet', [{ ...recorded({ type: 'SlotClosed', reason: null }), schemaVersion: 99 }]);
      const runner = start();
      await waitUntil('it stopped', async () => (await statesOf(runner))[0] === 'failed');
      expect((await runner.status())[0]).to.deep.include({ position: good, lagEvents: 1 });
    });

    it('store stops before it, when the tables cannot take its data', async () => {
      const good = await append(store, 'slot-hamlet', [opened(), { type: 'SlotClosed', reason: null }]);
      await append(store, 'slot-hamlet', [{ type: 'SlotChanged', changes: { title: 'a\0b' } }]);
      const runner = start();
      await waitUntil('both stopped', isIn(runner, 'failed'));
      const [status] = await runner.status();
      expect(status?.position).to.equal(good);
      if (status?.state.kind === 'failed') expect(status.state.event).to.have.property('position', good + 1);
    });
  });

  describe('whose positions are waited for', () => {
    it('is seen from another process', async () => {
      start();
      const elsewhere = createPositionWatch(pool, new LiveBuilds(pool, RELEASES));
      const waits = PROJECTIONS.map((projection) => elsewhere.waitFor(projection, 3, WAIT_MS));
      const position = await append(store, 'slot-hamlet', [opened(), ...held('hamlet.1', [claim('A1')])]);
      expect(await Promise.all(waits)).to.deep.equal([
        { reached: true, position },
        { reached: true, position },
      ]);
    });

    it('ends at the bound with the position that it has reached', async () => {
      const runner = start();
      const position = await append(store, 'slot-hamlet', [opened()]);
      await runner.watch.waitFor(inventory, position, WAIT_MS);
      expect(await runner.watch.waitFor(inventory, position + 1, 20)).to.deep.equal({ reached: false, position });
      const elsewhere = createPositionWatch(pool, new LiveBuilds(pool, RELEASES));
      await elsewhere.waitFor(inventory, position, WAIT_MS);
      expect(await elsewhere.waitFor(inventory, position + 1, 20)).to.deep.equal({ reached: false, position });
      expect(await readCheckpoint(pool, { name: 'inventory', build: 1 })).to.equal(position);
    });

    it('ends at the bound while the database does not answer, and is seen once it does', async () => {
      const proxy = await startCuttingProxy(database.connectionString);
      const cutOff = poolOn(proxy.connectionString);
      try {
        const runner = start();
        const position = await append(store, 'slot-hamlet', [opened()]);
        await runner.watch.waitFor(inventory, position, WAIT_MS);
        const elsewhere = createPositionWatch(cutOff, new LiveBuilds(cutOff, RELEASES));
        await proxy.shut();
        expect(await elsewhere.waitFor(inventory, position, 50)).to.deep.equal({ reached: false, position: 0 });
        await proxy.open();
        expect(await elsewhere.waitFor(inventory, position, WAIT_MS)).to.deep.equal({ reached: true, position });
      } finally {
        await cutOff.end();
        await proxy.shut();
      }
    });
  });
});

/** Rows that never come. */
class NeverEndingCopy extends pg.Query {
  constructor(done: (error: Error) => void) {
    super({ text: 'COPY holdfast_inventory_b1.slots FROM STDIN' }, done);
  }

  /** Called by the driver once the server waits for data. */
  handleCopyInResponse(): void {}
}
