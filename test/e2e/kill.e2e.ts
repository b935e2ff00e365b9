import { readdir, rm } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import { ask, type BookingBody, demand, show } from '../support/api.ts';
import { Buyers, Gate, type Known, unitsOf } from '../support/buyers.ts';
import { runHoldfast } from '../support/command-line.ts';
import { proveLog, readLog } from '../support/log-proof.ts';
import { makeDataDirectory } from '../support/postgres.ts';
import { between, seeded } from '../support/random.ts';
import { type SpawnedService, spawnService } from '../support/service.ts';

/** How often the service is killed; `npm run verify:long` asks for more. */
const KILLS = Number(process.env.HOLDFAST_KILLS ?? 2);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const BUYERS = 32;
const SLOT = 'rush';
/** A kill comes after so many more answers; with 32 buyers that is anywhere in the work of the service. */
const ANSWERS_BEFORE_KILL = [20, 300] as const;
/** Milliseconds after which a start is cut off: anywhere from loading the code to having served for a while. */
const START_CUT_MS = [100, 2_000] as const;

describe(`a service that is killed ${KILLS} times during a rush (seed ${SEED})`, function () {
  this.timeout(60_000 + KILLS * 20_000);
  const random = seeded(SEED);
  const gate = new Gate();
  const buyers = new Buyers(gate, [SLOT], seeded(SEED + 1));
  const { ledger } = buyers;
  let dataFolder: string;
  let service: SpawnedService;

  before(async () => {
    dataFolder = await makeDataDirectory();
    service = await spawnService({ dataFolder });
    const size = { rows: 9 * (KILLS + 1), seatsPerRow: 25, yard: 500 * (KILLS + 1) };
    await demand(201, service.url, '/slots', { body: show(SLOT, size) });
    gate.close();
    gate.open(service.url);
  });
  after(async () => {
    await service?.end();
    await rm(dataFolder, { recursive: true, force: true });
  });

  it('has every booking that was answered, with the status that was answered, after each restart', async () => {
    buyers.start(BUYERS);
    for (let kill = 1; kill <= KILLS; kill += 1) {
      await ledger.afterAnswers(between(random, ...ANSWERS_BEFORE_KILL));
      gate.close();
      await service.end('SIGKILL');
      // Every other time the next start does not come through either.
      const cutAfter = kill % 2 === 0 ? between(random, ...START_CUT_MS) : null;
      if (cutAfter !== null) await runHoldfast(['serve'], { HOLDFAST_DATA_DIR: dataFolder }, cutAfter);
      const begun = performance.now();
      service = await spawnService({ dataFolder });
      const servedAfter = Math.round(performance.now() - begun);
      const differing = await differingBookings(service.url, ledger.bookings);
      const { size } = ledger.bookings;
      const cut = cutAfter === null ? '' : `, a start killed after ${cutAfter} ms`;
      console.log(`      kill ${kill}${cut}: ${size} answered, ${size - differing.length} found, served again after ${servedAfter} ms`);
      expect(differing).to.deep.equal([]);
      gate.open(service.url);
    }
    await ledger.afterAnswers(ANSWERS_BEFORE_KILL[0]);
    await buyers.stop();

    expect(await differingBookings(service.url, ledger.bookings)).to.deep.equal([]);
    const { bookings, retries, refusals, replays } = ledger;
    console.log(
      `      ${bookings.size} bookings, sent again: ${JSON.stringify([...retries])}, ${replays} of them done before, refused: ${JSON.stringify([...refusals])}`,
    );
    expect(retries.get('no answer'), 'requests were in hand when the service was killed').to.be.greaterThan(KILLS);
    // Some five to a kill; so few kills may have none.
    if (KILLS >= 10) expect(replays, 'some of them had been done').to.be.greaterThan(0);
  });

  it('has no seat twice, no booking of anybody twice, and a log without a fault', async () => {
    const { faults, bookings } = proveLog(await readLog(service.url));

    expect(faults).to.deep.equal([]);
    const booked = new Map([...bookings].map(([bookingId, { customerId }]) => [customerId, bookingId]));
    expect(booked.size, 'one booking for each customer').to.equal(bookings.size);
    expect([...booked].sort()).to.deep.equal([...ledger.byCustomer].sort());
    for (const [bookingId, { status }] of bookings) expect(status, bookingId).to.equal(ledger.bookings.get(bookingId)?.status);
  });

  it('is clean to `holdfast verify`, which looks at the data beside the service', async () => {
    const { code, stdout, stderr } = await runHoldfast(['verify'], { HOLDFAST_DATA_DIR: dataFolder });

    expect(stdout + stderr).to.include('Verdict: clean.');
    expect(code).to.equal(0);
  });
});

describe('a service whose first start is killed', function () {
  this.timeout(60_000 + KILLS * 10_000);
  const random = seeded(SEED + 2);
  let dataFolder: string;

  before(async () => {
    dataFolder = await makeDataDirectory();
  });
  after(() => rm(dataFolder, { recursive: true, force: true }));

  it('comes up the next time, whatever the start had come to', async () => {
    for (let kill = 1; kill <= KILLS; kill += 2) {
      const cutAfter = between(random, ...START_CUT_MS);
      const { code } = await runHoldfast(['serve'], { HOLDFAST_DATA_DIR: dataFolder }, cutAfter);
      expect(code, 'a signal ended it').to.equal(null);
      console.log(`      killed after ${cutAfter} ms, with ${(await readdir(dataFolder)).sort().join(', ') || 'nothing made yet'}`);
    }

    const service = await spawnService({ dataFolder });
    try {
      await demand(201, service.url, '/slots', { body: show(SLOT, { yard: 10 }) });
      expect(await readLog(service.url)).to.have.length(1);
    } finally {
      await service.end();
    }
  });
});

/** Bookings that are not there as they were answered, in words. Whatever was not answered may have happened or not. */
async function differingBookings(url: string, answered: ReadonlyMap<string, Known>): Promise<string[]> {
  const differing: string[] = [];
  const left = answered.entries();
  const reader = async () => {
    for (const [bookingId, { status, inDoubt, position, units }] of left) {
      const headers = { 'Holdfast-Position': position, Prefer: 'wait=10' };
      const { body } = await ask<BookingBody>(url, `/bookings/${bookingId}`, { headers });
      const mayBe = [status, ...(inDoubt === null ? [] : [inDoubt])];
      const has = body.status === 'CANCELLED' ? unitsOf(body.released ?? []) : unitsOf(body.claims ?? []);
      if (!mayBe.includes(body.status) || has !== units) differing.push(`${bookingId}: ${mayBe} ${units} became ${JSON.stringify(body)}`);
    }
  };
  await Promise.all([reader(), reader(), reader(), reader()]);
  return differing;
}
