import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { DataDirectoryInUseError, type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/eventstore/embedded-postgres.ts';
import { makeDataDirectory } from '../support/postgres.ts';

const SERVICE = new URL('../support/embedded-service.ts', import.meta.url).pathname;

async function query<Row extends pg.QueryResultRow>(server: EmbeddedPostgres, statement: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: server.connectionString });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

async function serverPid(dataDirectory: string): Promise<number> {
  return Number((await readFile(join(dataDirectory, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

/** Runs a service in a process of its own until it owns its PostgreSQL, and kills it without warning. */
async function startAndKillService(dataDirectory: string): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', SERVICE, dataDirectory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [firstLine] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGKILL');
  await once(child, 'exit');
  return firstLine.toString('utf8').trim();
}

describe('an embedded PostgreSQL', function () {
  this.timeout(60_000);
  let dataDirectory: string;
  let running: EmbeddedPostgres[];

  async function start(): Promise<EmbeddedPostgres> {
    const server = await startEmbeddedPostgres({ dataDirectory });
    running.push(server);
    return server;
  }

  before(async () => {
    dataDirectory = await makeDataDirectory();
  });
  beforeEach(() => {
    running = [];
  });
  afterEach(() => Promise.all(running.map((server) => server.stop())));
  after(() => rm(dataDirectory, { recursive: true, force: true }));

  describe('on an empty folder', () => {
    it('starts for one of two services that come at the same time, and tells the other', async () => {
      const outcomes = await Promise.allSettled([start(), start()]);

      expect(outcomes.map((outcome) => outcome.status)).to.have.members(['fulfilled', 'rejected']);
      const refused = outcomes.find((outcome) => outcome.status === 'rejected');
      expect(refused?.reason).to.be.instanceOf(DataDirectoryInUseError);
      expect(await query(running[0]!, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
    });

    it('keeps what is committed, in UTF-8 and C order, on this machine only, with a password that only the owner can read', async () => {
      const server = await start();

      const [settings] = await query<{ fsync: string; encoding: string; locale: string; addresses: string }>(
        server,
        `SELECT current_setting('fsync') AS fsync, current_setting('server_encoding') AS encoding,
                datcollate AS locale, current_setting('listen_addresses') AS addresses FROM pg_database WHERE datname = 'postgres'`,
      );
      expect(settings).to.deep.equal({ fsync: 'on', encoding: 'UTF8', locale: 'C', addresses: '127.0.0.1' });
      expect((await stat(join(dataDirectory, 'postgres.password'))).mode & 0o777).to.equal(0o600);
    });
  });

  describe('stopped and started again', () => {
    it('has what was committed before', async () => {
      const first = await start();
      await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
      await first.stop();
      expect(existsSync(join(dataDirectory, 'postgres', 'postmaster.pid'))).to.equal(false);

      expect(await query(await start(), 'SELECT answer FROM kept')).to.deep.equal([{ answer: 42 }]);
    });
  });

  describe('whose owner is alive', () => {
    it('refuses a second service by name, and goes on for the first', async () => {
      const first = await start();

      const refused = await start().catch((error: unknown) => error);

      expect(refused).to.be.instanceOf(DataDirectoryInUseError);
      expect((refused as Error).message).to.contain(`process ${process.pid}`);
      expect(await query(first, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
    });
  });

  describe('left running by a killed service', () => {
    it('is taken over by the next one', async () => {
      const leftBehind = await startAndKillService(dataDirectory);
      const pid = await serverPid(dataDirectory);

      const server = await start();

      expect(server.connectionString).to.equal(leftBehind);
      expect(await serverPid(dataDirectory)).to.equal(pid);
      expect(await query(server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
    });
  });

  describe('killed itself', () => {
    it('recovers at the next start', async () => {
      await query(await start(), 'CREATE TABLE survives AS SELECT 7 AS lucky');
      process.kill(await serverPid(dataDirectory), 'SIGKILL');

      expect(await query(await start(), 'SELECT lucky FROM survives')).to.deep.equal([{ lucky: 7 }]);
    });
  });

  describe('whose pid file names a process that has nothing to do with it', () => {
    it('starts, and leaves that process alone', async () => {
      await (await start()).stop();
      await writeFile(
        join(dataDirectory, 'postgres', 'postmaster.pid'),
        `${process.pid}\n${dataDirectory}/postgres\n1\n5432\n\n127.0.0.1\n`,
      );

      expect(await query(await start(), 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
      expect(await serverPid(dataDirectory)).not.to.equal(process.pid);
    });
  });

  describe('whose making was interrupted', () => {
    it('is made anew, and the rest is cleared away', async () => {
      const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
      await once(dead, 'exit');
      await rm(join(dataDirectory, 'postgres'), { recursive: true });
      await mkdir(join(dataDirectory, `unfinished-${dead.pid}-postgres-0a1b2c3d`, 'base'), { recursive: true });

      expect(await query(await start(), 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
      expect((await readdir(dataDirectory)).sort()).to.deep.equal(['postgres', 'postgres.log', 'postgres.password']);
    });
  });
});
