/** What runs statements: a pool or one connection of it. */
export interface Queryable {
  query<Result extends object>(
    sql: string,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: Result[]; readonly rowCount: number | null }>;
}

export interface ProjectionId {
  readonly name: string;
  readonly version: number;
}

/** A projection's position within a statement that reads its rows: `checkpointOf(name, version)` in the same snapshot as they are. */
export function checkpointOf({ name, version }: ProjectionId): string {
  if (!/^[a-z_]+$/.test(name)) throw new Error(`a projection's name is a plain word, not ${name}`);
  return `coalesce((SELECT c.position FROM holdfast_views.projection_checkpoints c WHERE c.name = '${name}' AND c.version = ${version}), 0)::float8`;
}

/** The position that the projection has folded everything up to; makes its checkpoint at 0 when there is none yet. */
export async function openCheckpoint(connection: Queryable, { name, version }: ProjectionId): Promise<number> {
  await connection.query(
    'INSERT INTO holdfast_views.projection_checkpoints (name, version, position) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING',
    [name, version],
  );
  return readCheckpoint(connection, { name, version });
}

/** 0 when the projection has not begun. */
export async function readCheckpoint(connection: Queryable, { name, version }: ProjectionId): Promise<number> {
  const { rows } = await connection.query<{ position: number }>(
    'SELECT position::float8 AS position FROM holdfast_views.projection_checkpoints WHERE name = $1 AND version = $2',
    [name, version],
  );
  return rows[0]?.position ?? 0;
}

/** Moves the checkpoint if it still stands where the caller read it; the row stays locked until the transaction ends. */
export async function moveCheckpoint(connection: Queryable, { name, version }: ProjectionId, from: number, to: number): Promise<boolean> {
  const { rowCount } = await connection.query(
    'UPDATE holdfast_views.projection_checkpoints SET position = $4, updated_at = clock_timestamp() WHERE name = $1 AND version = $2 AND position = $3',
    [name, version, from, to],
  );
  return rowCount === 1;
}
