import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import { findBinaries, runProgram } from '../../src/eventstore/embedded/binaries.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/eventstore/embedded-postgres.ts';
import { ask, type BookingBody, demand, type ProblemBody, type Reply, show } from '../support/api.ts';
import { Buyers, Gate } from '../support/buyers.ts';
import { proveLog, readLog } from '../support/log-proof.ts';
import { makeDataDirectory } from '../support/postgres.ts';
import { seeded } from '../support/random.ts';
import { type SpawnedService, spawnService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

const BUYERS = 8;
const ANSWERS = 40;

interface Readiness {
  readonly status: string;
  readonly reasons: readonly { readonly name: string; readonly reason: string }[];
}

const isReady = async (url: string) => (await ask(url, '//readyz')).status === 200;

/** What a service without a database has to answer: alive, not ready and why, nothing read and nothing written. */
async function expectUnavailable({ url, process: child }: SpawnedService, slotId: string): Promise<void> {
  const { body: ready } = await ask<Readiness>(url, '//readyz');
  expect(ready.status).to.equal('not-ready');
  expect(ready.reasons.map(({ name }) => name)).to.include('event-log');
  await demand(200, url, '//livez');
  const customerId = 'unlucky';
  for (const [path, request] of [
    [`/slots/${slotId}/bookings`, { body: { customerId, units: [{ unitId: 'yard', quantity: 1 }] }, key: customerId }],
    [`/slots/${slotId}`, {}],
    ['/audit/events', {}],
  ] as const) {
    const reply = await ask<ProblemBody>(url, path, request);
    expect([reply.status, reply.body.code], path).to.deep.equal([503, 'unavailable']);
    expect(Number(reply.headers.get('Retry-After')), path).to.be.greaterThan(0);
  }
  expect(child.exitCode).to.equal(null);
}

describe('a service whose PostgreSQL goes away and comes back', function () {
  this.timeout(60_000);
  const gate = new Gate();
  const buyers = new Buyers(gate, ['outage'], seeded(1));
  const { ledger } = buyers;
  let dataFolder: string;
  let database: EmbeddedPostgres;
  let service: SpawnedService;

  /** Stops it without ceremony, or starts it again on the same port. */
  async function control(deed: 'stop' | 'restart'): Promise<void> {
    const data = join(dataFolder, 'postgres');
    const parameters = [deed, '-w', '-m', 'immediate', '-D', data, '-l', join(dataFolder, 'postgres.log')];
    const { code, output } = await runProgram(findBinaries(data), 'pg_ctl', parameters);
    if (code !== 0) throw new Error(`pg_ctl ${deed}: ${output}`);
  }

  before(async () => {
    dataFolder = await makeDataDirectory();
    database = await startEmbeddedPostgres({ dataDirectory: dataFolder });
    service = await spawnService({ databaseUrl: database.connectionString });
    await demand(201, service.url, '/slots', { body: show('outage', { rows: 20, seatsPerRow: 25, yard: 1_000 }) });
    gate.open(service.url);
    buyers.start(BUYERS);
    await ledger.afterAnswers(ANSWERS);
    await control('stop');
  });
  after(async () => {
    await service?.end('SIGKILL');
    await database?.stop();
    await rm(dataFolder, { recursive: true, force: true });
  });

  it('answers 503 with Retry-After, says why it is not ready, and stays alive', async () => {
    await waitUntil('the service has noticed', async () => !(await isReady(service.url)));

    await expectUnavailable(service, 'outage');
  });

  it('heals by itself, and has lost and doubled nothing', async () => {
    await control('restart');
    const begun = performance.now();
    await waitUntil('the service is ready again', () => isReady(service.url));
    console.log(`      ready again ${Math.round(performance.now() - begun)} ms after PostgreSQL was`);
    await ledger.afterAnswers(ANSWERS);
    await buyers.stop();

    const { faults, bookings } = proveLog(await readLog(service.url));
    console.log(`      ${bookings.size} bookings, sent again: ${JSON.stringify([...ledger.retries])}`);
    expect(faults).to.deep.equal([]);
    expect([...ledger.refusals.keys()], 'nothing failed in any other way').to.deep.equal([]);
    expect([...bookings].map(([bookingId, { status }]) => [bookingId, status])).to.have.deep.members(
      [...ledger.bookings].map(([bookingId, { status }]) => [bookingId, status]),
    );
  });

  it('stops in good order even while PostgreSQL is gone', async () => {
    await control('stop');
    await waitUntil('the service has noticed', async () => !(await isReady(service.url)));

    const begun = performance.now();
    await service.end();

    console.log(`      stopped after ${Math.round(performance.now() - begun)} ms`);
    expect(service.process.exitCode).to.equal(0);
  });
});

describe('a service whose embedded PostgreSQL is killed under it', function () {
  this.timeout(60_000);
  let dataFolder: string;
  let service: SpawnedService;
  let held: Reply<BookingBody>;

  before(async () => {
    dataFolder = await makeDataDirectory();
    service = await spawnService({ dataFolder });
    await demand(201, service.url, '/slots', { body: show('killed', { yard: 10 }) });
    const request = { body: { customerId: 'c-1', units: [{ unitId: 'yard', quantity: 4 }] }, key: 'c-1' };
    held = await demand<BookingBody>(201, service.url, '/slots/killed/bookings', request);
    const [pid] = (await readFile(join(dataFolder, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(pid), 'SIGKILL');
  });
  after(async () => {
    await service?.end();
    await rm(dataFolder, { recursive: true, force: true });
  });

  it('answers 503 with Retry-After, says why it is not ready, and stays alive', async () => {
    await waitUntil('the service has noticed', async () => !(await isReady(service.url)));

    await expectUnavailable(service, 'killed');
  });

  it('stops in good order, and finds everything when it is started again', async () => {
    await service.end();
    expect(service.process.exitCode).to.equal(0);

    service = await spawnService({ dataFolder });

    const headers = { 'Holdfast-Position': held.headers.get('Holdfast-Position') ?? '', Prefer: 'wait=10' };
    const found = await demand<BookingBody>(200, service.url, `/bookings/${held.body.bookingId}`, { headers });
    expect(found.body).to.deep.equal(held.body);
  });
});
