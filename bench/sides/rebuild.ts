import pg from 'pg';
import { createPostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { createIndexesSql, createTablesSql } from '../../src/projections/builds/build.ts';
import { BulkLoad } from '../../src/projections/builds/bulk-load.ts';
import { readableBuild } from '../../src/projections/builds/live-builds.ts';
import { BuildOperations } from '../../src/projections/builds/operations.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import type { Side } from '../interleave.ts';
import { writeSyntheticLog } from '../synthetic-log.ts';

/** So many shows make a million events. */
const SHOWS = 2_540;

/**
 * The seat map made anew from a million events, beside a plain COPY of the rows that come out of it,
 * from files into empty tables with the same keys, both with the indexes afterwards. Both tell events
 * per second: the COPY those that its rows stand for. A round is the whole work, however long it takes.
 */
export async function rebuildSides(connectionString: string): Promise<{ readonly sides: readonly Side[]; close(): Promise<void> }> {
  const { events } = await writeSyntheticLog(connectionString, SHOWS);
  const pool = new pg.Pool({ connectionString });
  const store = await createPostgresEventStore({ connectionString });
  const operations = new BuildOperations(pool, [{ current: inventory }]);

  const rebuilt = async (look: (schema: string) => Promise<void> = async () => undefined): Promise<number> => {
    const { name, build } = await operations.rebuild(inventory.name, 'bench');
    const target = readableBuild({ name, build }, inventory);
    const seconds = await timed(pool, async (connection) => {
      const where = { readFeed: store.readParsedFeed, connection, build: target, setAside: new Set<number>(), position: 0 };
      const reached = await new BulkLoad({ ...where, progressed: () => undefined, isStopping: () => false }).run();
      if (reached !== events) throw new Error(`the rebuild came to position ${reached} of ${events}`);
      for (const sql of createIndexesSql(inventory, target.schema)) await connection.query(sql);
    });
    await look(target.schema);
    await operations.cancel(name, 'bench');
    return events / seconds;
  };

  const folder = (await pool.query<{ data_directory: string }>('SHOW data_directory')).rows[0]?.data_directory;
  const files = inventory.tables.map(({ table }) => ({ table: table.name, file: `${folder}/bench-${table.name}.copy` }));
  await rebuilt(async (schema) => {
    for (const { table, file } of files) await pool.query(`COPY ${schema}.${table} TO '${file}'`);
  });

  const copied = async (): Promise<number> => {
    await pool.query(createTablesSql(inventory, 'bench_copy'));
    const seconds = await timed(pool, async (connection) => {
      for (const { table, file } of files) await connection.query(`COPY bench_copy.${table} FROM '${file}'`);
      for (const sql of createIndexesSql(inventory, 'bench_copy')) await connection.query(sql);
    });
    await pool.query('DROP SCHEMA bench_copy CASCADE');
    return events / seconds;
  };

  return {
    sides: [
      { name: 'plain COPY of the same rows', run: copied },
      { name: 'rebuild from the log', run: () => rebuilt() },
    ],
    async close() {
      await store.close();
      await pool.end();
    },
  };
}

/** @returns the seconds that the work took on a connection that does not wait for the disk at each commit. */
async function timed(pool: pg.Pool, work: (connection: pg.PoolClient) => Promise<void>): Promise<number> {
  const connection = await pool.connect();
  try {
    await connection.query('SET synchronous_commit = off');
    const begun = performance.now();
    await work(connection);
    return (performance.now() - begun) / 1_000;
  } finally {
    connection.release(true);
  }
}
