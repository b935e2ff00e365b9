import { expect } from 'chai';
import { header, type Reply } from '../../http/client.ts';
import { aShow, aTrip, at, each, expectProblem, inHours, seen, withService } from '../../support/contract.ts';
import { withAndWithoutRedis } from '../../support/redis.ts';

withAndWithoutRedis('the contract on what operators do', function (layers) {
  this.timeout(30_000);
  const api = withService(layers);

  const counts = (reply: Reply) => at(reply.body, '/counts');
  const unit = async (slotId: string, unitId: string, after: Reply) => {
    const { body } = await api.ok(200, api.get(`/slots/${slotId}/seats`, seen(after)));
    return (at(body, '/units') as readonly Record<string, unknown>[]).find((one) => one.unitId === unitId);
  };

  describe('PATCH', () => {
    it('needs If-Match, and merges what it is given', async () => {
      const opened = await api.open(
        aShow('patched', { venue: { venueId: 'v', name: 'Globe', city: 'London' }, metadata: { a: '1', b: '2' }, reference: 'r' }),
      );
      const body = {
        title: 'Macbeth',
        venue: { name: 'Rose' },
        startsAt: inHours(72),
        endsAt: inHours(75),
        salesFrom: inHours(1),
        salesUntil: inHours(70),
        policy: { holdSeconds: 300 },
        reference: null,
        metadata: { a: null, c: '3' },
      };
      expectProblem(await api.patch('/slots/patched', body), 428, 'precondition-required');

      const patched = await api.ok(200, api.patch('/slots/patched', body, { 'If-Match': header(opened, 'ETag') }));

      const expected = {
        ...{ title: 'Macbeth', venue: { venueId: 'v', name: 'Rose', city: 'London' }, startsAt: inHours(72), endsAt: inHours(75) },
        ...{ salesFrom: inHours(1), salesUntil: inHours(70), reference: null, metadata: { b: '2', c: '3' }, version: 2 },
      };
      for (const reply of [patched, await api.get('/slots/patched', seen(patched))]) {
        expect(reply.body).to.deep.include(expected);
        expect(at(reply.body, '/policy')).to.include({
          holdSeconds: 300,
          maxHoldSeconds: 1_800,
          maxUnitsPerBooking: 10,
          orphanSeats: 'allow',
        });
      }
      expectProblem(await api.patch('/slots/patched', body, { 'If-Match': header(opened, 'ETag') }), 412, 'stale-version');
      expectProblem(await api.book('patched', { units: ['A1'] }), 409, 'not-on-sale');
    });

    it('changes nothing else', async () => {
      const opened = await api.open(aShow('patched-not'));
      for (const [field, value] of [
        ['category', 'opera'],
        ['currency', 'EUR'],
        ['units', []],
        ['slotId', 'x'],
        ['status', 'CLOSED'],
      ] as const) {
        const reply = await api.patch('/slots/patched-not', { [field]: value }, { 'If-Match': header(opened, 'ETag') });
        expectProblem(reply, 400, 'invalid-input');
        expect(at(reply.body, '/errors/0/pointer')).to.equal(`/${field}`);
      }
    });
  });

  it('units are added, and counted', async () => {
    await api.open(aShow('added', { status: 'CLOSED', units: [] }));
    const first = await api.ok(200, api.post('/slots/added/units', { units: aShow('').units }));
    expect(counts(first)).to.deep.equal({ capacity: 25, free: 25, held: 0, sold: 0, blocked: 0 });
    expect(header(first, 'ETag')).to.equal(`"${at(first.body, '/version')}"`);
    const again = await api.post('/slots/added/units', { units: [{ unitId: 'A1', category: 'gold', price: 1 }] });
    expect(again.status).to.be.within(400, 499);
    expectProblem(await api.book('added', { units: ['A1'] }), 409, 'slot-closed');
    await api.ok(200, api.post('/slots/added/reopen'));
    await api.hold('added', { units: ['A1'] });
  });

  it('units change price, category and capacity; what is sold keeps its price', async () => {
    await api.open(aShow('changed'));
    const held = await api.hold('changed', { units: ['A1', { unitId: 'yard', quantity: 4 }] });
    const changes = [
      { unitId: 'A1', price: 9_900, category: 'platinum' },
      { unitId: 'yard', capacity: 30, price: 700 },
    ];
    const changed = await api.ok(200, api.post('/slots/changed/units/change', { units: changes }));
    expect(counts(changed)).to.deep.equal({ capacity: 35, free: 30, held: 5, sold: 0, blocked: 0 });
    expect(await unit('changed', 'A1', changed)).to.include({ price: 9_900, category: 'platinum', status: 'held' });
    expect(await unit('changed', 'yard', changed)).to.include({ price: 700, capacity: 30, free: 26, held: 4 });
    const confirmed = await api.ok(200, api.post(`/bookings/${held}/confirm`, { paymentReference: 'p' }));
    expect(at(confirmed.body, '/total/amount')).to.equal(4_500 + 4 * 500);
    const later = await api.ok(201, api.book('changed', { units: [{ unitId: 'yard', quantity: 1 }] }));
    expect(at(later.body, '/total/amount')).to.equal(700);
    expect((await api.post('/slots/changed/units/change', { units: [{ unitId: 'yard', capacity: 3 }] })).status).to.equal(409);
    expectProblem(await api.post('/slots/changed/units/change', { units: [{ unitId: 'Z9', price: 1 }] }), 422, 'unknown-unit');
  });

  it('units are blocked and unblocked, in part and over a span, but not what is claimed', async () => {
    await api.open(aShow('blocked', { policy: { maxUnitsPerBooking: 20 } }));
    await api.hold('blocked', { units: ['A1', { unitId: 'yard', quantity: 15 }] });
    const blocked = await api.ok(
      200,
      api.post('/slots/blocked/units/block', { units: ['A2', { unitId: 'yard', quantity: 5 }], reason: 'camera' }),
    );
    expect(counts(blocked)).to.deep.equal({ capacity: 25, free: 3, held: 16, sold: 0, blocked: 6 });
    for (const units of [['A1'], [{ unitId: 'yard', quantity: 1 }]]) {
      const reply = await api.post('/slots/blocked/units/block', { units, reason: 'x' });
      expectProblem(reply, 409, 'seats-taken');
      expect(at(reply.body, '/unavailable/0/status')).to.be.a('string');
    }
    const refused = await api.book('blocked', { units: ['A2'] });
    expect(at(refused.body, '/unavailable')).to.deep.equal([{ unitId: 'A2', status: 'blocked' }]);
    const unblocked = await api.ok(200, api.post('/slots/blocked/units/unblock', { units: ['A2', { unitId: 'yard', quantity: 2 }] }));
    expect(counts(unblocked)).to.deep.equal({ capacity: 25, free: 6, held: 16, sold: 0, blocked: 3 });
    await api.hold('blocked', { units: ['A2'] });

    await api.open(aTrip('blocked-trip'));
    const span = { fromStop: 'leeds', toStop: 'derby' };
    await api.ok(200, api.post('/slots/blocked-trip/units/block', { units: ['1A'], span, reason: 'broken' }));
    expectProblem(await api.book('blocked-trip', { units: ['1A'], span: { fromStop: 'york', toStop: 'london' } }), 409, 'seats-taken');
    await api.hold('blocked-trip', { units: ['1A'], span: { fromStop: 'derby', toStop: 'london' } });
  });

  it('units are withdrawn for good, but not what is claimed', async () => {
    await api.open(aShow('withdrawn', { policy: { maxUnitsPerBooking: 20 } }));
    await api.hold('withdrawn', { units: ['A1', { unitId: 'yard', quantity: 15 }] });
    const done = await api.ok(
      200,
      api.post('/slots/withdrawn/units/withdraw', { units: ['A2', { unitId: 'yard', quantity: 5 }], reason: 'fire exit' }),
    );
    expect(counts(done)).to.deep.equal({ capacity: 19, free: 3, held: 16, sold: 0, blocked: 0 });
    expect(await unit('withdrawn', 'A2', done)).to.equal(undefined);
    expectProblem(await api.post('/slots/withdrawn/units/withdraw', { units: ['A1'], reason: 'x' }), 409, 'seats-taken');
    expectProblem(await api.book('withdrawn', { units: ['A2'] }), 422, 'unknown-unit');
  });

  it('a closed slot takes no new holds, but existing ones confirm; reopened it sells again', async () => {
    await api.open(aShow('closed'));
    const held = await api.hold('closed', { units: ['A1'] });
    const closed = await api.ok(200, api.post('/slots/closed/close', { reason: 'storm' }));
    expect(at(closed.body, '/status')).to.equal('CLOSED');
    expectProblem(await api.book('closed', { units: ['A2'] }), 409, 'slot-closed');
    await api.ok(200, api.post(`/bookings/${held}/confirm`, { paymentReference: 'p' }));
    const reopened = await api.ok(200, api.post('/slots/closed/reopen', { reason: 'calm' }));
    expect(at(reopened.body, '/status')).to.equal('OPEN');
    await api.hold('closed', { units: ['A2'] });
  });

  it('a cancelled slot takes its bookings with it', async () => {
    await api.open(aShow('cancelled'));
    const held = await api.hold('cancelled', { units: ['A1'] });
    const sold = await api.hold('cancelled', { units: ['A2'], confirm: { paymentReference: 'p' } });
    const cancelled = await api.ok(200, api.post('/slots/cancelled/cancel', { reason: 'ill' }));
    expect(at(cancelled.body, '/status')).to.equal('CANCELLED');
    expectProblem(await api.book('cancelled', { units: ['A3'] }), 409, 'slot-cancelled');
    const confirm = await api.post(`/bookings/${held}/confirm`, { paymentReference: 'p' });
    expect(confirm.status).to.equal(409);
    expect(at(confirm.body, '/booking/bookingId')).to.equal(held);
    for (const deed of ['reopen', 'close']) expectProblem(await api.post(`/slots/cancelled/${deed}`), 409, 'slot-cancelled');
    // What a process does with each booking is in the log soon after; the last of it shows in the list.
    let left: readonly unknown[] = [held, sold];
    for (const deadline = Date.now() + 5_000; left.length > 0 && Date.now() < deadline; ) {
      const list = await api.ok(200, api.get('/bookings?slotId=cancelled', seen(cancelled)));
      left = each(list.body, '/items', '/status').filter((status) => status !== 'CANCELLED');
    }
    expect(left).to.deep.equal([]);
    expect(each((await api.get('/slots?status=CANCELLED', seen(cancelled))).body, '/items', '/slotId')).to.include('cancelled');
  });
});
