import { expect } from 'chai';
import type pg from 'pg';
import { CATALOGUE } from '../../src/eventstore/catalogue/codec.ts';
import { createPostgresEventStore, type PostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { BuildOperations } from '../../src/projections/builds/operations.ts';
import { type BuildRecord, readBuilds } from '../../src/projections/builds/registry.ts';
import { createProjectionRunner, type ProjectionRunner } from '../../src/projections/runner.ts';
import { withDatabase } from '../support/postgres.ts';
import { RandomHistory } from '../support/random-history.ts';
import { ALL_PROJECTIONS, poolOn, SILENT } from '../support/read-side.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Events of the history; `npm run verify:long` asks for more. */
const EVENTS = Number(process.env.HOLDFAST_HISTORY_EVENTS ?? 20_000);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const releases = ALL_PROJECTIONS.map((current) => ({ current }));
const BOUND_MS = 60_000 + EVENTS * 2;

describe(`a read model that is rebuilt after ${EVENTS} random events (seed ${SEED})`, function () {
  this.timeout(2 * BOUND_MS);
  const database = withDatabase();
  let pool: pg.Pool;
  let store: PostgresEventStore;
  let runner: ProjectionRunner;
  let operations: BuildOperations;
  let history: RandomHistory;

  before(async () => {
    pool = poolOn(database());
    store = await createPostgresEventStore({ connectionString: database() });
    runner = createProjectionRunner({ pool, store, projections: releases, log: SILENT });
    operations = new BuildOperations(pool, releases);
    history = new RandomHistory(store, SEED);
    await history.grow(EVENTS);
    runner.start();
  });
  after(async () => {
    await runner.stop();
    await store.close();
    await pool.end();
  });

  async function build(name: string, number: number): Promise<BuildRecord | undefined> {
    return (await readBuilds(pool)).find((one) => one.name === name && one.build === number);
  }

  it('is about events of every kind', () => {
    expect([...history.kinds.keys()]).to.have.members([...CATALOGUE.keys()]);
  });

  for (const { name, tables } of ALL_PROJECTIONS) {
    it(`equals the live one row by row: ${name}`, async () => {
      await runner.watch.waitFor({ name }, await store.headPosition(), BOUND_MS);
      const { build: number } = await operations.rebuild(name, 'test');
      await waitUntil('it has caught up', async () => (await build(name, number))?.state === 'caught-up', BOUND_MS);
      const made = await build(name, number);
      expect(made?.comparison).to.deep.include({ verdict: 'equal' });
      expect(made?.position).to.equal(await store.headPosition());
      for (const { table } of tables) {
        const [live, own] = [1, number].map((one) => `SELECT * FROM holdfast_${name}_b${one}.${table.name}`);
        const { rows } = await pool.query(
          `SELECT count(*)::int AS n FROM ((${live} EXCEPT ALL ${own}) UNION ALL (${own} EXCEPT ALL ${live})) AS d`,
        );
        expect(rows, table.name).to.deep.equal([{ n: 0 }]);
        const [{ n }] = (await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM (${own}) AS rows`)).rows as [{ n: number }];
        expect(n, table.name).to.be.greaterThan(0);
      }
    });
  }
});
