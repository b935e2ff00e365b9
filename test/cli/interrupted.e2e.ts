import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/eventstore/embedded-postgres.ts';
import { demand, show } from '../support/api.ts';
import { startHoldfast } from '../support/command-line.ts';
import { endLeftPostgres, hasPostgres } from '../support/left-postgres.ts';
import { makeDataDirectory } from '../support/postgres.ts';
import { spawnService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

const STARTS_WITHIN_MS = 60_000;

describe('a command that is interrupted', function () {
  this.timeout(90_000);
  let dataFolder: string;
  let environment: Record<string, string>;
  const postgresIsStarted = (): Promise<void> =>
    waitUntil(
      'PostgreSQL is started',
      async () => (await readdir(join(dataFolder, 'postgres'))).includes('postmaster.pid'),
      STARTS_WITHIN_MS,
    );

  before(async () => {
    dataFolder = await makeDataDirectory();
    environment = { HOLDFAST_DATA_DIR: dataFolder };
    const service = await spawnService({ dataFolder });
    await demand(201, service.url, '/slots', { body: show('hamlet', { yard: 1 }) });
    await service.end();
  });
  afterEach('leave no PostgreSQL behind', () => endLeftPostgres(dataFolder));
  after(() => rm(dataFolder, { recursive: true, force: true }));

  const commands = [
    ['verify', 'SIGINT'],
    ['projections list', 'SIGTERM'],
    ['explain hamlet yard', 'SIGHUP'],
  ] as const;
  for (const [words, signal] of commands) {
    it(`while it opens the data does not begin, and takes its PostgreSQL along: ${words}, ${signal}`, async () => {
      const { process: child, ended } = startHoldfast(words.split(' '), environment);
      await postgresIsStarted();
      child.kill(signal);

      expect(await ended).to.deep.equal({ code: 1, stdout: '', stderr: 'holdfast: interrupted\n' });
      expect(hasPostgres(dataFolder)).to.equal(false);
    });
  }

  it('during its start is stopped as soon as it has started: serve', async () => {
    const { process: child, ended } = startHoldfast(['serve'], environment);
    await postgresIsStarted();
    child.kill('SIGHUP');

    expect(await ended).to.deep.equal({ code: 0, stdout: 'Stopping: finishing what is in hand.\n', stderr: '' });
    expect(hasPostgres(dataFolder)).to.equal(false);
  });

  it('in the middle of its work ends without a verdict: verify', async () => {
    const postgres: EmbeddedPostgres = await startEmbeddedPostgres({ dataDirectory: dataFolder });
    const client = new pg.Client({ connectionString: postgres.connectionString });
    try {
      await client.connect();
      await client.query('BEGIN; LOCK TABLE holdfast.snapshots IN ACCESS EXCLUSIVE MODE');
      const { process: child, ended } = startHoldfast(['verify'], environment);
      const waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'holdfast.snapshots'::regclass";
      await waitUntil('verify stands before the lock', async () => (await client.query(waiting)).rowCount === 1, STARTS_WITHIN_MS);
      child.kill('SIGTERM');
      await client.query('COMMIT');

      const { code, stdout, stderr } = await ended;
      expect([code, stdout]).to.deep.equal([1, '']);
      expect(stderr).to.match(/holdfast: interrupted\n$/);
    } finally {
      await client.end();
      await postgres.stop();
    }
  });
});

describe('a service that is told to stop more than once', function () {
  this.timeout(90_000);
  let dataFolder: string;

  before(async () => {
    dataFolder = await makeDataDirectory();
  });
  afterEach('leave no PostgreSQL behind', () => endLeftPostgres(dataFolder));
  after(() => rm(dataFolder, { recursive: true, force: true }));

  it('takes what comes within a second for the same word, as npm passes Ctrl-C on, and ends at once on what comes later', async () => {
    const service = await spawnService({ dataFolder });
    const ended = once(service.process, 'exit');
    const { hostname, port } = new URL(service.url);
    const unfinished = connect(Number(port), hostname).on('error', () => undefined);
    await once(unfinished, 'connect');
    unfinished.write('POST /api/v1/slots HTTP/1.1\r\nHost: holdfast\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{');
    await fetch(`${service.url}/livez`);

    const toldAt = performance.now();
    await waitUntil('the service has ended', async () => {
      service.process.kill('SIGINT');
      await readdir(dataFolder);
      return service.process.exitCode !== null;
    });
    const took = performance.now() - toldAt;
    unfinished.destroy();

    expect(await ended).to.deep.equal([1, null]);
    expect(took).to.be.greaterThan(1_000).and.lessThan(5_000);
  });

  it('ends in good order when the second word comes with the first', async () => {
    const service = await spawnService({ dataFolder });
    const ended = once(service.process, 'exit');
    service.process.kill('SIGINT');
    service.process.kill('SIGTERM');

    expect(await ended).to.deep.equal([0, null]);
    expect(hasPostgres(dataFolder)).to.equal(false);
  });
});
