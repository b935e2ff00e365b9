import type pg from 'pg';
import type { PoisonEventError } from '../fold.ts';
import type { ReadableBuild } from './live-builds.ts';
import { readBuild } from './registry.ts';

/**
 * Puts on record that the event stops the build.
 *
 * @returns how often the build was let go on so far; null when it is past the event already, or gone.
 */
export async function recordFailure(
  pool: pg.Pool,
  { name, build }: ReadableBuild,
  { message, event }: PoisonEventError,
): Promise<number | null> {
  const { rows } = await pool.query<{ resumptions: number }>(
    'UPDATE holdfast.projection_builds SET failure = $3 WHERE name = $1 AND build = $2 AND position < $4 RETURNING resumptions',
    [name, build, JSON.stringify({ event, error: message }), event.position],
  );
  return rows[0]?.resumptions ?? null;
}

/** Whether the build may be tried again: somebody has said so since, or it is past the event, or gone. */
export async function mayGoOn(pool: pg.Pool, build: ReadableBuild, { event }: PoisonEventError, resumptions: number): Promise<boolean> {
  const record = await readBuild(pool, build);
  return record?.resumptions !== resumptions || record.position >= event.position;
}

/** Events that operators have set aside for the build. */
export async function positionsSetAside(connection: pg.PoolClient, { name, build }: ReadableBuild): Promise<ReadonlySet<number>> {
  const { rows } = await connection.query<{ position: number }>(
    'SELECT position::float8 AS position FROM holdfast.skipped_events WHERE name = $1 AND build = $2',
    [name, build],
  );
  return new Set(rows.map(({ position }) => position));
}
