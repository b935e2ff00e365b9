import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
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
    async function startsInSpiteOf(pid: number): Promise<void> {
      await (await start()).stop();
      await writeFile(join(dataDirectory, 'postgres', 'postmaster.pid'), `${pid}\n${dataDirectory}/postgres\n1\n5432\n\n127.0.0.1\n`);

      expect(await query(await start(), 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
      expect(await serverPid(dataDirectory)).not.to.equal(pid);
    }

    it('starts, and leaves that process alone', () => startsInSpiteOf(process.pid));

    it('starts, and leaves that process alone, when it is the PostgreSQL of another folder', async () => {
      const elsewhere = await makeDataDirectory();
      const other = await startEmbeddedPostgres({ dataDirectory: elsewhere });
      try {
        await startsInSpiteOf(await serverPid(elsewhere));
        expect(await query(other, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
      } finally {
        await other.stop();
        await rm(elsewhere, { recursive: true, force: true });
      }
    });
  });

  describe('in a folder whose name means something to a shell', () => {
    it('is made there, started and stopped', async () => {
      const parent = dataDirectory;
      const folder = join(parent, 'a "b" \'c\' $HOME `id` \\d; & e');
      dataDirectory = folder;
      try {
        const server = await start();
        expect(await query(server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
        await server.stop();
      } finally {
        dataDirectory = parent;
        await rm(folder, { recursive: true, force: true });
      }
    });
  });

  describe('that is of another version', () => {
    it('says so in one line, with both versions and where its log is', async () => {
      await (await start()).stop();
      const versionFile = join(dataDirectory, 'postgres', 'PG_VERSION');
      const version = await readFile(versionFile, 'utf8');
      await writeFile(versionFile, '9\n');
      try {
        const failure = await start().catch((error: unknown) => error);
        const log = join(dataDirectory, 'postgres.log');
        const words = `initialized by PostgreSQL version 9, which is not compatible with this version ${version.trim()}.`;
        expect(failure).to.be.instanceOf(Error).with.property('message').that.contains(words).and.contains(`(its log is ${log})`);
        expect((failure as Error).message).not.to.contain('\n');
      } finally {
        await writeFile(versionFile, version);
      }
    });
  });

  describe('that belongs to an OS user, and is started by root', () => {
    const NOBODY = 65_534;

    it('runs as that user, and leaves all files to them', async function () {
      // Files can be given to somebody else by root only.
      if (process.getuid?.() !== 0) return this.skip();
      await (await start()).stop();
      const { uid, gid } = await stat(join(dataDirectory, 'postgres'));
      const give = async (toUid: number, toGid: number) => {
        for (const name of await readdir(dataDirectory, { recursive: true })) await chown(join(dataDirectory, name), toUid, toGid);
      };
      await give(NOBODY, NOBODY);
      try {
        const server = await start();
        expect((await stat(`/proc/${await serverPid(dataDirectory)}`)).uid).to.equal(NOBODY);
        await server.stop();
        const owners = await Promise.all((await readdir(dataDirectory)).map(async (name) => (await stat(join(dataDirectory, name))).uid));
        expect(owners).to.deep.equal([NOBODY, NOBODY, NOBODY]);
      } finally {
        await give(uid, gid);
      }
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
