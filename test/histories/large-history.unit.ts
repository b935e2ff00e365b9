import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import { booking, bookingRequest, claim, held, MadeHistory, opened, POLICY, requested, T0, toldClaim } from './made-history.ts';

const SLOTS = 20;
const SEATS = 800;
const ROUNDS = 3;

/** Halls that are sold, lapse and are sold again, while others are refused; some 100,000 events and answers together. */
function largeHistory(): MadeHistory {
  const history = new MadeHistory();
  const versions = new Map<string, number>();
  history.version = (slotId) => versions.get(slotId) ?? 0;
  const log = (slotId: string, type: string, data: Readonly<Record<string, unknown>>) => {
    history.log(slotId, type, data);
    versions.set(slotId, history.version(slotId) + 1);
  };
  const answer = (slotId: string, status: number, body: Readonly<Record<string, unknown>>) => ({
    status,
    body,
    position: Buffer.from(`${history.events.length}~${history.version(slotId)}~slot-${slotId}`).toString('base64url'),
  });
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const slotId = `hall${slot}`;
    const units = Array.from({ length: SEATS }, (_, index) => ({
      unitId: `A${index}`,
      category: 'gold',
      price: 4500,
      row: `${index % 20}`,
    }));
    log(slotId, 'SlotOpened', opened({ slotId, units, policy: POLICY }));
    for (let round = 0; round < ROUNDS; round += 1) {
      const start = history.seconds;
      for (let seat = 0; seat < SEATS / 2; seat += 1) {
        const bookingId = `${slotId}.${round}-${seat}`;
        const claims = [claim(`A${seat}`)];
        log(slotId, 'BookingRequested', requested(bookingId, 'zoe', claims));
        log(slotId, 'SeatsHeld', held(bookingId, 'zoe', claims, start));
        const instants = { startedAt: history.now, endedAt: history.now };
        const path = `/slots/${slotId}/bookings`;
        const told = { ...booking(bookingId, 'zoe', history.version(slotId), [toldClaim(`A${seat}`)], start), slotId };
        const request = { ...bookingRequest(bookingId, 'zoe', { units: [`A${seat}`] }), path };
        history.records.push({ client: 'zoe', request, ...instants, answer: answer(slotId, 201, told) });
        const refused = { code: 'seats-taken', unavailable: [{ unitId: `A${seat}`, status: 'held' }] };
        const again = { ...bookingRequest(`${bookingId}-late`, 'yan', { units: [`A${seat}`] }), path };
        history.records.push({ client: 'yan', request: again, ...instants, answer: answer(slotId, 409, refused) });
      }
      history.seconds += 600;
      for (let seat = 0; seat < SEATS / 2; seat += 1) {
        const lapsed = { bookingId: `${slotId}.${round}-${seat}`, customerId: 'zoe', claims: [claim(`A${seat}`)] };
        log(slotId, 'BookingExpired', { ...lapsed, expiresAt: T0 + history.seconds * 1000 });
      }
    }
  }
  return history;
}

describe('a history of a hundred thousand events and answers', function () {
  this.timeout(120_000);

  it('is judged in seconds, down to one answer that is wrong', () => {
    const history = largeHistory();
    const begun = performance.now();
    const { faults, events, records, notJudged } = history.check();
    const seconds = (performance.now() - begun) / 1000;
    console.log(`      ${events} events and ${records} records judged in ${seconds.toFixed(1)} s`);

    expect(faults).to.deep.equal([]);
    expect([...notJudged]).to.deep.equal([]);
    expect(events + records).to.be.greaterThan(100_000);

    history.respond(20_001, { unavailable: [{ unitId: 'A1', status: 'sold' }] });
    expect(history.check().faultCount).to.equal(1);
  });
});
