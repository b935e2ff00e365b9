import { expect } from 'chai';
import type { Service } from '../../src/main.ts';
import { ask, type BookingBody, demand, type ProblemBody, show } from '../support/api.ts';
import { Buyers, Gate } from '../support/buyers.ts';
import { type Cut, type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { proveLog, readLog } from '../support/log-proof.ts';
import { withDatabase } from '../support/postgres.ts';
import { seeded } from '../support/random.ts';
import { startService } from '../support/service.ts';

const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const BUYERS = 16;
const CUTS: readonly Cut[] = ['before-delivery', 'before-answer'];
/** The name of an event that stands in appends alone, and so tells them from all else that is sent. */
const APPENDS = ['BookingRequested', 'BookingConfirmed', 'BookingCancelled'];
const ANSWERS_BETWEEN_CUTS = 25;

describe(`a service whose connection to PostgreSQL breaks while it appends (seed ${SEED})`, function () {
  this.timeout(60_000);
  const database = withDatabase();
  let proxy: CuttingProxy;
  let service: Service;
  let gate: Gate;

  before(async () => {
    proxy = await startCuttingProxy(database());
    service = await startService(proxy.connectionString);
    gate = new Gate();
    gate.open(service.url);
  });
  after(async () => {
    await service.stop();
    await proxy.shut();
  });

  it('loses no booking and doubles none, whether the append was committed or not', async () => {
    await demand(201, service.url, '/slots', { body: show('cut', { rows: 40, seatsPerRow: 25, yard: 2_000 }) });
    const buyers = new Buyers(gate, 'cut', seeded(SEED));
    const { ledger } = buyers;

    buyers.start(BUYERS);
    for (const needle of APPENDS) {
      for (const cut of CUTS) {
        await ledger.afterAnswers(ANSWERS_BETWEEN_CUTS);
        await proxy.cutOnce(cut, needle);
      }
    }
    await ledger.afterAnswers(ANSWERS_BETWEEN_CUTS);
    await buyers.stop();

    const { faults, bookings } = proveLog(await readLog(service.url));
    console.log(`      ${bookings.size} bookings, sent again: ${JSON.stringify([...ledger.retries])}`);
    expect(faults).to.deep.equal([]);
    expect([...ledger.retries.keys()].filter((why) => why !== 'outcome-unknown' && why !== 'unavailable')).to.deep.equal([]);
    expect([...bookings].map(([bookingId, { status }]) => [bookingId, status])).to.have.deep.members(
      [...ledger.bookings].map(([bookingId, { status }]) => [bookingId, status]),
    );
    expect(new Set([...bookings.values()].map(({ customerId }) => customerId)).size).to.equal(bookings.size);
  });
});

describe('a service that cannot reach PostgreSQL after its append was cut', function () {
  this.timeout(60_000);
  const database = withDatabase();
  let healthy: Service;

  before(async () => {
    healthy = await startService(database());
  });
  after(() => healthy.stop());

  const cases: readonly { cut: Cut; when: string; truth: 'booked' | 'not booked' }[] = [
    { cut: 'before-answer', when: 'once committed', truth: 'booked' },
    { cut: 'before-delivery', when: 'before it was delivered', truth: 'not booked' },
  ];
  for (const { cut, when, truth } of cases) {
    it(`${when}: says outcome-unknown, and the truth (${truth}) when asked again with the same key`, async () => {
      const slotId = `seat-${cut}`;
      const path = `/slots/${slotId}/bookings`;
      const proxy = await startCuttingProxy(database());
      const service = await startService(proxy.connectionString, { releaseProcess: false });
      try {
        await demand(201, service.url, '/slots', { body: show(slotId, { rows: 1, seatsPerRow: 2 }) });
        const ours = { body: { customerId: 'ours', units: ['1-1'] }, key: 'ours' };
        const happened = proxy.cutOnce(cut, 'BookingRequested').then(() => proxy.shut());
        const answered = ask<ProblemBody>(service.url, path, ours);
        await happened;
        // The slot decides nothing until it knows, so that this one has to wait for its answer as well.
        const behind = ask<ProblemBody>(service.url, path, { body: { customerId: 'behind', units: ['1-2'] }, key: 'behind' });
        const unknown = await answered;
        expect([unknown.status, unknown.body.code]).to.deep.equal([503, 'outcome-unknown']);
        expect(Number(unknown.headers.get('Retry-After')))
          .to.equal(unknown.body.retryAfterSeconds)
          .and.to.be.greaterThan(0);
        expect(unknown.body.detail).to.include('same Idempotency-Key');
        const notWritten = await behind;
        expect([notWritten.status, notWritten.body.code]).to.deep.equal([503, 'unavailable']);
        expect(Number(notWritten.headers.get('Retry-After'))).to.be.greaterThan(0);

        const rival = await ask<BookingBody>(healthy.url, path, { body: { customerId: 'rival', units: ['1-1'] }, key: 'rival' });
        await proxy.open();
        const again = await ask<BookingBody & ProblemBody>(service.url, path, ours);

        expect(rival.status).to.equal(truth === 'booked' ? 409 : 201);
        expect([again.status, again.headers.get('Idempotent-Replay')]).to.deep.equal(truth === 'booked' ? [201, 'true'] : [409, null]);
        const { faults, bookings } = proveLog((await readLog(healthy.url)).filter(({ streamId }) => streamId === `slot-${slotId}`));
        expect(faults.filter((fault) => !fault.includes('at position'))).to.deep.equal([]);
        expect([...bookings.values()].map(({ customerId }) => customerId)).to.deep.equal([truth === 'booked' ? 'ours' : 'rival']);
      } finally {
        await service.stop();
        await proxy.shut();
      }
    });
  }
});
