import pg from 'pg';

/** Does the work while somebody else's transaction has the log's lock, so that every append waits until the work is done. */
export async function whileLogIsHeld<Result>(connectionString: string, work: () => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT position FROM holdfast.log_head FOR UPDATE');
    return await work();
  } finally {
    await client.end();
  }
}
