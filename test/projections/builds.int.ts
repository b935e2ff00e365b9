import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type pg from 'pg';
import type { PostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import type { BuildId } from '../../src/projections/builds/build.ts';
import { BuildRefusedError } from '../../src/projections/builds/operations.ts';
import { announceReader, forgetReader, retireUnread } from '../../src/projections/builds/readers.ts';
import { moveCheckpoint, readCheckpoint } from '../../src/projections/checkpoints.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import { createProjectionAdmin } from '../../src/queries/projection-admin.ts';
import { type GatedStore, gatedStore } from '../support/gated-store.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { append, RELEASES, SILENT } from '../support/read-side.ts';
import { openRebuiltSide, type RebuiltSide } from '../support/rebuilt-side.ts';
import { claim, held, opened } from '../support/slot-builders.ts';
import { reworded, standingStill } from '../support/statements-between.ts';
import { waitUntil } from '../support/wait-until.ts';

const BOUND_MS = 20_000;
const NAME = inventory.name;

describe('a build of a read model', function () {
  this.timeout(3 * BOUND_MS);
  let database: TestDatabase;
  let side: RebuiltSide;
  let gate: GatedStore;
  let someBuildBegins: Promise<void>;
  const others: RebuiltSide[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
    side = await openRebuiltSide(database.connectionString, BOUND_MS, RELEASES, {
      around: (store) => {
        gate = gatedStore(store);
        return gate.store;
      },
    });
    await append(side.store, 'slot-hamlet', [opened(), ...held('hamlet.1', [claim('A1')])]);
    side.runner.start();
    for (const { current } of RELEASES) await side.untilLiveHasAll(current.name);
    someBuildBegins = gate.close();
  });
  afterEach(async () => {
    gate.open();
    for (const other of others.splice(0)) await other.close();
    await side.close();
    await database.drop();
  });

  async function another(log = SILENT, around = (store: PostgresEventStore) => store): Promise<RebuiltSide> {
    const other = await openRebuiltSide(database.connectionString, BOUND_MS, RELEASES, { log, around });
    others.push(other);
    return other;
  }

  async function built(): Promise<number> {
    gate.open();
    const { build } = await side.operations.rebuild(NAME, 'test');
    await side.untilIn('caught-up', NAME, build);
    return build;
  }

  async function refused(work: Promise<unknown>): Promise<string> {
    const thrown = await work.then(
      () => null,
      (error: unknown) => error,
    );
    expect(thrown).to.be.instanceOf(BuildRefusedError);
    return (thrown as Error).message;
  }

  async function actions(): Promise<readonly string[]> {
    const { rows } = await side.pool.query<{ said: string }>(
      `SELECT build || ' ' || action || ' by ' || actor AS said FROM holdfast.projection_history WHERE name = $1 ORDER BY entry`,
      [NAME],
    );
    return rows.map(({ said }) => said);
  }

  async function schemas(): Promise<readonly string[]> {
    const { rows } = await side.pool.query<{ name: string }>(
      `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'holdfast\\_inventory\\_b%' ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  }

  it('is begun once, however many ask for it', async () => {
    const other = await another();
    const asked = [side, other, side, other].map(({ operations }, index) => operations.rebuild(NAME, `asker ${index}`));
    const builds = (await Promise.all(asked)).map(({ build }) => build);
    expect(builds).to.deep.equal([2, 2, 2, 2]);
    expect(await schemas()).to.deep.equal(['holdfast_inventory_b1', 'holdfast_inventory_b2']);
  });

  it('is in the hands of one process; another stands by', async () => {
    const said: string[] = [];
    const standing = await another({ ...SILENT, info: (fields, message) => void said.push(`${JSON.stringify(fields)} ${message}`) });
    await side.operations.rebuild(NAME, 'test');
    await someBuildBegins;
    standing.runner.start();
    await waitUntil('the other stands by', async () => {
      await standing.pool.query('SELECT 1');
      return said.some((line) => line.includes('holdfast_inventory_b2') && line.includes('is run by another process'));
    });
    gate.open();
    await side.untilIn('caught-up', NAME, 2);
    expect(said.filter((line) => line.includes('from the log'))).to.deep.equal([]);
  });

  it('is taken over from a process that stands still while it fills it', async () => {
    // A process has a minute to say something; here it has a second.
    reworded(side.pool, /= 60000\b/g, '= 1000');
    await side.operations.rebuild(NAME, 'test');
    await someBuildBegins;
    const other = await another();
    other.runner.start();
    expect((await other.untilIn('caught-up', NAME, 2)).comparison?.verdict).to.equal('equal');
  });

  it('tells how fast it is and how long it will take', async () => {
    await side.operations.rebuild(NAME, 'test');
    await someBuildBegins;
    // As after half a second in which it came two events far.
    await side.pool.query(
      `UPDATE holdfast.projection_builds SET run_position = 0, position = 2, run_started_at = now() - interval '0.5 s', updated_at = now()
        WHERE name = $1 AND build = 2`,
      [NAME],
    );
    const { pool, store, operations } = side;
    const views = await createProjectionAdmin({ pool, store, releases: RELEASES, operations }).list();
    const [next] = views.find(({ name }) => name === NAME)?.others ?? [];
    expect(next).to.deep.include({ build: 2, state: 'building', inHand: true, lagEvents: 1 });
    expect(next?.progress).to.deep.equal({ eventsPerSecond: 4, secondsLeft: 1 });
  });

  it('catches up though there is always something more in the log', async () => {
    let shows = 0;
    const busy = await another(SILENT, (store) => ({
      ...store,
      readFeed: async (...page) => {
        shows += 1;
        await append(store, `slot-show${shows}`, [opened({ slotId: `show${shows}` })]);
        return store.readFeed(...page);
      },
    }));
    await side.runner.stop();
    const { build } = await side.operations.rebuild(NAME, 'test');
    busy.runner.start();
    const made = await busy.untilIn('caught-up', NAME, build);
    expect(made.comparison?.verdict).to.equal('equal');
    expect(shows).to.be.greaterThan(0);
  });

  it('cannot be read before it has caught up', async () => {
    await side.operations.rebuild(NAME, 'test');
    expect(await refused(side.operations.switchTo(NAME, 'test'))).to.include('has not caught up');
    expect((await side.runner.live.current(inventory)).build).to.equal(1);
  });

  it('is read everywhere once it was switched to, and analysts read it too', async () => {
    const build = await built();
    const elsewhere = await another();
    await elsewhere.runner.live.refresh();
    expect((await elsewhere.runner.live.current(inventory)).build).to.equal(1);

    await side.operations.switchTo(NAME, 'anna');

    await elsewhere.runner.live.refresh();
    expect((await elsewhere.runner.live.current(inventory)).build).to.equal(build);
    await side.pool.query(`UPDATE holdfast_inventory_b${build}.slots SET title = 'Of the new build'`);
    expect((await side.pool.query('SELECT title FROM holdfast_views.slots')).rows).to.deep.equal([{ title: 'Of the new build' }]);
    expect(await actions()).to.deep.equal(['1 made by migration', '2 made by test', '2 caught up by runner', '2 live by anna']);
    expect(await refused(side.operations.switchTo(NAME, 'anna', { build }))).to.include('is the live one already');
  });

  it('is not read while it is behind the one that is: nobody goes back in time by a switch', async () => {
    const build = await built();
    const holding = await side.pool.connect();
    try {
      await holding.query('BEGIN');
      // From here on it cannot move on.
      await holding.query('SELECT FROM holdfast.projection_builds WHERE name = $1 AND build = $2 FOR UPDATE', [NAME, build]);
      const before = await readCheckpoint(side.pool, { name: NAME, build });
      const head = await append(side.store, 'slot-hamlet', held('hamlet.2', [claim('A2')]));
      await side.untilLiveHasAll(NAME);

      const why = await refused(side.operations.switchTo(NAME, 'test'));
      expect(why).to.include(`Build ${build} of ${NAME} stands at ${before}, behind the live one at ${head}`);
      expect((await side.build(NAME, 1))?.live).to.equal(true);
    } finally {
      await holding.query('ROLLBACK');
      holding.release();
    }
    await side.operations.switchTo(NAME, 'test');
    expect(await readCheckpoint(side.pool, { name: NAME, build })).to.equal(await side.store.headPosition());
  });

  it('does not stop with a process that stands still while it switches, and whose switch is taken back', async () => {
    const build = await built();
    const still = await another();
    const { stands, goOn } = standingStill(still.pool, `SET state = 'draining'`);
    const switching = still.operations.switchTo(NAME, 'still', { build }).catch((error: unknown) => error);
    await stands;
    const head = await append(side.store, 'slot-hamlet', held('hamlet.2', [claim('A2')]));
    const wait = await side.runner.watch.waitFor({ name: NAME }, head, BOUND_MS);
    goOn();

    expect(wait).to.deep.equal({ reached: true, position: head });
    expect(await switching).to.be.instanceOf(Error);
    expect((await side.build(NAME, 1))?.live).to.equal(true);
    expect((await side.operations.switchTo(NAME, 'anna', { build })).live).to.equal(true);
  });

  it('that was live never gets ahead of the one that is: whoever goes over from it goes on', async () => {
    await built();
    await announceReader(side.pool, randomUUID(), [{ name: NAME, build: 1 }]);
    await side.operations.switchTo(NAME, 'test');
    // Nobody moves them any more but the test.
    await side.runner.stop();
    const [old, live] = [1, 2].map((build) => ({ name: NAME, build })) as [BuildId, BuildId];
    const position = (await readCheckpoint(side.pool, live)) ?? 0;
    expect(await readCheckpoint(side.pool, old)).to.equal(position);
    const move = (id: BuildId, to: number) => moveCheckpoint(side.pool, id, to - 1, to);
    expect(await move(old, position + 1)).to.equal(false);
    expect(await move(live, position + 1)).to.equal(true);
    expect(await move(old, position + 1)).to.equal(true);
    expect(await move(old, position + 2)).to.equal(false);
  });

  it('that was live is kept up to date for whoever still reads it, and goes for good by an explicit word alone', async () => {
    const build = await built();
    const reader = randomUUID();
    await announceReader(side.pool, reader, [{ name: NAME, build: 1 }]);
    await side.operations.switchTo(NAME, 'test');
    // Whoever does not say what it reads has looked at the pointer again by now.
    await side.pool.query(`UPDATE holdfast.live_projections SET since = since - interval '1 minute'`);
    const head = await append(side.store, 'slot-hamlet', held('hamlet.2', [claim('A2')]));
    await waitUntil('the one before has it, too', async () => (await readCheckpoint(side.pool, { name: NAME, build: 1 })) === head);
    await waitUntil('nobody else reads it', async () => (await side.build(NAME, 1))?.readers === 1);
    expect((await side.build(NAME, 1))?.state).to.equal('draining');
    expect(await refused(side.operations.drop(NAME, 'test', 1))).to.include('is still read by 1 instances');
    expect(await refused(side.operations.drop(NAME, 'test', build))).to.include('is the live one');

    await forgetReader(side.pool, reader);
    await side.untilIn('retired', NAME, 1);
    const beyond = await append(side.store, 'slot-hamlet', held('hamlet.3', [claim('A3')]));
    await side.untilLiveHasAll(NAME);
    expect(await readCheckpoint(side.pool, { name: NAME, build: 1 })).to.be.within(head, beyond - 1);
    expect(await refused(side.operations.switchTo(NAME, 'test', { build: 1 }))).to.include('was left behind');
    expect(await schemas()).to.deep.equal(['holdfast_inventory_b1', 'holdfast_inventory_b2']);
    await side.operations.drop(NAME, 'test');
    expect(await schemas()).to.deep.equal(['holdfast_inventory_b2']);
    expect((await side.operations.rebuild(NAME, 'test')).build, 'numbers are given out once').to.equal(3);
  });

  it('that was let go of is kept up to date again as soon as somebody says that it reads it', async () => {
    const build = await built();
    await side.operations.switchTo(NAME, 'anna', { build });
    const ago = `clock_timestamp() - interval '1 hour'`;
    await side.pool.query(`UPDATE holdfast.live_projections SET since = ${ago}`);
    await retireUnread(side.pool);
    await side.untilIn('retired', NAME, 1);
    await append(side.store, 'slot-macbeth', [opened({ slotId: 'macbeth' })]);
    await side.untilLiveHasAll(NAME);

    await announceReader(side.pool, randomUUID(), [{ name: NAME, build: 1 }]);

    const head = await side.store.headPosition();
    await waitUntil('it has all', async () => (await side.build(NAME, 1))?.position === head, BOUND_MS);
    expect((await side.build(NAME, 1))?.state).to.equal('draining');
    expect((await actions()).at(-1)).to.equal('1 kept up again by runner');
  });

  it('that was let go of and taken up again between two looks is kept up to date again', async () => {
    const build = await built();
    await side.operations.switchTo(NAME, 'anna', { build });
    await waitUntil('it is followed', async () => (await side.build(NAME, 1))?.inHand === true);
    const elsewhere = await another();
    const openEyes = await blindfolded(side.pool);
    await elsewhere.pool.query(`UPDATE holdfast.projection_builds SET state = 'retired' WHERE name = $1 AND build = 1`, [NAME]);
    await waitUntil('it is let go of', async () => (await elsewhere.build(NAME, 1))?.inHand === false);
    await announceReader(elsewhere.pool, randomUUID(), [{ name: NAME, build: 1 }]);
    openEyes();

    const head = await append(side.store, 'slot-hamlet', held('hamlet.2', [claim('A2')]));
    await waitUntil('it has all', async () => (await elsewhere.build(NAME, 1))?.position === head, BOUND_MS);
    expect((await elsewhere.build(NAME, 1))?.state).to.equal('draining');
  });

  it('takes the place of the live one by itself if that is wanted only once it is on its way, or has caught up', async () => {
    for (const wait of [async () => undefined, (build: number) => side.untilIn('caught-up', NAME, build)]) {
      const { build } = await side.operations.rebuild(NAME, 'anna');
      await wait(build);
      expect((await side.operations.rebuild(NAME, 'bert', true)).build).to.equal(build);
      gate.open();
      await waitUntil('it is live', async () => (await side.build(NAME, build))?.live === true, BOUND_MS);
      expect(await actions()).to.include(`${build} to be switched by bert`);
    }
  });

  it('that was live a moment ago is gone back to without further proof', async () => {
    const build = await built();
    const { operations, runner } = side;
    await announceReader(side.pool, randomUUID(), [{ name: NAME, build: 1 }]);
    await operations.switchTo(NAME, 'test');
    await operations.switchTo(NAME, 'test', { build: 1 });
    await runner.live.refresh();
    expect((await runner.live.current(inventory)).build).to.equal(1);
    expect((await side.build(NAME, build))?.state).to.equal('draining');
  });

  it('that differs from the live one is read by an explicit word alone', async () => {
    await side.pool.query(`UPDATE holdfast_inventory_b1.slots SET title = 'Damaged'`);
    const { build } = await side.operations.rebuild(NAME, 'test', true);
    gate.open();
    const made = await side.untilIn('caught-up', NAME, build);
    const different = made.comparison?.tables.filter(({ equal }) => equal !== true).map(({ table }) => table);
    expect([made.comparison?.verdict, different]).to.deep.equal(['different', ['slots']]);
    expect(await refused(side.operations.switchTo(NAME, 'test'))).to.include('was found different');
    // It was told to take its place by itself, and must not: the runner has looked at it again when this is done.
    await side.untilLiveHasAll(NAME);
    expect((await side.build(NAME, 1))?.live).to.equal(true);
    await side.operations.switchTo(NAME, 'test', { despiteDifferences: true });
    expect((await side.build(NAME, build))?.live).to.equal(true);
  });

  it('is given up at any moment, and nobody who reads has noticed', async () => {
    await side.operations.rebuild(NAME, 'test');
    await someBuildBegins;
    await side.operations.cancel(NAME, 'bert');
    gate.open();
    expect(await schemas()).to.deep.equal(['holdfast_inventory_b1']);
    const position = await append(side.store, 'slot-hamlet', held('hamlet.2', [claim('A2')]));
    await side.untilLiveHasAll(NAME);
    expect(await readCheckpoint(side.pool, { name: NAME, build: 1 })).to.equal(position);
    expect((await actions()).at(-1)).to.equal('2 cancelled by bert');
    expect(await refused(side.operations.cancel(NAME, 'bert'))).to.include('No build of inventory is on its way');
    const { build } = await side.operations.rebuild(NAME, 'test');
    await side.untilIn('caught-up', NAME, build);
    expect(build).to.equal(3);
  });
});

/** Keeps whoever looks at builds over the pool from seeing more, once it has begun to wait. @returns what lets it see again. */
async function blindfolded(pool: pg.Pool): Promise<() => void> {
  const query = pool.query;
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  await new Promise<void>((waiting) => {
    pool.query = new Proxy(query, {
      apply: async (_query, _pool, words) => {
        waiting();
        await opened;
        return Reflect.apply(query, pool, words);
      },
    });
  });
  return () => {
    pool.query = query;
    open();
  };
}
