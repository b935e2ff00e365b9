import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/eventstore/embedded-postgres.ts';
import { migrate } from '../../src/eventstore/migrate.ts';

/** A database of its own, with the newest schema and nothing in it. */
export interface TestDatabase {
  readonly connectionString: string;
  /** Ends whatever is still connected, and removes the database. */
  drop(): Promise<void>;
}

interface Server {
  readonly connectionString: string;
  readonly template: string;
  stop(): Promise<void>;
}

let server: Promise<Server> | null = null;
const leftToDrop: TestDatabase[] = [];

// Runs once, after the last test of the process: this file is loaded while the root suite is built.
after('stop the PostgreSQL that the tests share', async function () {
  this.timeout(30_000);
  await (await server?.catch(() => null))?.stop();
});

/**
 * A fresh database on the PostgreSQL that all test files of the process share. It is the embedded one,
 * started when first asked for; HOLDFAST_TEST_DATABASE_URL names another server to use instead.
 * @param original what to copy, when nobody is connected to it; else nothing is in the new one.
 */
export async function createTestDatabase(original?: TestDatabase): Promise<TestDatabase> {
  server ??= startServer();
  const { connectionString, template } = await server;
  const name = uniqueName('test');
  await execute(connectionString, `CREATE DATABASE ${name} TEMPLATE ${original === undefined ? template : databaseOf(original)}`);
  return {
    connectionString: onDatabase(connectionString, name),
    drop: () => execute(connectionString, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/**
 * Gives the surrounding `describe` a database; the answer tells its connection string once the tests run.
 * It is dropped after the last test of the process, when surely nobody is connected any more.
 */
export function withDatabase(): () => string {
  let database: TestDatabase | null = null;
  before('create a database', async function () {
    this.timeout(60_000);
    database = await createTestDatabase();
    leftToDrop.push(database);
  });
  return () => {
    if (database === null) throw new Error('The database is there only while the tests run.');
    return database.connectionString;
  };
}

/** An empty folder below the system's temporary one, which the OS user that runs PostgreSQL can enter. */
export async function makeDataDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  await chmod(directory, 0o755);
  return directory;
}

async function startServer(): Promise<Server> {
  const outside = process.env.HOLDFAST_TEST_DATABASE_URL;
  if (outside !== undefined) {
    const template = await createTemplate(outside);
    const stop = async () => {
      for (const database of leftToDrop) await database.drop();
      await execute(outside, `DROP DATABASE ${template}`);
    };
    return { connectionString: outside, template, stop };
  }
  const dataDirectory = await makeDataDirectory();
  const { connectionString, stop: stopServer } = await startEmbeddedPostgres({ dataDirectory });
  const stop = async () => {
    await stopServer();
    await rm(dataDirectory, { recursive: true, force: true });
  };
  try {
    return { connectionString, template: await createTemplate(connectionString), stop };
  } catch (error) {
    // A migration that fails must not leave a server running, or the test run would never end.
    await stop();
    throw error;
  }
}

/** Copying a migrated database is some ten times faster than migrating each one. */
async function createTemplate(connectionString: string): Promise<string> {
  const name = uniqueName('template');
  await execute(connectionString, `CREATE DATABASE ${name}`);
  await migrate(onDatabase(connectionString, name));
  return name;
}

function uniqueName(kind: string): string {
  return `holdfast_${kind}_${randomBytes(6).toString('hex')}`;
}

function onDatabase(connectionString: string, name: string): string {
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  return url.href;
}

function databaseOf({ connectionString }: TestDatabase): string {
  return new URL(connectionString).pathname.slice(1);
}

async function execute(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
