import type pg from 'pg';
import type { Queryable } from '../checkpoints.ts';
import type { PoisonEventError } from '../fold.ts';
import type { Projection, ProjectionRelease } from '../projection.ts';
import { type BuildId, createIndexesSql, createTablesSql, schemaOf } from './build.ts';
import type { Comparison } from './compare.ts';

/**
 * `building`: made from the log, not to be read yet. `caught-up`: follows the log; the live one does
 * too. `draining`: was the live one, and is kept up to date for the instances that still read it.
 * `retired`: nobody reads it and nobody keeps it up to date.
 */
export type BuildState = 'building' | 'caught-up' | 'draining' | 'retired';

export interface BuildFailure {
  readonly event: PoisonEventError['event'];
  readonly error: string;
}

/** What is on record of a build. */
export interface BuildRecord extends BuildId {
  readonly version: number;
  readonly state: BuildState;
  /** Whether it is the one that is read. */
  readonly live: boolean;
  readonly position: number;
  /** Position of the projection's live build; null when there is none. */
  readonly livePosition: number | null;
  readonly failure: BuildFailure | null;
  readonly resumptions: number;
  readonly comparison: Comparison | null;
  readonly switchWhenCompared: boolean;
  /** Where the present run of building began, and how many seconds it took from there to its last step. */
  readonly runPosition: number;
  readonly runSeconds: number | null;
  /** Whether some process has it in hand. */
  readonly inHand: boolean;
  readonly readers: number;
  readonly skipped: number;
}

/** An instance that was not seen for so long, in seconds, is taken to read nothing any more; when it is back, it says what it reads. */
export const READER_GONE_SECONDS = 20;

/** Who holds a build works on it; the lock lives as long as the connection. */
export const BUILD_LOCK = `pg_try_advisory_lock(hashtext('holdfast build'), hashtext($1))`;

/** Whether the row `k` of pg_locks stands for the held lock of a build. @param build an SQL expression that is its `<name>/<build>`. */
export function isLockOf(build: string): string {
  return `k.locktype = 'advisory' AND k.granted AND k.objsubid = 2
  AND k.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND k.classid::bigint = hashtext('holdfast build')::bigint & 4294967295
  AND k.objid::bigint = hashtext(${build})::bigint & 4294967295`;
}

const SELECT_BUILDS = `
  SELECT b.name, b.build, b.version, b.state, live.build IS NOT DISTINCT FROM b.build AS live, b.position::float8 AS position,
         (SELECT l.position::float8 FROM holdfast.projection_builds l WHERE l.name = b.name AND l.build = live.build) AS "livePosition",
         b.failure, b.resumptions, b.comparison, b.switch_when_compared AS "switchWhenCompared", b.run_position::float8 AS "runPosition",
         extract(epoch FROM b.updated_at - b.run_started_at)::float8 AS "runSeconds",
         EXISTS (SELECT FROM pg_locks k WHERE ${isLockOf("format('%s/%s', b.name, b.build)")}) AS "inHand",
         (SELECT count(*)::int FROM holdfast.projection_readers r
           WHERE r.name = b.name AND r.build = b.build AND r.seen_at > clock_timestamp() - interval '${READER_GONE_SECONDS} s') AS readers,
         (SELECT count(*)::int FROM holdfast.skipped_events s WHERE s.name = b.name AND s.build = b.build) AS skipped
    FROM holdfast.projection_builds b LEFT JOIN holdfast.live_projections live USING (name)`;

/** All builds, by name and number. */
export async function readBuilds(database: Queryable): Promise<readonly BuildRecord[]> {
  return (await database.query<BuildRecord>(`${SELECT_BUILDS} ORDER BY b.name, b.build`)).rows;
}

export async function readBuild(database: Queryable, { name, build }: BuildId): Promise<BuildRecord | null> {
  return (await database.query<BuildRecord>(`${SELECT_BUILDS} WHERE b.name = $1 AND b.build = $2`, [name, build])).rows[0] ?? null;
}

/** Puts on record what was done to a build, and by whom. */
export async function recordAction(
  database: Queryable,
  { name, build }: BuildId,
  action: string,
  actor: string,
  detail?: string,
): Promise<void> {
  await database.query(
    `INSERT INTO holdfast.projection_history (name, build, action, actor, detail, version)
     VALUES ($1, $2, $3, $4, $5, (SELECT b.version FROM holdfast.projection_builds b WHERE b.name = $1 AND b.build = $2))`,
    [name, build, action, actor, detail ?? null],
  );
}

/**
 * Who changes builds holds up the feeding of the live one, the views of analysts, and all others who want to change builds. A process
 * that says nothing in the middle of it for so many milliseconds stands still, and the server takes its change back. None has
 * a reason to: who waits for a build to come up to the other one asks for it again and again.
 */
const CHANGE_LEASE_MS = 5_000;

/**
 * Runs work that makes, switches or removes builds, in a transaction, one at a time over all processes.
 *
 * @throws what the work and the database throw; then nothing was changed, unless it was the commit's answer that was lost.
 */
export async function changingBuilds<Result>(pool: pg.Pool, work: (connection: pg.PoolClient) => Promise<Result>): Promise<Result> {
  const connection = await pool.connect();
  const ignore = (): void => undefined;
  connection.on('error', ignore);
  let broken = true;
  try {
    await connection.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${CHANGE_LEASE_MS}`);
    await connection.query(`SELECT pg_advisory_xact_lock(hashtext('holdfast builds'), 0)`);
    const result = await work(connection);
    await connection.query('COMMIT');
    broken = false;
    return result;
  } finally {
    connection.off('error', ignore);
    // Closing the connection takes back whatever it had begun.
    connection.release(broken);
  }
}

/** Makes the tables of a new build, which is to be filled from the log. */
export async function createBuild(
  connection: Queryable,
  projection: Projection,
  how: { readonly actor: string; readonly switchWhenCompared: boolean; readonly reason: string },
): Promise<BuildId> {
  const { name, version } = projection;
  // Numbers of builds that were dropped are in the history.
  const { rows } = await connection.query<{ build: number }>(
    `SELECT greatest((SELECT max(build) FROM holdfast.projection_builds WHERE name = $1),
                     (SELECT max(build) FROM holdfast.projection_history WHERE name = $1), 0) + 1 AS build`,
    [name],
  );
  const id = { name, build: rows[0]?.build ?? 1 };
  await connection.query(createTablesSql(projection, schemaOf(id)));
  await connection.query(
    `INSERT INTO holdfast.projection_builds (name, build, version, state, switch_when_compared) VALUES ($1, $2, $3, 'building', $4)`,
    [name, id.build, version, how.switchWhenCompared],
  );
  await recordAction(connection, id, 'made', how.actor, how.reason);
  return id;
}

/**
 * Sees to it that every projection of the release has a live build, and that one of its current version
 * is live or on its way. A release that raises a version starts the rebuild by this. Where this version or a
 * newer one was live already, and an older one is now that the release can read, somebody has gone back: nothing is
 * made then, since what is made takes the live one's place by itself, and when to try again is for whoever went back to say.
 *
 * @returns the projections of which an older build is left in its place.
 */
export async function ensureBuilds(pool: pg.Pool, releases: readonly ProjectionRelease[]): Promise<readonly Projection[]> {
  const heldBack: Projection[] = [];
  for (const release of releases) {
    const missing = await whatIsMissing(pool, release);
    if (missing === 'held back') heldBack.push(release.current);
    else if (missing !== 'nothing') await changingBuilds(pool, (connection) => makeMissing(connection, release));
  }
  return heldBack;
}

type Missing = 'nothing' | 'held back' | 'a live build' | 'its version';

async function whatIsMissing(database: Queryable, { current, previous }: ProjectionRelease): Promise<Missing> {
  const { name, version } = current;
  const own = (await readBuilds(database)).filter((build) => build.name === name);
  const live = own.find((build) => build.live);
  if (live === undefined) return 'a live build';
  // A newer version is a newer release's business: two releases run side by side while one replaces the other.
  const notOlder = own.filter((build) => build.version >= version);
  if (notOlder.some(({ state }) => state !== 'draining' && state !== 'retired')) return 'nothing';
  if (live.version !== previous?.version) return 'its version';
  // Draining and retired ones were live; of those that were dropped the history tells.
  if (notOlder.length > 0) return 'held back';
  const { rows } = await database.query(`SELECT FROM holdfast.projection_history WHERE name = $1 AND action = 'live' AND version >= $2`, [
    name,
    version,
  ]);
  return rows.length > 0 ? 'held back' : 'its version';
}

async function makeMissing(connection: pg.PoolClient, release: ProjectionRelease): Promise<void> {
  const missing = await whatIsMissing(connection, release);
  const projection = release.current;
  const { name, version } = projection;
  if (missing === 'its version') {
    await createBuild(connection, projection, { actor: 'release', switchWhenCompared: true, reason: `version ${version}` });
  } else if (missing === 'a live build') {
    const id = await createBuild(connection, projection, { actor: 'release', switchWhenCompared: false, reason: `version ${version}` });
    for (const sql of createIndexesSql(projection, schemaOf(id))) await connection.query(sql);
    await connection.query(`UPDATE holdfast.projection_builds SET state = 'caught-up' WHERE name = $1 AND build = $2`, [name, id.build]);
    await connection.query('INSERT INTO holdfast.live_projections (name, build) VALUES ($1, $2)', [name, id.build]);
    await connection.query('SELECT holdfast.publish_views(NULL, $1)', [schemaOf(id)]);
    await recordAction(connection, id, 'live', 'release');
  }
}
