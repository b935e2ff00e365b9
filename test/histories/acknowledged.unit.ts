import { expect } from 'chai';
import { CLAIMS_A3, hold } from './damages/damage.ts';
import type { ClientRequest, Json } from './history.ts';
import { at, bookingRequest, type MadeHistory, POLICY, patch, post, summary, T0 } from './made-history.ts';
import { rightHistory } from './right-history.ts';

const COUNTS = { capacity: 7, free: 3, held: 0, sold: 3, blocked: 1 };

/** Asks, and is told that it was done, as of the present version. */
function done(history: MadeHistory, request: ClientRequest, body: Json): void {
  history.ask('operator', request, 200, body);
}

/** Answers the last request again, as a replay of the answer that was given. */
function replay(history: MadeHistory, index: number): void {
  const record = history.records.at(index)!;
  history.seconds += 1;
  history.records.push({ ...record, startedAt: history.now - 500, endedAt: history.now, answer: { ...record.answer!, replayed: true } });
}

describe('what is acknowledged', () => {
  it('may have no event where nothing was left to be done', () => {
    const history = rightHistory();
    const told = summary({ version: 16, counts: COUNTS });
    done(history, post('/slots/show/reopen', {}), told);
    done(history, post('/slots/show/units/block', { units: ['A4'] }), told);
    done(history, post('/slots/show/units/unblock', { units: ['A3'] }), told);
    done(history, post('/slots/show/units/change', { units: [{ unitId: 'A3', price: 4500 }] }), told);
    done(history, patch({ title: 'Hamlet', metadata: {}, policy: { holdSeconds: 600 } }, 16), told);

    expect(history.check().faults).to.deep.equal([]);
  });

  it('may be that a cancelled booking is cancelled once more, and in part', () => {
    const history = rightHistory();
    hold(history, 'show.z', CLAIMS_A3);
    const data = { bookingId: 'show.z', customerId: 'zoe', claims: CLAIMS_A3, previousStatus: 'HELD', reason: null };
    const released = [{ unitId: 'A3', quantity: 1, reason: 'cancelled', at: at(history.seconds) }];
    history.log('show', 'BookingCancelled', data);
    const { body } = history.records.at(-1)!.answer!;
    const gone = { ...body, status: 'CANCELLED', version: 19, claims: [], released, total: { amount: 0, currency: 'GBP' } };
    for (const wish of [{}, {}, { units: ['A3'] }]) done(history, post('/bookings/show.z/cancel', wish), gone);

    expect(history.check().faults).to.deep.equal([]);
  });

  it('may be told again to those who repeat it with its key, or pay by the same payment', () => {
    const history = rightHistory();
    const paid = history.records.findIndex(({ request }) => request.path === '/bookings/show.a/confirm');
    for (const index of [0, paid, history.records.findIndex(({ request }) => request.key === 'key-c')]) replay(history, index);

    expect(history.check().faults).to.deep.equal([]);
  });

  it('may be a patch that sets, merges and removes', () => {
    const history = rightHistory();
    const patches: readonly (readonly [asked: Json, changes: Json])[] = [
      [
        { venue: { name: 'Globe', city: 'London' }, reference: 'hall-7' },
        { venue: { name: 'Globe', city: 'London' }, reference: 'hall-7' },
      ],
      [
        { venue: { city: null }, reference: null },
        { venue: { name: 'Globe' }, reference: null },
      ],
      [{ venue: null, title: 'Hamlet' }, { venue: null }],
      [{ metadata: { season: '2027', hall: '7' } }, { metadata: { season: '2027', hall: '7' } }],
      [{ metadata: { hall: null } }, { metadata: { season: '2027' } }],
      [{ metadata: null }, { metadata: {} }],
      [{ salesUntil: '2027-01-11T01:00:00+01:00' }, { salesUntil: T0 + 12 * 3_600_000 }],
      [{ policy: { maxUnitsPerBooking: 2 } }, { policy: { ...POLICY, maxUnitsPerBooking: 2 } }],
    ];
    for (const [asked, changes] of patches) {
      const version = history.version('show');
      history.log('show', 'SlotChanged', { changes });
      history.lose('operator', patch(asked, version));
    }

    expect(history.check().faults).to.deep.equal([]);
  });
});

describe('a key', () => {
  const wish = { units: ['A3'] };
  const taken = { code: 'seats-taken', unavailable: [{ unitId: 'A3', status: 'held' }] };

  it('may be decided afresh while nothing was done by it', () => {
    const history = rightHistory();
    hold(history, 'show.y', CLAIMS_A3);
    history.lose('zoe', bookingRequest('show.z', 'zoe', wish));
    history.ask('zoe', bookingRequest('show.z', 'zoe', wish), 409, taken);
    history.ask('zoe', bookingRequest('show.z', 'zoe', { units: ['A1'] }), 409, {
      ...taken,
      unavailable: [{ unitId: 'A1', status: 'sold' }],
    });

    expect(history.check().faults).to.deep.equal([]);
  });

  it('is told to be used by those who do something else with it, once it did something', () => {
    const history = rightHistory();
    hold(history, 'show.z', CLAIMS_A3);
    history.ask('zoe', bookingRequest('show.z', 'zoe', { units: ['A1'] }), 422, { code: 'idempotency-key-reused' });

    expect(history.check().faults).to.deep.equal([]);
  });

  it('may be forgotten a day after its booking ended, and not before', () => {
    const refusedAfter = (hours: number) => {
      const history = rightHistory();
      hold(history, 'show.z', CLAIMS_A3);
      const { request } = history.records.at(-1)!;
      history.seconds += 600;
      const lapsed = { bookingId: 'show.z', customerId: 'zoe', claims: CLAIMS_A3, expiresAt: history.now };
      history.log('show', 'BookingExpired', { ...lapsed, expiresAt: T0 + (history.seconds - 1) * 1_000 });
      history.log('show', 'SlotClosed', { reason: null });
      history.lose('operator', post('/slots/show/close', {}));
      history.seconds += hours * 3_600;
      history.ask('zoe', request, 409, { code: 'slot-closed' });
      return history.check().faults.map(({ what }) => what.split(':')[0]);
    };

    expect(refusedAfter(23)).to.deep.equal(['what the key had done was refused']);
    expect(refusedAfter(25)).to.deep.equal([]);
  });
});
