import type pg from 'pg';
import { readCheckpoint } from '../checkpoints.ts';
import type { ProjectionRelease } from '../projection.ts';
import { type BuildId, schemaOf } from './build.ts';
import { isFit } from './compare.ts';
import { type BuildRecord, changingBuilds, createBuild, isLockOf, readBuilds, recordAction } from './registry.ts';

/** How long a switch waits for analysts' statements to let go of the views, and a drop for readers of the tables, in milliseconds. */
const LOCK_TIMEOUT_MS = 5_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** Why a word about builds was not obeyed, in a sentence for whoever gave it. */
export class BuildRefusedError extends Error {
  override readonly name = 'BuildRefusedError';
  readonly kind: 'unknown-projection' | 'not-possible';

  constructor(kind: BuildRefusedError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Words about builds. All of them are put on record with the actor; each throws BuildRefusedError when it cannot be obeyed. */
export class BuildOperations {
  private readonly pool: pg.Pool;
  private readonly releases: readonly ProjectionRelease[];

  constructor(pool: pg.Pool, releases: readonly ProjectionRelease[]) {
    this.pool = pool;
    this.releases = releases;
  }

  /**
   * Begins a new build beside the live one; whoever runs projections fills it. One that is on its way
   * already is answered in its place, and switched by itself if that is wanted now.
   *
   * @param switchWhenCompared whether it takes the live one's place by itself once it was found equal.
   */
  async rebuild(name: string, actor: string, switchWhenCompared = false): Promise<BuildRecord> {
    const { current } = this.release(name);
    return this.changing(async (connection) => {
      const builds = await buildsOf(connection, name);
      const known = builds.find(({ live, state, version }) => !live && version === current.version && isOnItsWay(state));
      const id = known ?? (await createBuild(connection, current, { actor, switchWhenCompared, reason: 'rebuild' }));
      if (known !== undefined && switchWhenCompared && !known.switchWhenCompared) await letSwitch(connection, known, actor);
      return find(await buildsOf(connection, name), id.build);
    });
  }

  /**
   * Makes a build the live one. By itself it must have been found equal to the live one, or be of
   * another version; `despiteDifferences` is the word that takes it as it is.
   */
  async switchTo(
    name: string,
    actor: string,
    how: { readonly build?: number; readonly despiteDifferences?: boolean } = {},
  ): Promise<BuildRecord> {
    return this.changing(async (connection) => {
      const builds = await buildsOf(connection, this.release(name).current.name);
      const next = how.build === undefined ? newest(builds) : find(builds, how.build);
      refuseUnready(next, how.despiteDifferences === true);
      if (!this.definitionsOf(name).some(({ version }) => version === next.version)) {
        throw refusal(`Build ${next.build} of ${name} is of version ${next.version}, which this release does not have.`);
      }
      const before = builds.find(({ live }) => live);
      // The views come first: they wait for analysts, and nothing else may wait meanwhile.
      await connection.query('SELECT holdfast.publish_views($1, $2)', [before === undefined ? null : schemaOf(before), schemaOf(next)]);
      await point(connection, next, before);
      await recordAction(connection, next, 'live', actor, before === undefined ? undefined : `instead of build ${before.build}`);
      return find(await buildsOf(connection, name), next.build);
    });
  }

  /** Gives up a build that is not live and was not. Safe at any time: nobody reads it. */
  async cancel(name: string, actor: string): Promise<BuildId> {
    this.release(name);
    return this.changing(async (connection) => {
      const unfinished = (await buildsOf(connection, name)).filter(({ live, state }) => !live && isOnItsWay(state)).at(-1);
      if (unfinished === undefined) throw refusal(`No build of ${name} is on its way.`);
      await cutOff(connection, unfinished);
      await remove(connection, unfinished, 'cancelled', actor);
      return { name, build: unfinished.build };
    });
  }

  /** Removes a build for good: by default the oldest that was live before. The live one, and one that is still read, stay. */
  async drop(name: string, actor: string, build?: number): Promise<BuildId> {
    return this.changing(async (connection) => {
      const builds = await buildsOf(connection, name);
      const target = build === undefined ? builds.find(({ live, state }) => !live && !isOnItsWay(state)) : find(builds, build);
      if (target === undefined) throw refusal(`There is no build of ${name} to drop: name it by its number.`);
      if (target.live) throw refusal(`Build ${target.build} of ${name} is the live one.`);
      if (target.readers > 0) throw refusal(`Build ${target.build} of ${name} is still read by ${target.readers} instances.`);
      await remove(connection, target, 'dropped', actor);
      return { name, build: target.build };
    });
  }

  /** Sets the event aside that a build stopped at, and lets it go on behind it. */
  async skip(name: string, position: number, actor: string, reason: string): Promise<BuildId> {
    return this.changing(async (connection) => {
      const stopped = (await buildsOf(connection, name)).filter(({ failure }) => failure?.event.position === position);
      const [first] = stopped;
      if (first === undefined) throw refusal(`No build of ${name} is stopped by an event at position ${position}.`);
      for (const { build, failure } of stopped) {
        if (failure === null) continue;
        const { event, error } = failure;
        await connection.query(
          `INSERT INTO holdfast.skipped_events (name, build, position, event_id, type, stream_id, error, reason, actor)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
          [name, build, position, event.eventId, event.type, event.streamId, error, reason, actor],
        );
        await resume(connection, { name, build });
        await recordAction(connection, { name, build }, 'skipped', actor, `position ${position}: ${reason}`);
      }
      return { name, build: first.build };
    });
  }

  /** Lets the builds that were stopped by an event try it once more. */
  async retry(name: string, actor: string): Promise<readonly BuildId[]> {
    return this.changing(async (connection) => {
      const stopped = (await buildsOf(connection, name)).filter(({ failure }) => failure !== null);
      if (stopped.length === 0) throw refusal(`No build of ${name} is stopped.`);
      for (const { build } of stopped) {
        await resume(connection, { name, build });
        await recordAction(connection, { name, build }, 'retried', actor);
      }
      return stopped.map(({ build }) => ({ name, build }));
    });
  }

  private release(name: string): ProjectionRelease {
    const release = this.releases.find(({ current }) => current.name === name);
    if (release !== undefined) return release;
    const known = this.releases.map(({ current }) => current.name).join(', ');
    throw new BuildRefusedError('unknown-projection', `There is no projection ${name}; there are ${known}.`);
  }

  private definitionsOf(name: string) {
    const { current, previous } = this.release(name);
    return previous === undefined ? [current] : [current, previous];
  }

  private async changing<Result>(work: (connection: pg.PoolClient) => Promise<Result>): Promise<Result> {
    try {
      return await changingBuilds(this.pool, async (connection) => {
        await connection.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
        return work(connection);
      });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE)) throw error;
      throw new BuildRefusedError(
        'not-possible',
        'A statement of somebody else holds the views or tables; nothing was changed, try again.',
      );
    }
  }
}

function isOnItsWay(state: BuildRecord['state']): boolean {
  return state === 'building' || state === 'caught-up';
}

async function buildsOf(connection: pg.PoolClient, name: string): Promise<readonly BuildRecord[]> {
  return (await readBuilds(connection)).filter((build) => build.name === name);
}

function find(builds: readonly BuildRecord[], number: number): BuildRecord {
  const build = builds.find((one) => one.build === number);
  if (build === undefined) throw refusal(`There is no build ${number}; there are ${builds.map((one) => one.build).join(', ')}.`);
  return build;
}

/** The build that a bare word to switch means: the newest that could take the live one's place. */
function newest(builds: readonly BuildRecord[]): BuildRecord {
  const build = builds.filter(({ live, state }) => !live && isOnItsWay(state)).at(-1);
  if (build === undefined) throw refusal('There is no other build to switch to.');
  return build;
}

function refuseUnready({ build, live, state, comparison, failure }: BuildRecord, despiteDifferences: boolean): void {
  if (live) throw refusal(`Build ${build} is the live one already.`);
  if (failure !== null) throw refusal(`Build ${build} is stopped by an event: ${failure.error}.`);
  if (state === 'building') throw refusal(`Build ${build} has not caught up yet.`);
  if (state === 'retired') throw refusal(`Build ${build} was left behind when nobody read it any more.`);
  // One that was live a moment ago needs no proof.
  if (state === 'draining' || isFit(comparison) || despiteDifferences) return;
  const found =
    comparison === null ? 'was not compared with the live one' : `was found ${comparison.verdict.replace('-', ' ')} beside the live one`;
  throw refusal(`Build ${build} ${found}; say that it is to be taken despite that.`);
}

/**
 * Moves the pointer. The new build must not be behind the old one, or readers would go back in time: the
 * old one's checkpoint is held still until the new one has come to it. Afterwards moveCheckpoint keeps
 * the old one from getting ahead.
 */
async function point(connection: pg.PoolClient, next: BuildRecord, before: BuildRecord | undefined): Promise<void> {
  const { name, build } = next;
  if (before !== undefined) {
    // Whoever feeds the old one waits from here on.
    await connection.query(`UPDATE holdfast.projection_builds SET state = 'draining' WHERE name = $1 AND build = $2`, [name, before.build]);
    const target = (await readCheckpoint(connection, before)) ?? 0;
    for (const deadline = performance.now() + LOCK_TIMEOUT_MS; ; ) {
      const position = (await readCheckpoint(connection, next)) ?? 0;
      if (position >= target) break;
      if (performance.now() > deadline) throw refusal(`Build ${build} of ${name} stands at ${position}, behind the live one at ${target}.`);
    }
  }
  await connection.query(
    `UPDATE holdfast.projection_builds SET state = 'caught-up', switch_when_compared = false WHERE name = $1 AND build = $2`,
    [name, build],
  );
  await connection.query(
    `INSERT INTO holdfast.live_projections (name, build) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET build = excluded.build, since = clock_timestamp()`,
    [name, build],
  );
}

async function letSwitch(connection: pg.PoolClient, build: BuildId, actor: string): Promise<void> {
  await connection.query('UPDATE holdfast.projection_builds SET switch_when_compared = true WHERE name = $1 AND build = $2', [
    build.name,
    build.build,
  ]);
  await recordAction(connection, build, 'to be switched', actor);
}

async function remove(connection: pg.PoolClient, id: BuildId, action: string, actor: string): Promise<void> {
  await connection.query('DELETE FROM holdfast.projection_builds WHERE name = $1 AND build = $2', [id.name, id.build]);
  await connection.query('DELETE FROM holdfast.projection_readers WHERE name = $1 AND build = $2', [id.name, id.build]);
  await connection.query(`DROP SCHEMA IF EXISTS ${schemaOf(id)} CASCADE`);
  await recordAction(connection, id, action, actor);
}

/** Ends the connection of whoever works on the build: making an index of a large table, it would hold the tables for long. */
async function cutOff(connection: pg.PoolClient, { name, build }: BuildId): Promise<void> {
  await connection.query(
    `SELECT pg_terminate_backend(k.pid) FROM pg_locks k
      WHERE ${isLockOf('$1')} AND k.pid <> pg_backend_pid()`,
    [`${name}/${build}`],
  );
}

async function resume(connection: pg.PoolClient, { name, build }: BuildId): Promise<void> {
  await connection.query(
    'UPDATE holdfast.projection_builds SET failure = NULL, resumptions = resumptions + 1 WHERE name = $1 AND build = $2',
    [name, build],
  );
}

function refusal(message: string): BuildRefusedError {
  return new BuildRefusedError('not-possible', message);
}
