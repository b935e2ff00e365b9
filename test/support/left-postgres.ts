import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../src/eventstore/embedded-postgres.ts';

/** Whether a PostgreSQL is there on a data folder, be it about to start or to end. */
export function hasPostgres(dataFolder: string): boolean {
  return existsSync(join(dataFolder, 'postgres', 'postmaster.pid'));
}

/** Ends the PostgreSQL that somebody left running on a data folder. */
export async function endLeftPostgres(dataFolder: string): Promise<void> {
  if (hasPostgres(dataFolder)) await (await startEmbeddedPostgres({ dataDirectory: dataFolder })).stop();
}
