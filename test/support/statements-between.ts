import type pg from 'pg';

/** Has the server given other words in statements of whoever takes a connection of the pool. */
export function reworded(pool: pg.Pool, from: RegExp, to: string): void {
  withConnectionsOf(pool, (query, [text, ...values]) => query(typeof text === 'string' ? text.replace(from, to) : text, ...values));
}

/** Has whoever takes a connection of the pool stand still once a statement with these words has been answered, until it is to go on. */
export function standingStill(pool: pg.Pool, words: string): { readonly stands: Promise<void>; readonly goOn: () => void } {
  let goOn = () => {};
  const goneOn = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const stands = new Promise<void>((standing) => {
    withConnectionsOf(pool, async (query, statement) => {
      const answer = await query(...statement);
      if (!String(statement[0]).includes(words)) return answer;
      standing();
      await goneOn;
      return answer;
    });
  });
  return { stands, goOn };
}

type Query = (...statement: unknown[]) => Promise<unknown>;

/** Puts `ask` between the server and whoever takes a connection of the pool from now on. */
function withConnectionsOf(pool: pg.Pool, ask: (query: Query, statement: unknown[]) => Promise<unknown>): void {
  pool.connect = new Proxy(pool.connect, {
    apply: (connect, _pool, asked) => {
      // With a callback it is the pool itself, for a single statement.
      if (asked.length > 0) return Reflect.apply(connect, pool, asked);
      return Reflect.apply(connect, pool, []).then((connection: pg.PoolClient) => {
        const query = connection.query;
        connection.query = new Proxy(query, {
          apply: (_query, _connection, statement) => ask((...words) => Reflect.apply(query, connection, words), statement),
        });
        return connection;
      });
    },
  });
}
