import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/eventstore/embedded-postgres.ts';
import { migrate } from '../src/eventstore/migrate.ts';
import { LoadGenerator } from './load/generator.ts';

export interface Settings {
  readonly rounds: number;
  /** Of each side in each round. */
  readonly milliseconds: number;
  /** Another checkout of Holdfast to measure beside this one; null for none. */
  readonly beside: string | null;
  /** Folder for a CPU profile of each Holdfast that was measured; null for none. */
  readonly profiles: string | null;
}

/** Where sides meet: one PostgreSQL with fsync on, a database for each of them, one load generator. */
export class Arena {
  readonly settings: Settings;
  readonly generator = new LoadGenerator();
  readonly folder: string;
  private readonly server: EmbeddedPostgres;
  private databases = 0;

  private constructor(settings: Settings, folder: string, server: EmbeddedPostgres) {
    this.settings = settings;
    this.folder = folder;
    this.server = server;
  }

  static async open(settings: Settings): Promise<Arena> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
    await chmod(folder, 0o755);
    return new Arena(settings, folder, await startEmbeddedPostgres({ dataDirectory: folder }));
  }

  /** A fresh database with the schema that the statements make. @returns its connection string. */
  async database(schema: string | null): Promise<string> {
    this.databases += 1;
    const name = `bench_${this.databases}`;
    await withClient(this.server.connectionString, (client) => client.query(`CREATE DATABASE ${name}`));
    const connectionString = this.server.connectionString.replace(/\/postgres$/, `/${name}`);
    if (schema !== null) await withClient(connectionString, (client) => client.query(schema));
    return connectionString;
  }

  /** A fresh database with Holdfast's schema. */
  async holdfastDatabase(): Promise<string> {
    const connectionString = await this.database(null);
    await migrate(connectionString);
    return connectionString;
  }

  async close(): Promise<void> {
    this.generator.close();
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function withClient<Result>(connectionString: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
