import type { Queryable } from '../checkpoints.ts';
import type { BuildId } from './build.ts';
import { READER_GONE_SECONDS, recordAction } from './registry.ts';

/**
 * Says that the instance reads these builds now. Whoever is not heard of for a while counts as gone; a build that
 * was let go of meanwhile is kept up to date again, for an instance of a release that has no other to turn to.
 */
export async function announceReader(database: Queryable, instance: string, builds: readonly BuildId[]): Promise<void> {
  await database.query(
    `INSERT INTO holdfast.projection_readers (instance, name, build, seen_at)
     SELECT $1, read.name, read.build, clock_timestamp() FROM unnest($2::text[], $3::integer[]) AS read (name, build)
     ON CONFLICT (instance, name) DO UPDATE SET build = excluded.build, seen_at = excluded.seen_at`,
    [instance, builds.map(({ name }) => name), builds.map(({ build }) => build)],
  );
  const { rows } = await database.query<BuildId>(
    `UPDATE holdfast.projection_builds b SET state = 'draining'
       FROM unnest($1::text[], $2::integer[]) AS read (name, build)
      WHERE b.name = read.name AND b.build = read.build AND b.state = 'retired'
     RETURNING b.name, b.build`,
    [builds.map(({ name }) => name), builds.map(({ build }) => build)],
  );
  for (const build of rows) await recordAction(database, build, 'kept up again', 'runner', 'an instance reads it still');
  await database.query(`DELETE FROM holdfast.projection_readers WHERE seen_at < clock_timestamp() - interval '1 hour'`);
}

export async function forgetReader(database: Queryable, instance: string): Promise<void> {
  await database.query('DELETE FROM holdfast.projection_readers WHERE instance = $1', [instance]);
}

/** Somebody who does not say what it reads looks at the pointer again after this long at most, in seconds. */
const SILENT_READER_SECONDS = 10;

/** Lets go of builds that were live before and that no instance reads any more: they are kept up to date no longer. */
export async function retireUnread(database: Queryable): Promise<void> {
  const { rows } = await database.query<BuildId>(
    `UPDATE holdfast.projection_builds b SET state = 'retired'
      WHERE state = 'draining'
        AND EXISTS (SELECT FROM holdfast.live_projections l
                     WHERE l.name = b.name AND l.since < clock_timestamp() - interval '${SILENT_READER_SECONDS} s')
        AND NOT EXISTS (
        SELECT FROM holdfast.projection_readers r
         WHERE r.name = b.name AND r.build = b.build AND r.seen_at > clock_timestamp() - interval '${READER_GONE_SECONDS} s')
     RETURNING name, build`,
  );
  for (const build of rows) await recordAction(database, build, 'retired', 'runner', 'no instance reads it any more');
}
