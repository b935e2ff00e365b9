import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import type { Service } from '../../src/main.ts';
import { demand, show } from '../support/api.ts';
import { Buyers, Gate } from '../support/buyers.ts';
import { proveLog, readLog } from '../support/log-proof.ts';
import { withDatabase } from '../support/postgres.ts';
import { seeded } from '../support/random.ts';
import { Readers } from '../support/readers.ts';
import { withOwnRedis } from '../support/redis.ts';
import { type SpawnedService, spawnService, startService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

/** How often each fault comes; `npm run verify:reads` asks for more. */
const FAULTS = Number(process.env.HOLDFAST_FAULTS ?? 1);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const BUYERS = 4;
const READERS = 4;
const SLOTS = 30 * FAULTS;
/** Reads that must have been answered before a fault is mended, and from Redis again after it. */
const READS = 60;
const FLAPS = 5;
/** How long Redis is stopped, in milliseconds: longer than connections and commands are waited for. */
const STOPPED_MS = 3_000;
const BOUND_MS = 30_000;

describe(`Redis failing ${FAULTS} times in each way under services that share it (seed ${SEED})`, function () {
  this.timeout(60_000 + FAULTS * 60_000);
  const database = withDatabase();
  const redis = withOwnRedis();
  const slotIds = Array.from({ length: SLOTS }, (_, slot) => `show-${slot}`);
  const gate = new Gate();
  const buyers = new Buyers(gate, slotIds, seeded(SEED));
  const { ledger } = buyers;
  const reading = { slotIds, newest: () => ledger.newest };
  /** Readers of a service that keeps slots in memory, and of one that keeps none and so asks Redis every time. */
  const readers = new Readers({ ...reading, random: seeded(SEED + 1) });
  const askers = new Readers({ ...reading, random: seeded(SEED + 2) });
  let remembering: SpawnedService;
  let forgetful: Service;

  const answers = () => askers.answersFrom('redis') + askers.answersFrom('postgres');
  /** Takes the time of one question, and ends every wait at the first answer that should not have been. */
  const lookAt = async () => {
    await demand(200, forgetful.url, '//livez');
    expect([...readers.faults, ...askers.faults]).to.deep.equal([]);
    return true;
  };
  const redisStatistics = () => forgetful.queries.readStatistics().redis;

  /** Everybody was answered all the time; from now on by Redis again. */
  async function healed(what: string): Promise<void> {
    const begun = performance.now();
    const before = askers.answersFrom('redis');
    await waitUntil('Redis answers again', async () => (await lookAt()) && askers.answersFrom('redis') > before + READS, BOUND_MS);
    console.log(`      ${what}: ${READS} answers from Redis ${Math.round(performance.now() - begun)} ms after it was there again`);
    expect([...readers.refusals, ...askers.refusals, ...ledger.retries], 'nobody was asked to come again').to.deep.equal([]);
  }

  /** So many reads were answered by PostgreSQL instead. */
  async function passedBy(): Promise<void> {
    const before = askers.answersFrom('postgres');
    await waitUntil(
      'PostgreSQL answers instead',
      async () => (await lookAt()) && askers.answersFrom('postgres') > before + READS,
      BOUND_MS,
    );
  }

  before(async () => {
    const { url: redisUrl } = redis();
    const environment = { REDIS_URL: redisUrl, HOLDFAST_LOG_LEVEL: 'silent' };
    remembering = await spawnService({ databaseUrl: database() }, { environment });
    forgetful = await startService(database(), { redisUrl, memoryBytes: 0 });
    const size = { rows: 2, seatsPerRow: 20, yard: 60 };
    for (const slotId of slotIds) await demand(201, remembering.url, '/slots', { body: show(slotId, size) });
    gate.open(remembering.url);
    buyers.start(BUYERS);
    readers.start(remembering.url, READERS);
    askers.start(forgetful.url, READERS);
    await waitUntil('Redis answers', async () => (await lookAt()) && askers.answersFrom('redis') > READS, BOUND_MS);
  });
  after(async () => {
    gate.close();
    await Promise.all([readers.stop(), askers.stop()]);
    await forgetful?.stop();
    await remembering?.end('SIGKILL');
  });

  it('killed, and started again empty: PostgreSQL answers meanwhile, also to an instance that starts then', async () => {
    for (let fault = 1; fault <= FAULTS; fault += 1) {
      await redis().kill();
      await passedBy();
      const late = await startService(database(), { redisUrl: redis().url });
      const { headers } = await demand(200, late.url, `/slots/${slotIds[0]}/seats`);
      expect(headers.get('Holdfast-Source')).to.equal('postgres');
      await late.stop();
      await redis().restart();
      await healed('killed');
    }
  });

  it('stopped with all connections open: it is waited for a few times, then left alone until it answers', async () => {
    for (let fault = 1; fault <= FAULTS; fault += 1) {
      redis().pause();
      const begun = performance.now();
      await waitUntil('it is left alone', async () => (await lookAt()) && redisStatistics()?.breaker === 'open', BOUND_MS);
      await passedBy();
      await waitUntil('it was stopped for long', async () => (await lookAt()) && performance.now() - begun > STOPPED_MS, BOUND_MS);
      redis().resume();
      await healed('stopped');
    }
  });

  it('flapping: killed and started again as soon as anybody was answered', async () => {
    for (let fault = 1; fault <= FAULTS; fault += 1) {
      for (let flap = 1; flap <= FLAPS; flap += 1) {
        await redis().kill();
        const gone = answers();
        await waitUntil('a few are answered without it', async () => (await lookAt()) && answers() > gone + READERS, BOUND_MS);
        await redis().restart();
        const back = answers();
        await waitUntil('a few are answered with it', async () => (await lookAt()) && answers() > back + READERS, BOUND_MS);
      }
      await healed('flapping');
    }
  });

  it('answered nothing that the log does not say, and gives a new instance what the log says', async () => {
    await Promise.all([buyers.stop(), readers.stop(), askers.stop()]);
    const events = await readLog(remembering.url);
    const { faults, bookings } = proveLog(events);
    const told = readers.proof.size + askers.proof.size;
    console.log(`      ${events.length} events, ${bookings.size} bookings; ${told} different answers, each held against them`);
    for (const [who, { sources }] of Object.entries({ 'with memory': readers, 'without memory': askers }))
      console.log(`      reads ${who}: ${JSON.stringify([...sources])}`);
    console.log(`      Redis as the service without memory saw it: ${JSON.stringify(redisStatistics())}`);
    expect(faults).to.deep.equal([]);
    expect([...readers.proof.faults(events), ...askers.proof.faults(events)]).to.deep.equal([]);
    expect(['sold-out', 'seats-taken'], 'why buyers were refused').to.include.members([...ledger.refusals.keys()]);

    const fresh = await startService(database(), { redisUrl: redis().url });
    const last = new Readers({ ...reading, random: seeded(SEED + 3) });
    for (const slotId of slotIds) await last.read(fresh.url, slotId, null);
    await fresh.stop();
    console.log(`      a new instance: ${JSON.stringify([...last.sources])}`);
    expect(last.answersFrom('redis')).to.be.greaterThan(0);
    expect([...last.faults, ...last.proof.faults(events)]).to.deep.equal([]);
  });
});
