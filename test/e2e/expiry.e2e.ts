import { expect } from 'chai';
import { decodePosition } from '../../src/http/position.ts';
import type { Service } from '../../src/main.ts';
import { ask, type BookingBody, demand, type Json, type ProblemBody, type Reply, show } from '../support/api.ts';
import { proveLog, readLog } from '../support/log-proof.ts';
import { withDatabase } from '../support/postgres.ts';
import { startService } from '../support/service.ts';

/** Seconds; the shortest hold that a slot may have. */
const HOLD_SECONDS = 1;
const IMPATIENT_CLIENTS = 6;
/** How often the seat changes hands. */
const TURNS = 3;
/** A view shows a lapse within a second on a machine that has the time; how long it took is printed. */
const GIVE_UP_MS = 10_000;

describe('a hold that nobody confirms', function () {
  this.timeout(30_000);
  const database = withDatabase();
  let service: Service;

  async function openShow(slotId: string): Promise<void> {
    await demand(201, service.url, '/slots', { body: show(slotId, { rows: 1, seatsPerRow: 5 }, { holdSeconds: HOLD_SECONDS }) });
  }

  async function hold(slotId: string, customerId: string, unitId = '1-1'): Promise<BookingBody> {
    const request = { body: { customerId, units: [unitId] }, key: customerId };
    return (await demand<BookingBody>(201, service.url, `/slots/${slotId}/bookings`, request)).body;
  }

  describe('while the release process is switched off', () => {
    before(async () => {
      service = await startService(database(), { releaseProcess: false });
    });
    after(() => service.stop());

    it('gives its seat to the first who comes at or after its end, and to nobody before', async () => {
      await openShow('in-turn');
      const holds = [await hold('in-turn', 'first')];
      const refusals: { readonly sentAt: number; readonly version: number }[] = [];
      const impatient = async (client: number) => {
        for (let attempt = 0; holds.length <= TURNS; attempt += 1) {
          const sentAt = service.store.now();
          const reply = await book(service.url, 'in-turn', `c-${client}-${attempt}`);
          if (reply.status === 201) holds.push(reply.body as BookingBody);
          else refusals.push({ sentAt, version: versionOf(reply) });
        }
      };

      await Promise.all(Array.from({ length: IMPATIENT_CLIENTS }, (_, client) => impatient(client)));

      holds.sort((a, b) => a.version - b.version);
      const handedOver = holds.slice(1).map(({ requestedAt }, index) => Date.parse(requestedAt) - Date.parse(holds[index]!.expiresAt));
      // Whoever was refused by the state in which a hold was the last one must have come before its end.
      const tooLate = refusals
        .map(({ sentAt, version }) => sentAt - Date.parse(holds.findLast((held) => held.version <= version)!.expiresAt))
        .filter((late) => late >= 0);
      console.log(
        `        ${refusals.length} refused, ${holds.length} holds in turn, handed over ${handedOver.join(', ')} ms after the end`,
      );
      expect(Math.min(...handedOver), 'nobody gets the seat before the end').to.be.at.least(0);
      expect(tooLate, 'nobody is refused after the end').to.deep.equal([]);
      expect(refusals.length).to.be.greaterThan(TURNS);
      expect(holds.length).to.be.greaterThan(TURNS);
    });

    it('is recorded as expired with the hold that follows it, at one instant', async () => {
      const events = (await readLog(service.url)).filter(({ streamId }) => streamId === 'slot-in-turn');

      const expired = events.filter(({ type }) => type === 'BookingExpired');
      expect(expired.length).to.be.at.least(TURNS);
      for (const event of expired) {
        expect(Date.parse(event.metadata.time)).to.be.at.least(event.data.expiresAt as number);
        const next = events[event.version]!;
        expect([next.type, next.metadata.time]).to.deep.equal(['BookingRequested', event.metadata.time]);
      }
      expect(proveLog(await readLog(service.url)).faults).to.deep.equal([]);
    });

    it('cannot be confirmed any more, extended or changed: 410 with the booking', async () => {
      await openShow('too-late');
      const held = await hold('too-late', 'slow');
      await until(held.expiresAt, service);

      const deeds: readonly [string, Json][] = [
        ['confirm', { paymentReference: 'p-1' }],
        ['extend-hold', { seconds: 60 }],
        ['change', { add: ['1-2'] }],
      ];
      for (const [deed, body] of deeds) {
        const late = await ask<ProblemBody>(service.url, `/bookings/${held.bookingId}/${deed}`, { body, key: deed });
        expect([late.status, late.body.code], deed).to.deep.equal([410, 'hold-expired']);
        expect(late.body.booking).to.deep.include({ bookingId: held.bookingId, status: 'EXPIRED', claims: [], expiresAt: held.expiresAt });
      }
      expect((await hold('too-late', 'quick')).status).to.equal('HELD');
    });

    it('lives to its end when it is confirmed in time: the seat stays sold', async () => {
      await openShow('in-time');
      const held = await hold('in-time', 'prompt');
      await demand(200, service.url, `/bookings/${held.bookingId}/confirm`, { body: { paymentReference: 'p-1' } });
      await until(held.expiresAt, service);

      const reply = await book(service.url, 'in-time', 'another');

      expect([reply.status, (reply.body as ProblemBody).code]).to.deep.equal([409, 'seats-taken']);
    });
  });

  describe('while the release process runs', () => {
    before(async () => {
      service = await startService(database());
    });
    after(() => service.stop());

    it('is free in the views soon after its end, and held with its end until then', async () => {
      await openShow('shown');
      const reply = await book(service.url, 'shown', 'away');
      const held = reply.body as BookingBody;
      const end = Date.parse(held.expiresAt);
      const headers = { 'Holdfast-Position': reply.headers.get('Holdfast-Position') ?? '', Prefer: 'wait=10' };
      let position = '';
      const seat = async () => {
        const map = await demand<{ units: Json[] }>(200, service.url, '/slots/shown/seats', { headers });
        position = map.headers.get('Holdfast-Position') ?? '';
        return map.body.units[0]!;
      };
      let seen = await seat();
      let shownAt = service.store.now();
      while (seen.status !== 'free' && shownAt < end + GIVE_UP_MS) {
        if (seen.status === 'held') expect(seen.heldUntil).to.equal(held.expiresAt);
        seen = await seat();
        shownAt = service.store.now();
      }

      console.log(`        shown ${shownAt - end} ms after the end`);
      expect(seen.status).to.equal('free');
      expect(shownAt).to.be.at.least(end);
      // Each view is as fresh as it can be: the seats say what the bookings have to wait for.
      const booking = await demand<BookingBody>(200, service.url, `/bookings/${held.bookingId}`, {
        headers: { 'Holdfast-Position': position },
      });
      expect(booking.body).to.deep.include({ status: 'EXPIRED', claims: [] });
    });
  });
});

function book(url: string, slotId: string, customerId: string): Promise<Reply<BookingBody | ProblemBody>> {
  return ask(url, `/slots/${slotId}/bookings`, { body: { customerId, units: ['1-1'] }, key: customerId });
}

/** The version of the slot that the answer was decided on. */
function versionOf(reply: Reply<unknown>): number {
  const place = decodePosition(reply.headers.get('Holdfast-Position') ?? '');
  if (place === null || !('version' in place)) throw new Error(`No version in the position of ${JSON.stringify(reply.body)}.`);
  return place.version;
}

/** Asks the service something until its clock has reached the instant. */
async function until(instant: string, service: Service): Promise<void> {
  while (service.store.now() < Date.parse(instant)) await ask(service.url, '//livez');
}
