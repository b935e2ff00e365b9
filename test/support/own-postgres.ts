import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { findBinaries, runProgram } from '../../src/eventstore/embedded/binaries.ts';
import { startEmbeddedPostgres } from '../../src/eventstore/embedded-postgres.ts';
import { makeDataDirectory } from './postgres.ts';
import { waitFor } from './wait-until.ts';

/** A PostgreSQL that a test has for itself, and may treat badly. */
export interface OwnPostgres {
  /** The same for as long as it lives, whatever is done to it. */
  readonly connectionString: string;
  /**
   * Ends all of its processes with SIGKILL, and waits until they are gone.
   *
   * @returns how many there were: its postmaster, those that work for all, and one for each connection.
   */
  kill(): Promise<number>;
  /** Whether its postmaster lives. */
  isRunning(): Promise<boolean>;
  /** Starts it again on its port and its data, as far as they were on disk; resolves when it takes connections. */
  restart(): Promise<void>;
  /** Stops it in good order, and removes its data. */
  end(): Promise<void>;
}

/** @param folder where its data is to be; any temporary one by default. It is removed in the end. */
export async function startOwnPostgres(folder?: string): Promise<OwnPostgres> {
  const home = folder ?? (await makeDataDirectory());
  const data = join(home, 'postgres');
  const { connectionString, stop } = await startEmbeddedPostgres({ dataDirectory: home });
  return {
    connectionString,
    async kill() {
      const postmaster = Number((await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[0]);
      const processes = [postmaster, ...(await stopped(postmaster, connectionString))];
      for (const process of processes) signal(process, 'SIGKILL');
      // The postmaster is a child of this process, and is gone only when this process has heard of it.
      await waitFor('PostgreSQL is gone', () => processes.every((process) => !signal(process, 0)));
      return processes.length;
    },
    async isRunning() {
      const file = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
      const postmaster = Number(file.split('\n')[0]);
      return postmaster > 0 && signal(postmaster, 0);
    },
    async restart() {
      // Started with the options that it had before, and so on the port that it had.
      const parameters = ['restart', '-w', '-D', data, '-l', join(home, 'postgres.log')];
      const { code, output } = await runProgram(findBinaries(data), 'pg_ctl', parameters);
      if (code !== 0) throw new Error(`pg_ctl restart: ${output}`);
    },
    async end() {
      await stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Keeps the postmaster from making any more processes. @returns those that there are. */
async function stopped(postmaster: number, connectionString: string): Promise<readonly number[]> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  signal(postmaster, 'SIGSTOP');
  const { rows } = await client.query<{ pid: number }>('SELECT pid FROM pg_stat_activity WHERE pid IS NOT NULL');
  return rows.map(({ pid }) => pid);
}

/** @returns false when there is no such process. */
function signal(process: number, name: NodeJS.Signals | 0): boolean {
  try {
    return globalThis.process.kill(process, name);
  } catch {
    return false;
  }
}
