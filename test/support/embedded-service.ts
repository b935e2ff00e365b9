import { startEmbeddedPostgres } from '../../src/eventstore/embedded-postgres.ts';

// A process of its own that owns an embedded PostgreSQL, for the tests that kill such a process.
const { connectionString } = await startEmbeddedPostgres({ dataDirectory: process.argv[2]! });
process.stdout.write(`${connectionString}\n`);
