import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { type EmbeddedPostgres, joinEmbeddedPostgres, startEmbeddedPostgres } from '../../src/eventstore/embedded-postgres.ts';
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
  const guest = async () => {
    opened.push(await joinEmbeddedPostgres({ dataDirectory }));
    return opened.at(-1) as EmbeddedPostgres;
  };
  const isRunning = () => existsSync(join(dataDirectory, 'postgres', 'postmaster.pid'));

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
});
