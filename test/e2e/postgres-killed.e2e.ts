import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import { ask, demand, show } from '../support/api.ts';
import { Buyers, Gate } from '../support/buyers.ts';
import { proveLog, readLog } from '../support/log-proof.ts';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres.ts';
import { seeded } from '../support/random.ts';
import { Readers } from '../support/readers.ts';
import { withAndWithoutRedis } from '../support/redis.ts';
import { type SpawnedService, spawnService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

/** How often PostgreSQL is killed; `npm run verify:reads` asks for more. */
const FAULTS = Number(process.env.HOLDFAST_FAULTS ?? 1);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const BUYERS = 8;
const READERS = 3;
const SLOTS = 20 * FAULTS;
/** What must have happened before the next fault: bookings taken; and before it is mended: stale answers, writes sent again. */
const BOOKINGS = 60;
const STALE = 40;
const REFUSED = 20;
const BOUND_MS = 30_000;

withAndWithoutRedis(`PostgreSQL killed ${FAULTS} times under two services (seed ${SEED})`, function (layers) {
  this.timeout(60_000 + FAULTS * 30_000);
  const slotIds = Array.from({ length: SLOTS }, (_, slot) => `show-${slot}`);
  const gate = new Gate();
  const buyers = new Buyers(gate, slotIds, seeded(SEED));
  const { ledger } = buyers;
  const readers = new Readers({ slotIds, random: seeded(SEED + 1), newest: () => ledger.newest });
  const services: SpawnedService[] = [];
  let postgres: OwnPostgres;

  const allReady = async () => (await Promise.all(services.map(({ url }) => ask(url, '//readyz')))).every(({ status }) => status === 200);
  const sentAgain = () => [...ledger.retries.values()].reduce((sum, times) => sum + times, 0);

  before(async () => {
    postgres = await startOwnPostgres();
    const environment = { REDIS_URL: layers().redisUrl ?? '', HOLDFAST_LOG_LEVEL: 'silent' };
    for (let service = 0; service < 2; service += 1)
      services.push(await spawnService({ databaseUrl: postgres.connectionString }, { environment }));
    const [first] = services as [SpawnedService];
    for (const slotId of slotIds) await demand(201, first.url, '/slots', { body: show(slotId, { rows: 4, seatsPerRow: 20, yard: 60 }) });
    gate.open(first.url);
    buyers.start(BUYERS);
    for (const { url } of services) readers.start(url, READERS);
  });
  after(async () => {
    gate.close();
    for (const service of services) await service.end('SIGKILL');
    await postgres?.end();
  });

  it('answers from memory as stale or with 503, writes with 503, and heals each time without a restart', async () => {
    for (let fault = 1; fault <= FAULTS; fault += 1) {
      const booked = ledger.bookings.size;
      await waitUntil('there is a load', async () => (await allReady()) && ledger.bookings.size > booked + BOOKINGS, BOUND_MS);
      const [stale, refused] = [readers.stale, sentAgain()];
      const killed = await postgres.kill();
      const outOfOrder = async () => !(await allReady()) && readers.stale > stale + STALE && sentAgain() > refused + REFUSED;
      await waitUntil('readers are told that it is stale, and buyers to come again', outOfOrder, BOUND_MS);
      const begun = performance.now();
      await postgres.restart();
      const restarted = performance.now();
      const before = ledger.bookings.size;
      await waitUntil(
        'bookings are taken again',
        async () => (await ask(services[0]!.url, '//livez')).status === 200 && ledger.bookings.size > before,
        BOUND_MS,
      );
      const taken = performance.now();
      await waitUntil('both services are ready again', allReady, BOUND_MS);
      console.log(
        `      ${killed} processes killed; PostgreSQL back after ${Math.round(restarted - begun)} ms, ` +
          `a booking ${Math.round(taken - restarted)} ms and both ready ${Math.round(performance.now() - restarted)} ms after that`,
      );
    }
    const current = readers.answersFrom('memory');
    await waitUntil('memory is current again', async () => (await allReady()) && readers.answersFrom('memory') > current + STALE, BOUND_MS);
    await buyers.stop();
    await readers.stop();

    console.log(
      `      ${ledger.bookings.size} bookings; sent again: ${JSON.stringify([...ledger.retries])}, ${ledger.replays} of them done before`,
    );
    console.log(`      reads: ${JSON.stringify([...readers.sources])}, refused: ${JSON.stringify([...readers.refusals])}`);
    expect(readers.faults).to.deep.equal([]);
    expect(['unavailable', 'view-behind'], 'why readers were sent away').to.include.members([...readers.refusals.keys()]);
    expect(['unavailable', 'outcome-unknown'], 'why buyers were sent away').to.include.members([...ledger.retries.keys()]);
    expect(['sold-out', 'seats-taken'], 'why buyers were refused').to.include.members([...ledger.refusals.keys()]);
  });

  it('has answered nothing that the log does not say', async () => {
    const events = await readLog(services[0]!.url);
    const { faults, bookings } = proveLog(events);

    console.log(`      ${events.length} events; ${readers.proof.size} different answers, each held against them`);
    expect(faults).to.deep.equal([]);
    expect([...bookings].map(([bookingId, { status }]) => [bookingId, status])).to.have.deep.members(
      [...ledger.bookings].map(([bookingId, { status }]) => [bookingId, status]),
    );
    expect(readers.proof.size).to.be.greaterThan(FAULTS * STALE);
    expect(readers.proof.faults(events)).to.deep.equal([]);
  });

  it('shows the same on both services in the end, as the log has it', async () => {
    const headers = { 'Holdfast-Position': ledger.newest?.position ?? '', Prefer: 'wait=10' };
    for (const slotId of slotIds) {
      const [here, there] = await Promise.all(services.map(({ url }) => demand(200, url, `/slots/${slotId}/seats`, { headers })));
      expect(there?.body, slotId).to.deep.equal(here?.body);
    }
  });
});
