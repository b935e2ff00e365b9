import type { Queryable } from '../checkpoints.ts';

/**
 * What the keys of this database's log begin with: two databases may share a Redis by mistake, or one after
 * the other, and have slots of the same names. A database that was copied has another one.
 */
export async function redisNamespace(database: Queryable): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    `SELECT left(md5(concat_ws(' ', oid, datname, (SELECT extract(epoch FROM min(run_on)) FROM public.holdfast_migrations))), 12) AS id
       FROM pg_database WHERE datname = current_database()`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('a database knows itself');
  return `holdfast:${row.id}`;
}
