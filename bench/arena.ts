import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/eventstore/embedded-postgres.ts';
import { migrate } from '../src/eventstore/migrate.ts';
import { type ProcessorTimes, processorTimes } from './cpu.ts';
import { LoadGenerator } from './load/generator.ts';
import type { Job, StreamResult } from './load/jobs.ts';
import { Steadiness } from './steadiness.ts';

export interface Settings {
  readonly rounds: number;
  /** Of each side in each round. */
  readonly milliseconds: number;
  /** Another checkout of Holdfast to measure beside this one; null for none. */
  readonly beside: string | null;
  /** Names of the only other sides that services are measured beside; null for all. */
  readonly only: readonly string[] | null;
  /** Whether latencies at half of the peak are left out. */
  readonly peaksOnly: boolean;
  /** Folder for a CPU profile of each Holdfast that was measured; null for none. */
  readonly profiles: string | null;
}

/** Where sides meet: one PostgreSQL with fsync on, a database for each of them, one load generator. */
export class Arena {
  readonly settings: Settings;
  private readonly generator = new LoadGenerator();
  private readonly steadiness = new Steadiness();
  readonly folder: string;
  private readonly server: EmbeddedPostgres;
  /** Process id of the server. */
  private readonly postmaster: number;
  private databases = 0;

  private constructor(settings: Settings, folder: string, server: EmbeddedPostgres, postmaster: number) {
    this.settings = settings;
    this.folder = folder;
    this.server = server;
    this.postmaster = postmaster;
  }

  static async open(settings: Settings): Promise<Arena> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
    await chmod(folder, 0o755);
    const server = await startEmbeddedPostgres({ dataDirectory: folder });
    const dataFolder = await withClient(server.connectionString, async (client) => {
      const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
      return rows[0]?.data_directory ?? '';
    });
    const [pid] = (await readFile(join(dataFolder, 'postmaster.pid'), 'utf8')).split('\n');
    return new Arena(settings, folder, server, Number(pid));
  }

  /** A fresh database with the schema that the statements make. @returns its connection string. */
  async database(schema: string | null): Promise<string> {
    this.databases += 1;
    const name = `bench_${this.databases}`;
    await withClient(this.server.connectionString, (client) => client.query(`CREATE DATABASE ${name}`));
    const address = new URL(this.server.connectionString);
    address.pathname = `/${name}`;
    const connectionString = address.href;
    if (schema !== null) await withClient(connectionString, (client) => client.query(schema));
    return connectionString;
  }

  /** A fresh database with Holdfast's schema. */
  async holdfastDatabase(): Promise<string> {
    const connectionString = await this.database(null);
    await migrate(connectionString);
    return connectionString;
  }

  /** Lets the load generator do the job, one at a time. @throws Error when anything was answered that was not expected. */
  async run(job: Job): Promise<readonly StreamResult[]> {
    await this.steadiness.sample();
    return this.generator.run(job);
  }

  /** How the machine was in the runs since the last words. */
  takeSteadiness(): readonly string[] {
    return this.steadiness.takeWords();
  }

  /** Of a service's process, the database and the load generator. */
  processorTimes(service: number): ProcessorTimes | null {
    return processorTimes({ service, database: this.postmaster, load: this.generator.pid });
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
