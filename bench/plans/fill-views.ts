import pg from 'pg';
import { createPostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { bookings } from '../../src/projections/bookings/bookings.ts';
import { createIndexesSql } from '../../src/projections/builds/build.ts';
import { BulkLoad } from '../../src/projections/builds/bulk-load.ts';
import { LiveBuilds, type ReadableBuild } from '../../src/projections/builds/live-builds.ts';
import { ensureBuilds } from '../../src/projections/builds/registry.ts';
import { hours } from '../../src/projections/hours/hours.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import { sales } from '../../src/projections/sales/sales.ts';
import { sharedFeed } from './shared-feed.ts';

export const RELEASES = [inventory, bookings, sales, hours].map((current) => ({ current }));

/** Fills the live builds from the log as a rebuild does, all of them while it is read once, with their indexes made afterwards. Tells how long it took. */
export async function fillViews(connectionString: string, tell: (line: string) => void): Promise<void> {
  const pool = new pg.Pool({ connectionString });
  const store = await createPostgresEventStore({ connectionString });
  try {
    await ensureBuilds(pool, RELEASES);
    const live = new LiveBuilds(pool, RELEASES);
    const readFeed = sharedFeed(store.readParsedFeed, RELEASES.length);
    await Promise.all(
      RELEASES.map(async ({ current }) => {
        const begun = performance.now();
        const build = await live.current(current);
        const connection = await pool.connect();
        await connection.query('SET synchronous_commit = off');
        await dropIndexes(connection, build);
        const parts = { connection, build, setAside: new Set<number>(), position: 0, progressed: () => undefined, isStopping: () => false };
        const position = await new BulkLoad({ readFeed, ...parts }).run();
        const loaded = performance.now();
        for (const sql of createIndexesSql(current, build.schema)) await connection.query(sql);
        connection.release(true);
        const seconds = (from: number, to: number) => ((to - from) / 1_000).toFixed(1);
        tell(`${current.name}: ${position} events in ${seconds(begun, loaded)} s, indexes in ${seconds(loaded, performance.now())} s`);
      }),
    );
    await pool.query('VACUUM (ANALYZE)');
  } finally {
    await store.close();
    await pool.end();
  }
}

async function dropIndexes(connection: pg.PoolClient, { projection, schema }: ReadableBuild): Promise<void> {
  for (const { table } of projection.tables) {
    for (const name of Object.keys(table.indexes ?? {})) await connection.query(`DROP INDEX ${schema}.${name}`);
  }
}
