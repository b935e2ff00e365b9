import { existsSync } from 'node:fs';
import { readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { type EmbeddedPostgres, joinEmbeddedPostgres, startEmbeddedPostgres } from '../../src/eventstore/embedded-postgres.ts';
import { migrate } from '../../src/eventstore/migrate.ts';
import { makeDataDirectory } from '../support/postgres.ts';

async function answers({ connectionString }: EmbeddedPostgres): Promise<boolean> {
  const client = new pg.Client({ connectionString });
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

describe('an embedded PostgreSQL that is joined', function () {
  this.timeout(60_000);
  let dataDirectory: string;
  const opened: EmbeddedPostgres[] = [];
  const own = async () => {
    opened.push(await startEmbeddedPostgres({ dataDirectory }));
    return opened.at(-1) as EmbeddedPostgres;
  };
  const guest = async (options: Partial<Parameters<typeof joinEmbeddedPostgres>[0]> = {}) => {
    opened.push(await joinEmbeddedPostgres({ dataDirectory, ...options }));
    return opened.at(-1) as EmbeddedPostgres;
  };
  const pidFile = () => join(dataDirectory, 'postgres', 'postmaster.pid');
  const isRunning = () => existsSync(pidFile());

  before(async () => {
    dataDirectory = await makeDataDirectory();
  });
  afterEach(() => Promise.all(opened.splice(0).map((server) => server.stop())));
  after(() => rm(dataDirectory, { recursive: true, force: true }));

  it('is started when it does not run, and stopped by the last one who leaves', async () => {
    const [first, second] = [await guest(), await guest()];
    expect(second.connectionString).to.equal(first.connectionString);
    await first.stop();
    expect(await answers(second)).to.equal(true);
    await second.stop();
    expect(isRunning()).to.equal(false);
  });

  it('is left to the service that owns it', async () => {
    const owner = await own();
    await (await guest()).stop();
    expect(await answers(owner)).to.equal(true);
  });

  it('can be taken over by a service, which keeps it when the guest leaves', async () => {
    const visitor = await guest();
    const owner = await own();
    await visitor.stop();
    expect(await answers(owner)).to.equal(true);
    await owner.stop();
    expect(isRunning()).to.equal(false);
  });

  it('may be gone when a guest leaves after its owner', async () => {
    const owner = await own();
    const visitor = await guest();
    await owner.stop();
    await visitor.stop();
    expect(isRunning()).to.equal(false);
  });

  it('is there for those who come while the last one leaves', async () => {
    const last = await guest();
    const [, next] = await Promise.all([last.stop(), guest()]);
    expect(await answers(next)).to.equal(true);
  });

  it('is found by way of a link to its data folder', async () => {
    const owner = await own();
    const link = `${dataDirectory}-link`;
    await symlink(dataDirectory, link);
    try {
      const visitor = await guest({ dataDirectory: link });
      expect(visitor.connectionString).to.equal(owner.connectionString);
      await visitor.stop();
      expect(await answers(owner)).to.equal(true);
      expect(isRunning()).to.equal(true);
    } finally {
      await rm(link);
    }
  });

  it('is left alone, and named, when it runs and does not answer', async () => {
    const owner = await own();
    const postmaster = Number((await readFile(pidFile(), 'utf8')).split('\n')[0]);
    process.kill(postmaster, 'SIGSTOP');
    try {
      const failure = await guest({ answersWithinMs: 100 }).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(Error).with.property('message').that.contains(`(process ${postmaster}) runs, but has not answered`);
    } finally {
      process.kill(postmaster, 'SIGCONT');
    }
    expect(await answers(owner)).to.equal(true);
  });

  const meantForOthers = { PGSSLMODE: 'require', PGSSLNEGOTIATION: 'direct', PGOPTIONS: '-c no_such_setting=1' };
  for (const [name, value] of Object.entries(meantForOthers)) {
    it(`has nothing to do with what the environment says about another server: ${name}`, async () => {
      const { [name]: before } = process.env;
      process.env[name] = value;
      try {
        const visitor = await guest({ answersWithinMs: 100 });
        expect(await migrate(visitor.connectionString)).to.be.an('array');
      } finally {
        if (before === undefined) delete process.env[name];
        else process.env[name] = before;
      }
    });
  }
});
