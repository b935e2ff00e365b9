import { expect } from 'chai';
import type { Service } from '../../src/main.ts';
import { ask, demand, type ProblemBody, type Reply, show } from '../support/api.ts';
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
    const buyers = new Buyers(gate, ['cut'], seeded(SEED));
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
  let played: ReadonlyMap<Cut, Played>;

  before('cut two services at once, each on a slot of its own', async () => {
    healthy = await startService(database());
    played = new Map(await Promise.all(CUTS.map(async (cut) => [cut, await play(cut)] as const)));
  });
  after(() => healthy.stop());

  /** Ours is cut, another one waits behind it, a rival asks a healthy service for our seat, and ours is sent again. */
  async function play(cut: Cut): Promise<Played> {
    const slotId = `seat-${cut}`;
    const path = `/slots/${slotId}/bookings`;
    const request = (customerId: string, seat: string) => ({ body: { customerId, units: [seat] }, key: customerId });
    const proxy = await startCuttingProxy(database());
    const service = await startService(proxy.connectionString, { releaseProcess: false });
    try {
      await demand(201, service.url, '/slots', { body: show(slotId, { rows: 1, seatsPerRow: 2 }) });
      const happened = proxy.cutOnce(cut, 'BookingRequested').then(() => proxy.shut());
      const answered = ask<ProblemBody>(service.url, path, request('ours', '1-1'));
      await happened;
      const behind = await ask<ProblemBody>(service.url, path, request('behind', '1-2'));
      const unknown = await answered;
      const rival = await ask(healthy.url, path, request('rival', '1-1'));
      await proxy.open();
      const again = await ask(service.url, path, request('ours', '1-1'));
      const log = (await readLog(healthy.url)).filter(({ streamId }) => streamId === `slot-${slotId}`);
      const customers = log.filter(({ type }) => type === 'SeatsHeld').map(({ data }) => data.customerId as string);
      return { unknown, behind, rival, again, customers };
    } finally {
      await service.stop();
      await proxy.shut();
    }
  }

  for (const cut of CUTS) {
    describe(cut, () => {
      it('says that the outcome is unknown, when to ask again and with what', () => {
        const { unknown } = played.get(cut)!;
        expect([unknown.status, unknown.body.code]).to.deep.equal([503, 'outcome-unknown']);
        expect(unknown.body.detail).to.include('same Idempotency-Key');
        expect(unknown.body.retryAfterSeconds).to.be.greaterThan(0);
        expect(unknown.headers.get('Retry-After')).to.equal(String(unknown.body.retryAfterSeconds));
      });

      it('decides nothing else in the slot meanwhile', () => {
        const { behind } = played.get(cut)!;
        expect([behind.status, behind.body.code]).to.deep.equal([503, 'unavailable']);
        expect(Number(behind.headers.get('Retry-After'))).to.be.greaterThan(0);
      });
    });
  }

  it('tells of a booking that was committed when it is asked again with the same key', () => {
    const { rival, again, customers } = played.get('before-answer')!;
    expect(rival.status).to.equal(409);
    expect([again.status, again.headers.get('Idempotent-Replay')]).to.deep.equal([201, 'true']);
    expect(customers).to.deep.equal(['ours']);
  });

  it('decides afresh what was not committed: the seat is the rival’s, who came first', () => {
    const { rival, again, customers } = played.get('before-delivery')!;
    expect(rival.status).to.equal(201);
    expect([again.status, again.body.code]).to.deep.equal([409, 'seats-taken']);
    expect(customers).to.deep.equal(['rival']);
  });

  it('leaves a log without a fault', async () => {
    expect(proveLog(await readLog(healthy.url)).faults).to.deep.equal([]);
  });
});

interface Played {
  readonly unknown: Reply<ProblemBody>;
  readonly behind: Reply<ProblemBody>;
  readonly rival: Reply;
  readonly again: Reply;
  /** Who holds a seat in the end. */
  readonly customers: readonly string[];
}
