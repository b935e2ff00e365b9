import { expect } from 'chai';
import { header } from '../../http/client.ts';
import { aFleet, aShow, aTrip, at, each, expectProblem, inHours, seen, withService } from '../../support/contract.ts';
import { withAndWithoutRedis } from '../../support/redis.ts';

withAndWithoutRedis('the contract on bookings', function (layers) {
  this.timeout(30_000);
  const api = withService(layers);

  const seconds = (from: unknown, to: unknown) => (Date.parse(String(to)) - Date.parse(String(from))) / 1_000;
  const ids = (body: unknown) => each(body, '/claims', '/unitId');

  describe('a new one', () => {
    it('of named units answers with everything that the contract lists', async () => {
      await api.open(aShow('named'));
      const wanted = { units: ['A1', 'A2'], expectedTotal: 9_000, reference: 'order-81', metadata: { via: 'web' } };
      const booked = await api.ok(201, api.book('named', wanted));
      const bookingId = String(at(booked.body, '/bookingId'));
      expect(header(booked, 'Location')).to.equal(`/api/v1/bookings/${bookingId}`);
      const claim = { quantity: 1, price: 4_500, amount: 4_500 };
      expect(booked.body).to.deep.include({
        ...{ slotId: 'named', customerId: 'c-17', status: 'HELD', adjacent: true, confirmedAt: null, released: [] },
        ...{ reference: 'order-81', metadata: { via: 'web' }, total: { amount: 9_000, currency: 'GBP' } },
        claims: [
          { unitId: 'A1', ...claim },
          { unitId: 'A2', ...claim },
        ],
      });
      expect(seconds(at(booked.body, '/requestedAt'), at(booked.body, '/expiresAt'))).to.equal(600);
      expect(seconds(at(booked.body, '/requestedAt'), at(booked.body, '/maxExpiresAt'))).to.equal(1_800);
      const read = await api.ok(200, api.get(`/bookings/${bookingId}`, seen(booked)));
      expect(read.body).to.deep.equal(booked.body);
      // The id tells the slot, so that it can be routed.
      expect(bookingId).to.match(/^named\../);
    });

    it('of the best available keeps together, in the category and with the accessible units asked for', async () => {
      const row = ['1', '2', '3', '4', '5', '6'].map((number) => ({
        ...{ unitId: `A${number}`, row: 'A', number, category: 'gold', price: 100 },
        ...(number === '3' ? { gapAfter: true } : {}),
        ...(number === '6' ? { accessible: true } : {}),
      }));
      await api.open(aShow('best', { units: [...row, { unitId: 'B1', row: 'B', number: '1', category: 'silver', price: 50 }] }));
      const best = (wanted: object) => api.book('best', { bestAvailable: wanted });

      expectProblem(await best({ quantity: 4, category: 'gold', adjacent: true }), 409, 'not-adjacent');
      const three = await api.ok(201, best({ quantity: 3, category: 'gold', adjacent: true }));
      expect([ids(three.body), at(three.body, '/adjacent')]).to.deep.equal([['A1', 'A2', 'A3'], true]);
      const scattered = await api.ok(201, best({ quantity: 3 }));
      expect(ids(scattered.body)).to.have.members(['A4', 'A5', 'B1']);
      expect(at(scattered.body, '/adjacent')).to.equal(false);
      // The accessible one goes only to those who ask for it.
      expectProblem(await best({ quantity: 1 }), 409, 'sold-out');
      expect(ids((await api.ok(201, best({ quantity: 1, accessible: 1 }))).body)).to.deep.equal(['A6']);
    });

    it('of a quantity counts it, by name or in an object', async () => {
      await api.open(aShow('quantity'));
      const booked = await api.ok(201, api.book('quantity', { units: ['A1', { unitId: 'yard', quantity: 3 }] }));
      expect(at(booked.body, '/claims')).to.deep.equal([
        { unitId: 'A1', quantity: 1, price: 4_500, amount: 4_500 },
        { unitId: 'yard', quantity: 3, price: 500, amount: 1_500 },
      ]);
      expect(at((await api.ok(201, api.book('quantity', { units: ['yard'] }))).body, '/claims/0/quantity')).to.equal(1);
    });

    it('over a span is priced by the stop, or by the hour begun', async () => {
      await api.open(aTrip('by-stop'));
      const span = { fromStop: 'york', toStop: 'derby' };
      const ride = await api.ok(201, api.book('by-stop', { units: ['1A'], span }));
      expect(at(ride.body, '/claims')).to.deep.equal([{ unitId: '1A', quantity: 1, price: 150, amount: 300, span }]);
      expect(at((await api.ok(201, api.book('by-stop', { units: ['1B'] }))).body, '/total/amount')).to.equal(450);

      await api.open(aFleet('by-hour'));
      const hours = { from: inHours(48), to: inHours(50).replace(':00:00Z', ':10:00Z') };
      const drive = await api.ok(201, api.book('by-hour', { bestAvailable: { quantity: 1 }, span: hours }));
      expect(at(drive.body, '/claims/0')).to.deep.include({ price: 900, amount: 2_700, span: hours });
      expect(at(drive.body, '/total')).to.deep.equal({ amount: 2_700, currency: 'EUR' });
    });

    it('may be confirmed in the same breath', async () => {
      await api.open(aShow('at-once'));
      const booked = await api.ok(201, api.book('at-once', { units: ['A1'], confirm: { paymentReference: 'pay-1' } }));
      expect(booked.body).to.include({ status: 'CONFIRMED' });
      expect(at(booked.body, '/confirmedAt')).to.equal(at(booked.body, '/requestedAt'));
    });
  });

  describe('confirm', () => {
    it('sells what is held, is the same for the same payment, and refuses another', async () => {
      await api.open(aShow('confirm'));
      const held = await api.hold('confirm', { units: ['A1'] });
      const first = await api.ok(200, api.post(`/bookings/${held}/confirm`, { paymentReference: 'pay-1' }));
      expect(first.body).to.include({ status: 'CONFIRMED' });
      const again = await api.ok(200, api.post(`/bookings/${held}/confirm`, { paymentReference: 'pay-1' }));
      expect(again.body).to.deep.equal(first.body);
      expect(header(again, 'Idempotent-Replay')).to.equal('true');
      const other = await api.post(`/bookings/${held}/confirm`, { paymentReference: 'pay-2' });
      expectProblem(other, 409, 'already-confirmed');
      expect(at(other.body, '/booking')).to.deep.equal(first.body);
    });

    it('of a part releases the rest in the same event', async () => {
      await api.open(aShow('part'));
      const held = await api.hold('part', { units: ['A1', 'A2', { unitId: 'yard', quantity: 3 }] });
      const body = { paymentReference: 'p', units: ['A2', { unitId: 'yard', quantity: 1 }] };
      const confirmed = await api.ok(200, api.post(`/bookings/${held}/confirm`, body));
      expect(at(confirmed.body, '/claims')).to.deep.equal([
        { unitId: 'A2', quantity: 1, price: 4_500, amount: 4_500 },
        { unitId: 'yard', quantity: 1, price: 500, amount: 500 },
      ]);
      expect(each(confirmed.body, '/released', '/unitId')).to.deep.equal(['A1', 'yard']);
      expect(each(confirmed.body, '/released', '/quantity')).to.deep.equal([1, 2]);
      expect(at(confirmed.body, '/total/amount')).to.equal(5_000);
      await api.hold('part', { units: ['A1'] });
      const { body: log } = await api.ok(200, api.get('/audit/streams/slot-part/events?fromVersion=4'));
      expect(each(log, '/items', '/type').slice(0, 1)).to.deep.equal(['BookingConfirmed']);
      expect(each(at(log, '/items/0/data'), '/released', '/unitId')).to.deep.equal(['A1', 'yard']);
    });
  });

  it('cancel gives back a part or the whole, before and after it is sold', async () => {
    await api.open(aShow('cancel'));
    const held = await api.hold('cancel', { units: ['A1', 'A2', { unitId: 'yard', quantity: 3 }] });
    const part = await api.ok(
      200,
      api.post(`/bookings/${held}/cancel`, { units: ['A1', { unitId: 'yard', quantity: 2 }], reason: 'fewer' }),
    );
    expect(part.body).to.deep.include({ status: 'HELD', total: { amount: 5_000, currency: 'GBP' } });
    expect(at(part.body, '/released/0')).to.include({ unitId: 'A1', quantity: 1, reason: 'cancelled' });
    await api.hold('cancel', { units: ['A1'] });
    await api.ok(200, api.post(`/bookings/${held}/confirm`, { paymentReference: 'p' }));
    const whole = await api.ok(200, api.post(`/bookings/${held}/cancel`, { reason: 'ill' }));
    expect(whole.body).to.deep.include({ status: 'CANCELLED', claims: [] });
    expect(each(whole.body, '/released', '/unitId')).to.deep.equal(['A1', 'yard', 'A2', 'yard']);
    const again = await api.post(`/bookings/${held}/confirm`, { paymentReference: 'q' });
    expect(again.status).to.equal(409);
    expect(at(again.body, '/booking/status')).to.equal('CANCELLED');
  });

  it('a quantity unit named by its id alone is all that the booking has of it, and one where it gets more', async () => {
    await api.open(aShow('by-name'));
    const five = { unitId: 'yard', quantity: 5 };
    const after = async (bookingId: string, step: string, body: object) => {
      const { body: booking } = await api.ok(200, api.post(`/bookings/${bookingId}/${step}`, body));
      const named = (where: string) =>
        each(booking, where, '/unitId').map((unitId, at) => `${each(booking, where, '/quantity')[at]} ${unitId}`);
      return { has: named('/claims'), gave: named('/released') };
    };
    const paid = await api.hold('by-name', { units: ['A1', 'A2', five] });
    const sold = await after(paid, 'confirm', { paymentReference: 'p', units: ['A1', 'yard'] });
    expect(sold).to.deep.equal({ has: ['1 A1', '5 yard'], gave: ['1 A2'] });
    expect(await after(paid, 'cancel', { units: ['yard'] })).to.deep.equal({ has: ['1 A1'], gave: ['1 A2', '5 yard'] });
    const held = await api.hold('by-name', { units: [five] });
    expect(await after(held, 'change', { add: ['yard'] })).to.deep.equal({ has: ['6 yard'], gave: [] });
    expect(await after(held, 'change', { add: ['A2'], drop: ['yard'] })).to.deep.equal({ has: ['1 A2'], gave: ['6 yard'] });
  });

  it('extend-hold counts from now, never shortens, and ends at the cap', async () => {
    await api.open(aShow('extend', { policy: { holdSeconds: 600, maxHoldSeconds: 900 } }));
    const held = await api.hold('extend', { units: ['A1'] });
    const extend = (by: number) => api.post(`/bookings/${held}/extend-hold`, { seconds: by });
    const same = await api.ok(200, extend(1));
    expect(seconds(at(same.body, '/requestedAt'), at(same.body, '/expiresAt'))).to.equal(600);
    const longer = await api.ok(200, extend(800));
    expect(seconds(at(longer.body, '/requestedAt'), at(longer.body, '/expiresAt'))).to.be.within(800, 810);
    const capped = await api.ok(200, extend(5_000));
    expect(at(capped.body, '/expiresAt')).to.equal(at(capped.body, '/maxExpiresAt'));
    const refused = await extend(5_000);
    expectProblem(refused, 422, 'hold-cap-reached');
    expect(at(refused.body, '/maxExpiresAt')).to.equal(at(capped.body, '/maxExpiresAt'));
  });

  it('change adds and drops in one step, keeps id and expiry, and is over once it is sold', async () => {
    await api.open(aShow('change'));
    const booked = await api.ok(201, api.book('change', { units: ['A1', 'A2'] }));
    const held = String(at(booked.body, '/bookingId'));
    await api.hold('change', { units: ['A5'] });
    const change = (body: object) => api.post(`/bookings/${held}/change`, body);
    const refused = await change({ add: ['A3', 'A5'], drop: ['A1'] });
    expectProblem(refused, 409, 'seats-taken');
    expect(ids(at(refused.body, '/booking'))).to.deep.equal(['A1', 'A2']);
    expectProblem(await change({ add: ['A3'], drop: ['A1'], expectedTotal: 1 }), 409, 'price-changed');
    const changed = await api.ok(200, change({ add: ['A3'], drop: ['A1'], expectedTotal: 9_000 }));
    expect(ids(changed.body)).to.have.members(['A2', 'A3']);
    for (const field of ['/bookingId', '/expiresAt', '/requestedAt']) expect(at(changed.body, field)).to.equal(at(booked.body, field));
    await api.hold('change', { units: ['A1'] });
    await api.ok(200, api.post(`/bookings/${held}/confirm`, { paymentReference: 'p' }));
    expectProblem(await change({ add: ['A4'] }), 409, 'already-confirmed');
  });

  it('a hold that lapsed is gone at that instant: others book, and its own confirm comes too late', async () => {
    await api.open(aShow('lapse', { policy: { holdSeconds: 1, maxHoldSeconds: 1 } }));
    const held = await api.hold('lapse', { units: ['A1'] });
    let next = await api.book('lapse', { units: ['A1'] });
    for (const deadline = Date.now() + 5_000; next.status === 409 && Date.now() < deadline; )
      next = await api.book('lapse', { units: ['A1'] });
    expect(next.status, next.text).to.equal(201);
    for (const [deed, body] of [
      ['confirm', { paymentReference: 'p' }],
      ['extend-hold', { seconds: 60 }],
      ['change', { add: ['A2'] }],
    ] as const) {
      const late = await api.post(`/bookings/${held}/${deed}`, body);
      expectProblem(late, 410, 'hold-expired');
      expect(at(late.body, '/booking')).to.include({ bookingId: held, status: 'EXPIRED' });
    }
    expect((await api.ok(200, api.get(`/bookings/${held}`, seen(next)))).body).to.include({ status: 'EXPIRED' });
  });

  it('are listed newest first, by everything that can be asked for, page by page', async () => {
    await api.open(aShow('listed'));
    const customerId = 'c/é 1';
    const list: string[] = [];
    for (const [unitId, reference] of [
      ['A1', 'r-1'],
      ['A2', 'r-2'],
      ['A3', 'r-3'],
    ])
      list.unshift(await api.hold('listed', { customerId, units: [unitId], reference }));
    const last = await api.ok(200, api.post(`/bookings/${list[0]}/confirm`, { paymentReference: 'p' }));
    const requestedAt = String(at(last.body, '/requestedAt'));
    const found = async (path: string) => each((await api.ok(200, api.get(path, seen(last)))).body, '/items', '/bookingId');

    const own = `/customers/${encodeURIComponent(customerId)}/bookings`;
    expect(await found(own)).to.deep.equal(list);
    expect(await found('/customers/nobody/bookings')).to.deep.equal([]);
    for (const [query, expected] of [
      ['slotId=listed', list],
      [`customerId=${encodeURIComponent(customerId)}&status=HELD`, list.slice(1)],
      ['slotId=listed&reference=r-2', [list[1]]],
      ['slotId=listed&unitId=A1', [list[2]]],
      ['slotId=listed&status=CONFIRMED', [list[0]]],
      [`slotId=listed&from=${requestedAt}`, [list[0]]],
      [`slotId=listed&to=${requestedAt}`, list.slice(1)],
    ] as const)
      expect(await found(`/bookings?${query}`), query).to.deep.equal(expected);

    const page = await api.ok(200, api.get(`${own}?limit=2`, seen(last)));
    expect(each(page.body, '/items', '/bookingId')).to.deep.equal(list.slice(0, 2));
    expect(await found(`${own}?limit=2&cursor=${encodeURIComponent(String(at(page.body, '/nextCursor')))}`)).to.deep.equal(list.slice(2));
    expectProblem(await api.get('/bookings/listed.nothing'), 404, 'booking-not-found');
  });
});
