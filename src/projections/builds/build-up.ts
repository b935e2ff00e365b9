import type pg from 'pg';
import type { EventStore, RecordedEvent } from '../../eventstore/event-store.ts';
import type { ReadParsedFeed } from '../../eventstore/parsed-feed.ts';
import { CheckpointMovedError, isDataError } from '../apply-batch.ts';
import { readCheckpoint } from '../checkpoints.ts';
import { PoisonEventError } from '../fold.ts';
import { createIndexesSql } from './build.ts';
import { BulkLoad } from './bulk-load.ts';
import { type Comparison, compareWithLive, HASH_TIMEOUT_MS, notCompared } from './compare.ts';
import type { LiveBuilds, ReadableBuild } from './live-builds.ts';
import { readBuild, recordAction } from './registry.ts';

/** Behind the log by fewer events than this, a build is brought up by ordinary batches. */
const NEARLY_THERE = 2_000;
const ORDINARY_BATCH = 500;
/**
 * A process that says nothing for so many milliseconds while it fills a build, in a transaction or between two, stands still: the
 * server ends its session, and with it the lock, so that another process goes on. The longest page is read and folded sooner.
 */
const SILENT_MS = 60_000;
/** An index of a table with millions of rows takes minutes at worst. */
const INDEX_TIMEOUT_MS = 3_600_000;
/** How long the live build may take to pass the new one before they are compared, in milliseconds, and how often it is looked at. */
const LIVE_BOUND_MS = 10_000;
const LIVE_LOOK_MS = 20;

export interface BuildUpParts {
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly readParsedFeed: ReadParsedFeed;
  readonly loadBatchEvents: number | undefined;
  readonly live: LiveBuilds;
  readonly log: { info(fields: object, message: string): void };
  /** Holds the build's lock. */
  readonly connection: pg.PoolClient;
  readonly build: ReadableBuild;
  readonly setAside: ReadonlySet<number>;
  /** Folds events in an ordinary transaction and finds the culprit when one cannot be. @returns the position reached. */
  readonly apply: (from: number, batch: readonly RecordedEvent[]) => Promise<number>;
  readonly progressed: () => void;
  readonly isStopping: () => boolean;
}

/**
 * Fills a build from the log until it has caught up, makes its indexes, and compares it with the live
 * one. Whoever is interrupted, even killed, leaves rows and checkpoint in step, and the next one goes on.
 *
 * @throws PoisonEventError, CheckpointMovedError when the build was cancelled, and what the database throws.
 */
export async function buildUp(parts: BuildUpParts): Promise<void> {
  const { connection, build, log, isStopping } = parts;
  const begun = await beginRun(connection, build);
  log.info({ projection: build.schema, position: begun }, 'building from the log');
  // What a crash of the server loses, the next run makes again: rows and checkpoint are lost together.
  await connection.query('SET synchronous_commit = off');
  await connection.query(`SET idle_session_timeout = ${SILENT_MS}; SET idle_in_transaction_session_timeout = ${SILENT_MS}`);
  await fill(parts, begun);
  // While the live build's tables are summed up on another connection, this one says nothing.
  await connection.query(`SET synchronous_commit = on; SET idle_session_timeout = ${HASH_TIMEOUT_MS + SILENT_MS}`);
  if (isStopping()) return;
  for (const text of createIndexesSql(build.projection, build.schema)) await connection.query(longStatement(text));
  for (const { table } of build.projection.tables) await connection.query(longStatement(`ANALYZE ${build.table(table)}`));
  const comparison = await compare(parts);
  if (comparison === null) return;
  const { rowCount } = await connection.query(
    `UPDATE holdfast.projection_builds SET state = 'caught-up', comparison = $3 WHERE name = $1 AND build = $2 AND state = 'building'`,
    [build.name, build.build, JSON.stringify(comparison)],
  );
  if (rowCount === 0) throw new CheckpointMovedError(`build ${build.schema} was cancelled`);
  await recordAction(connection, build, 'caught up', 'runner', `compared with the live build: ${comparison.verdict}`);
  log.info({ projection: build.schema, comparison }, 'built from the log');
}

/** Makes the rate and the time left count from here. @returns the position. */
async function beginRun(connection: pg.PoolClient, { name, build }: ReadableBuild): Promise<number> {
  const { rows } = await connection.query<{ position: number }>(
    `UPDATE holdfast.projection_builds SET run_position = position, run_started_at = clock_timestamp(), updated_at = clock_timestamp()
      WHERE name = $1 AND build = $2 RETURNING position::float8 AS position`,
    [name, build],
  );
  if (rows[0] === undefined) throw new CheckpointMovedError(`there is no build ${build} of ${name} any more`);
  return rows[0].position;
}

async function fill(parts: BuildUpParts, from: number): Promise<void> {
  const {
    store,
    readParsedFeed: readFeed,
    loadBatchEvents: batchEvents,
    connection,
    build,
    setAside,
    progressed,
    apply,
    isStopping,
  } = parts;
  const loadFrom = (position: number) =>
    new BulkLoad({ readFeed, connection, build, setAside, position, batchEvents, progressed, isStopping });
  let position = from;
  let load = loadFrom(position);
  while (!isStopping() && (await store.headPosition()) - position > NEARLY_THERE) {
    try {
      position = await load.run();
    } catch (error) {
      if (!(error instanceof PoisonEventError || error instanceof SyntaxError || isDataError(error))) throw error;
      // Somewhere in the batches that were in hand is an event that cannot be folded: small steps find it.
      position = await inSmallSteps(parts, load.failedUpTo);
      load = loadFrom(position);
    }
  }
  for (;;) {
    const batch = isStopping() ? [] : await store.readFeed(position, ORDINARY_BATCH);
    if (batch.length === 0) return;
    position = await apply(position, batch);
    progressed();
    // In a rush there is always one more: what has come meanwhile is for whoever follows the log from here.
    if (batch.length < ORDINARY_BATCH) return;
  }
}

async function inSmallSteps({ store, connection, build, apply, progressed, isStopping }: BuildUpParts, end: number): Promise<number> {
  let position = await checkpoint(connection, build);
  while (position < end && !isStopping()) {
    const batch = await store.readFeed(position, ORDINARY_BATCH);
    // The page that could not be read may have been the last one: what it might have had is not there yet.
    if (batch.length === 0) break;
    position = await apply(position, batch);
    progressed();
  }
  return position;
}

/** Null when it was stopped meanwhile. */
async function compare(parts: BuildUpParts): Promise<Comparison | null> {
  const { pool, store, live, connection, build, apply, isStopping } = parts;
  const beside = await live.current(build).catch(() => null);
  if (beside === null) return notCompared(build, null, 'there is no live build that this release can read');
  const { failure = null } = (await readBuild(connection, beside)) ?? {};
  if (failure !== null) return notCompared(build, beside, `the live build is stopped by an event: ${failure.error}`);
  const own = await checkpoint(connection, build);
  for (const deadline = performance.now() + LIVE_BOUND_MS; ; ) {
    const position = (await readCheckpoint(connection, beside)) ?? 0;
    if (position >= own) break;
    if (isStopping()) return null;
    if (performance.now() > deadline) return notCompared(build, beside, `the live build stands still at position ${position}`);
    await new Promise((resolve) => setTimeout(resolve, LIVE_LOOK_MS));
  }
  const advanceTo = async (target: number): Promise<number> => {
    for (let position = own; ; ) {
      const batch = (await store.readFeed(position, ORDINARY_BATCH)).filter((record) => record.position <= target);
      if (batch.length === 0 || isStopping()) return position;
      position = await apply(position, batch);
    }
  };
  const comparison = await compareWithLive({ pool, connection, build, live: beside, advanceTo });
  return isStopping() ? null : comparison;
}

async function checkpoint(connection: pg.PoolClient, build: ReadableBuild): Promise<number> {
  const position = await readCheckpoint(connection, build);
  if (position === null) throw new CheckpointMovedError(`build ${build.schema} was cancelled`);
  return position;
}

function longStatement(text: string): pg.QueryConfig & { readonly query_timeout: number } {
  return { text, query_timeout: INDEX_TIMEOUT_MS };
}
