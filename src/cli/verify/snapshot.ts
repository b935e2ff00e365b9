import type pg from 'pg';

/** A page that has to be sorted first may take long on a large table; a server that says nothing for longer is given up. */
const PAGE_TIMEOUT_MS = 600_000;

/** One moment of the database: every row that is read through it was there at that moment, whatever happens meanwhile. */
export interface DatabaseMoment {
  /** All rows of a query in its order, fetched in pages of so many. */
  rows<Row extends object>(sql: string, pageRows: number): AsyncGenerator<Row, void, undefined>;
  one<Row extends object>(sql: string): Promise<Row>;
}

/** Runs `work` on one moment of the database, in a transaction that cannot write. */
export async function atOneMoment<Result>(pool: pg.Pool, work: (moment: DatabaseMoment) => Promise<Result>): Promise<Result> {
  const connection = await pool.connect();
  // A connection that breaks is told by the query that needs it.
  const ignore = (): void => undefined;
  connection.on('error', ignore);
  try {
    await connection.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    return await work(momentOn(connection));
  } finally {
    connection.off('error', ignore);
    // Closing the connection ends the transaction with all of its cursors.
    connection.release(true);
  }
}

function momentOn(connection: pg.PoolClient): DatabaseMoment {
  let cursors = 0;
  const query = async <Row extends object>(text: string): Promise<readonly Row[]> => {
    const config = { text, query_timeout: PAGE_TIMEOUT_MS };
    return (await connection.query(config)).rows as Row[];
  };
  return {
    async *rows<Row extends object>(sql: string, pageRows: number) {
      cursors += 1;
      const name = `verify_${cursors}`;
      await query(`DECLARE ${name} NO SCROLL CURSOR FOR ${sql}`);
      for (;;) {
        const page = await query<Row>(`FETCH ${pageRows} FROM ${name}`);
        yield* page;
        if (page.length < pageRows) break;
      }
      await query(`CLOSE ${name}`);
    },
    async one<Row extends object>(sql: string) {
      const [row] = await query<Row>(sql);
      if (row === undefined) throw new Error('the statement always answers one row');
      return row;
    },
  };
}
