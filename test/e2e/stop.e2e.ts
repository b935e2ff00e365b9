import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import { isAlive } from '../../src/eventstore/embedded/cluster.ts';
import { startEmbeddedPostgres } from '../../src/eventstore/embedded-postgres.ts';
import { demand, show } from '../support/api.ts';
import { Buyers, Gate } from '../support/buyers.ts';
import { runHoldfast } from '../support/command-line.ts';
import { proveLog, readLog } from '../support/log-proof.ts';
import { makeDataDirectory } from '../support/postgres.ts';
import { seeded } from '../support/random.ts';
import { type SpawnedService, spawnService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

const BUYERS = 24;
const ANSWERS = 100;
/** Requests in hand get 10 s, refused attempts 3 s, the embedded PostgreSQL 15 s. */
const STOPS_WITHIN_MS = 30_000;

async function postmasterOf(dataFolder: string): Promise<number> {
  return Number((await readFile(join(dataFolder, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

describe('a service with an embedded PostgreSQL, told to stop during a rush', function () {
  this.timeout(90_000);
  const gate = new Gate();
  const buyers = new Buyers(gate, ['stopped'], seeded(1));
  const { ledger } = buyers;
  let dataFolder: string;
  let service: SpawnedService;
  let postmaster: number;

  before(async () => {
    dataFolder = await makeDataDirectory();
    service = await spawnService({ dataFolder });
    postmaster = await postmasterOf(dataFolder);
    await demand(201, service.url, '/slots', { body: show('stopped', { rows: 20, seatsPerRow: 25, yard: 1_000 }) });
    gate.open(service.url);
    buyers.start(BUYERS);
    await ledger.afterAnswers(ANSWERS);
  });
  after(async () => {
    await service?.end();
    await rm(dataFolder, { recursive: true, force: true });
  });

  it('finishes what is in hand, and ends with exit code 0 within its bound', async () => {
    gate.close();
    const begun = performance.now();
    await service.end('SIGTERM');
    const took = performance.now() - begun;

    console.log(`      stopped after ${Math.round(took)} ms, sent again: ${JSON.stringify([...ledger.retries])}`);
    expect(service.process.exitCode).to.equal(0);
    expect(took).to.be.lessThan(STOPS_WITHIN_MS);
    expect([...ledger.retries], 'every request in hand was answered').to.deep.equal([]);
  });

  it('takes its PostgreSQL along', async () => {
    expect(existsSync(join(dataFolder, 'postgres', 'postmaster.pid'))).to.equal(false);
    // It gives up its files a moment before it is gone.
    await waitUntil('PostgreSQL has ended', async () => {
      await readdir(dataFolder);
      return !isAlive(postmaster);
    });
  });

  it('finds everything when it is started again', async () => {
    service = await spawnService({ dataFolder });
    gate.open(service.url);
    await buyers.stop();

    const { faults, bookings } = proveLog(await readLog(service.url));
    expect(faults).to.deep.equal([]);
    expect([...bookings].map(([bookingId, { status }]) => [bookingId, status])).to.have.deep.members(
      [...ledger.bookings].map(([bookingId, { status }]) => [bookingId, status]),
    );
  });
});

describe('a running service with an embedded PostgreSQL', function () {
  this.timeout(60_000);
  let dataFolder: string;
  let otherFolder: string;
  let service: SpawnedService;

  before(async () => {
    dataFolder = await makeDataDirectory();
    otherFolder = await makeDataDirectory();
    service = await spawnService({ dataFolder });
    await demand(201, service.url, '/slots', { body: show('unharmed', { yard: 10 }) });
  });
  after(async () => {
    await service?.end();
    await Promise.all([dataFolder, otherFolder].map((folder) => rm(folder, { recursive: true, force: true })));
  });

  /** The service goes on reading and writing. */
  async function expectUnharmed(customerId: string): Promise<void> {
    const request = { body: { customerId, units: [{ unitId: 'yard', quantity: 1 }] }, key: customerId };
    await demand(201, service.url, '/slots/unharmed/bookings', request);
    await demand(200, service.url, '//readyz');
  }

  it('is not harmed by one that wants its port, which says so and takes its own PostgreSQL along', async () => {
    const { port } = new URL(service.url);

    const { code, stderr } = await runHoldfast(['serve'], { HOLDFAST_DATA_DIR: otherFolder, HOLDFAST_PORT: port });

    expect(code).to.equal(1);
    expect(stderr)
      .to.match(/^holdfast: .*in use/)
      .and.to.include(port);
    expect(existsSync(join(otherFolder, 'postgres', 'postmaster.pid'))).to.equal(false);
    await expectUnharmed('after the port');
  });

  it('is not harmed by one that wants its data folder, which says so', async () => {
    const postmaster = await postmasterOf(dataFolder);

    const { code, stderr } = await runHoldfast(['serve'], { HOLDFAST_DATA_DIR: dataFolder });

    expect(code).to.equal(1);
    expect(stderr)
      .to.match(/^holdfast: Another service/)
      .and.to.include(dataFolder)
      .and.to.include(`process ${service.process.pid}`);
    expect(await postmasterOf(dataFolder)).to.equal(postmaster);
    await expectUnharmed('after the folder');
  });

  it('when killed, leaves a PostgreSQL behind that the next one finds and uses', async () => {
    const postmaster = await postmasterOf(dataFolder);
    await service.end('SIGKILL');
    expect(isAlive(postmaster)).to.equal(true);

    service = await spawnService({ dataFolder });

    expect(await postmasterOf(dataFolder)).to.equal(postmaster);
    await expectUnharmed('after the kill');
  });
});

describe('a service that is told of data it cannot use', function () {
  this.timeout(60_000);
  let folder: string;
  let file: string;

  before(async () => {
    folder = await makeDataDirectory();
    file = join(folder, 'a-file');
    await writeFile(file, 'not a folder');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const folders: readonly [what: string, path: () => string, message: RegExp][] = [
    ['a file', () => file, /a-file cannot be used: it is not a folder/],
    ['below a file', () => join(file, 'data'), /a-file\/data cannot be used: ENOTDIR/],
    ['where nobody can make any', () => '/proc/holdfast', /\/proc\/holdfast cannot be used: E/],
    ['where nobody can write', () => '/proc/self', /\/proc\/self cannot be used: E/],
  ];
  for (const [what, path, message] of folders) {
    it(`names the folder and what is wrong with it: ${what}`, async () => {
      const failure = await startEmbeddedPostgres({ dataDirectory: path() }).catch((error: unknown) => error);

      expect(failure).to.be.instanceOf(Error).with.property('message').that.matches(message);
    });
  }

  const environments: readonly [what: string, environment: () => Record<string, string>, message: RegExp][] = [
    ['a folder that is a file', () => ({ HOLDFAST_DATA_DIR: file }), /it is not a folder/],
    ['an address that is none', () => ({ DATABASE_URL: 'nonsense' }), /DATABASE_URL must be like postgres:\/\//],
  ];
  for (const [what, environment, message] of environments) {
    it(`says so in one line and ends with exit code 1: ${what}`, async () => {
      const { code, stderr } = await runHoldfast(['serve'], environment(), STOPS_WITHIN_MS);

      expect([code, stderr.trim().split('\n').length]).to.deep.equal([1, 1]);
      expect(stderr)
        .to.match(/^holdfast: /)
        .and.to.match(message);
    });
  }
});
