import { type BuildId, schemaOf } from './builds/build.ts';

/** A statement that each connection plans once and keeps under its name. */
export interface Prepared {
  readonly name: string;
  readonly text: string;
}

/** What runs statements: a pool or one connection of it. */
export interface Queryable {
  query<Result extends object>(
    sql: string | Prepared,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: Result[]; readonly rowCount: number | null }>;
}

/** A build's position within a statement that reads its rows: in the same snapshot as they are. */
export function checkpointOf(id: BuildId): string {
  // The name is checked where the schema is made of it.
  schemaOf(id);
  return `(SELECT c.position::float8 FROM holdfast.projection_builds c WHERE c.name = '${id.name}' AND c.build = ${id.build})`;
}

/** The position that the build has folded everything up to; null when there is no such build. */
export async function readCheckpoint(connection: Queryable, { name, build }: BuildId): Promise<number | null> {
  const { rows } = await connection.query<{ position: number }>(
    'SELECT position::float8 AS position FROM holdfast.projection_builds WHERE name = $1 AND build = $2',
    [name, build],
  );
  return rows[0]?.position ?? null;
}

const MOVE_CHECKPOINT: Prepared = {
  name: 'holdfast-move-checkpoint',
  text: `UPDATE holdfast.projection_builds AS own SET position = $4, updated_at = clock_timestamp(), failure = NULL
          WHERE name = $1 AND build = $2 AND position = $3
            AND (state <> 'draining' OR $4 <= (SELECT other.position FROM holdfast.live_projections live
                                                 JOIN holdfast.projection_builds other USING (name, build) WHERE live.name = own.name))`,
};

/**
 * Moves the checkpoint if it still stands where the caller read it; the row stays locked until the
 * transaction ends. One that is read no longer never gets ahead of the live one: who goes over from it
 * must not go back in time. (The live one's position is as of the statement's start, so it errs low.)
 */
export async function moveCheckpoint(connection: Queryable, { name, build }: BuildId, from: number, to: number): Promise<boolean> {
  const { rowCount } = await connection.query(MOVE_CHECKPOINT, [name, build, from, to]);
  return rowCount === 1;
}
