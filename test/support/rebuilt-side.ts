import { expect } from 'chai';
import type pg from 'pg';
import { verifyLog } from '../../src/cli/verify/verify-log.ts';
import { createPostgresEventStore, type PostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { schemaOf } from '../../src/projections/builds/build.ts';
import { BuildOperations } from '../../src/projections/builds/operations.ts';
import { type BuildRecord, readBuilds } from '../../src/projections/builds/registry.ts';
import type { RunnerLog } from '../../src/projections/loop-state.ts';
import type { Projection, ProjectionRelease } from '../../src/projections/projection.ts';
import { createProjectionRunner, type ProjectionRunner } from '../../src/projections/runner.ts';
import { ALL_PROJECTIONS, poolOn, SILENT } from './read-side.ts';
import { waitUntil } from './wait-until.ts';

export const ALL_RELEASES: readonly ProjectionRelease[] = ALL_PROJECTIONS.map((current) => ({ current }));

/** Events of one transaction of a build: so few that rows are changed and removed by later ones than made them. */
const LOAD_BATCH_EVENTS = 1_000;

/** A log in PostgreSQL with its read models, for the tests that build these anew. */
export interface RebuiltSide {
  readonly pool: pg.Pool;
  readonly store: PostgresEventStore;
  readonly operations: BuildOperations;
  /** One instance that runs projections; it does not run before `start`. */
  readonly runner: ProjectionRunner;
  /** What is on record of the build; undefined once it is no more. */
  build(name: string, build: number): Promise<BuildRecord | undefined>;
  /** Waits until the build is in this state. @returns what is on record of it then. */
  untilIn(state: BuildRecord['state'], name: string, build: number): Promise<BuildRecord>;
  /** Waits until the live build of the projection has everything that is in the log. */
  untilLiveHasAll(name: string): Promise<void>;
  close(): Promise<void>;
}

/** @param boundMs how long anything may take that is waited for. */
export async function openRebuiltSide(
  connectionString: string,
  boundMs: number,
  releases: readonly ProjectionRelease[] = ALL_RELEASES,
  options: { readonly log?: RunnerLog; readonly around?: (store: PostgresEventStore) => PostgresEventStore } = {},
): Promise<RebuiltSide> {
  const { log = SILENT, around = (plain) => plain } = options;
  const pool = poolOn(connectionString);
  const store = around(await createPostgresEventStore({ connectionString }));
  const { readParsedFeed } = store;
  const runner = createProjectionRunner({ pool, store, projections: releases, log, readParsedFeed, loadBatchEvents: LOAD_BATCH_EVENTS });
  const build = async (name: string, number: number) => (await readBuilds(pool)).find((one) => one.name === name && one.build === number);
  return {
    pool,
    store,
    operations: new BuildOperations(pool, releases),
    runner,
    build,
    untilIn: async (state, name, number) => {
      let record: BuildRecord | undefined;
      const isThere = async () => {
        record = await build(name, number);
        if (record?.failure) expect.fail(JSON.stringify(record.failure));
        return record?.state === state;
      };
      await waitUntil(`build ${number} of ${name} is ${state}`, isThere, boundMs);
      return record as BuildRecord;
    },
    untilLiveHasAll: async (name) => {
      const wait = await runner.watch.waitFor({ name }, await store.headPosition(), boundMs);
      if (!wait.reached) expect.fail(`${name} stands at ${wait.position}: ${JSON.stringify(await runner.status())}`);
    },
    close: async () => {
      await runner.stop();
      await store.close();
      await pool.end();
    },
  };
}

/** Compares two builds row by row, all columns; tables without rows would compare nothing. */
export async function expectSameRows({ pool }: Pick<RebuiltSide, 'pool'>, projection: Projection, a: number, b: number): Promise<void> {
  const { name, tables } = projection;
  for (const { table } of tables) {
    const [one, other] = [a, b].map((build) => `SELECT t::text FROM ${schemaOf({ name, build })}.${table.name} t`);
    const { rows } = await pool.query<{ rows: number; different: number }>(
      `SELECT (SELECT count(*)::int FROM (${other}) AS o) AS rows,
              (SELECT count(*)::int FROM ((${one} EXCEPT ALL ${other}) UNION ALL (${other} EXCEPT ALL ${one})) AS d) AS different`,
    );
    expect(rows[0]?.rows, table.name).to.be.greaterThan(0);
    expect(rows[0]?.different, table.name).to.equal(0);
  }
}

/** Holds everything that the live builds say against what the aggregates come to when they are replayed. */
export async function expectEqualToReplay({ pool, store, runner }: Pick<RebuiltSide, 'pool' | 'store' | 'runner'>): Promise<void> {
  const progress = { phase: () => undefined, update: () => undefined };
  // It runs already.
  const running = { ...runner, start: () => undefined };
  const { faults, counts } = await verifyLog({ pool, store, runner: running }, { since: null, progress });
  expect(faults).to.deep.equal([]);
  expect(counts.events).to.equal(await store.headPosition());
}
