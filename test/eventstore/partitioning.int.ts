import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { migrate } from '../../src/eventstore/migrate.ts';
import { createPostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { withDatabase } from '../support/postgres.ts';
import { newEvents, newStream, positionOf } from '../support/stored-events.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));
const BEFORE = readdirSync(MIGRATIONS).filter((name) => name < '0010').length;
const ROWS = 'SELECT event::text AS row FROM holdfast.events AS event ORDER BY position';

describe('a log that was written before there were partitions', () => {
  const server = withDatabase();

  /** A database as it was, named anew. */
  async function oldDatabase(): Promise<string> {
    const name = `holdfast_old_${randomUUID().replaceAll('-', '')}`;
    await asked(server(), `CREATE DATABASE ${name} TEMPLATE template0`);
    const connectionString = Object.assign(new URL(server()), { pathname: `/${name}` }).href;
    const silent = () => undefined;
    await runner({
      databaseUrl: connectionString,
      dir: MIGRATIONS,
      direction: 'up',
      count: BEFORE,
      migrationsTable: 'holdfast_migrations',
      migrationsSchema: 'public',
      logger: { debug: silent, info: silent, warn: silent, error: silent },
    });
    return connectionString;
  }

  for (const [situation, head, end] of [
    ['with a few events', 0, 10_000_000],
    ['with more events than fit into one partition', 24_999_999, 30_000_000],
  ] as const) {
    it(`keeps everything, ${situation}, and goes on`, async () => {
      const connectionString = await oldDatabase();
      const [stream, later] = [newStream(), newStream()];
      const events = newEvents(3);
      const ids = events.map(({ eventId }) => eventId);
      const data = events.map((event) => event.data);
      const metadata = events.map((event) => event.metadata);
      const types = events.map(({ type }) => type);
      await asked(connectionString, 'UPDATE holdfast.log_head SET position = $1', [head]);
      await asked(connectionString, `SELECT holdfast.append_batch('{1}', ARRAY[$1], '{0}', '{3}', $2::uuid[], $3, '{1,1,1}', $4, $5)`, [
        stream,
        ids,
        types,
        data,
        metadata,
      ]);
      const rows = await asked(connectionString, ROWS);

      expect(await migrate(connectionString)).to.include('0010_partitioned-events');

      expect(rows).to.have.length(3);
      expect(await asked(connectionString, ROWS)).to.deep.equal(rows);
      const store = await createPostgresEventStore({ connectionString });
      try {
        const parts = [{ streamId: stream, expectedVersion: 0, events }];
        expect(positionOf(await store.append(parts)), 'a resend').to.equal(head + 3);
        expect(positionOf(await store.append([{ streamId: stream, expectedVersion: 3, events: newEvents(1) }]))).to.equal(head + 4);
        expect((await store.readStream(stream, 1, 10)).map(({ version }) => version)).to.deep.equal([1, 2, 3, 4]);
        await asked(connectionString, 'UPDATE holdfast.log_head SET position = $1', [end - 1]);
        expect(positionOf(await store.append([{ streamId: later, expectedVersion: 0, events: newEvents(1) }]))).to.equal(end);
        expect((await store.readStream(later, 1, 10)).length).to.equal(1);
      } finally {
        await store.close();
        await asked(server(), `DROP DATABASE ${new URL(connectionString).pathname.slice(1)} WITH (FORCE)`);
      }
    });
  }
});

async function asked(connectionString: string, sql: string, values?: readonly unknown[]): Promise<readonly object[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<object>(sql, values === undefined ? undefined : [...values])).rows;
  } finally {
    await client.end();
  }
}
