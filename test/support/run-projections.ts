import pg from 'pg';
import { createPostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import { createProjectionRunner } from '../../src/projections/runner.ts';

// A process of its own that runs projections, and that is killed, by SIGKILL, as soon as a build asks for the
// events behind a position: wherever it is with what it has read before.
const [connectionString = '', killAt, batchEvents] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString });
const store = await createPostgresEventStore({ connectionString });
createProjectionRunner({
  pool,
  store,
  projections: [{ current: inventory }],
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  loadBatchEvents: Number(batchEvents),
  readParsedFeed: (after, limit) => {
    if (after >= Number(killAt)) process.kill(process.pid, 'SIGKILL');
    return store.readParsedFeed(after, limit);
  },
}).start();
