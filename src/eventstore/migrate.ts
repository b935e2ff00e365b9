import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

const silent = () => undefined;

/**
 * Brings the database to the newest schema: the event log and the read models' tables. Runs under an
 * advisory lock, so instances that start together wait for each other; all of it is one transaction.
 *
 * @returns the names of the migrations that were applied; empty when the schema was up to date.
 */
export async function migrate(connectionString: string): Promise<readonly string[]> {
  const applied = await runner({
    // Options of its own, as all connections have them, keep those of PGOPTIONS out. Nobody is shown notices.
    databaseUrl: { connectionString, connectionTimeoutMillis: 10_000, options: '-c client_min_messages=warning' },
    dir: MIGRATIONS,
    direction: 'up',
    migrationsTable: 'holdfast_migrations',
    migrationsSchema: 'public',
    advisoryLockMode: 'wait',
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  });
  return applied.map((migration) => migration.name);
}
