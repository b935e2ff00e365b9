import { type ReadableBuild, readableBuild } from '../builds/live-builds.ts';
import type { Queryable } from '../checkpoints.ts';
import type { ProjectionRelease } from '../projection.ts';

/** The builds of a projection that instances may read, as far as this release knows their definitions. */
export async function readFedBuilds(database: Queryable, { current, previous }: ProjectionRelease): Promise<readonly ReadableBuild[]> {
  const { rows } = await database.query<{ build: number; version: number }>(
    `SELECT b.build, b.version FROM holdfast.projection_builds b LEFT JOIN holdfast.live_projections l USING (name)
      WHERE b.name = $1 AND (l.build = b.build OR b.state = 'draining')`,
    [current.name],
  );
  return rows.flatMap(({ build, version }) => {
    const projection = [current, previous].find((one) => one?.version === version);
    return projection === undefined ? [] : [readableBuild({ name: current.name, build }, projection)];
  });
}
