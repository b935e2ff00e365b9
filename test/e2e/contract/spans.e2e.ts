import { expect } from 'chai';
import { aFleet, aShow, aTrip, at, each, expectProblem, inHours, seen, withService } from '../../support/contract.ts';
import { withAndWithoutRedis } from '../../support/redis.ts';

withAndWithoutRedis('the contract on availability and seats', function (layers) {
  this.timeout(30_000);
  const api = withService(layers);

  const statuses = (body: unknown) => each(body, '/units', '/status');

  it('of one occasion: by category with the range of prices, and by unit', async () => {
    const units = [...aShow('').units, { unitId: 'A6', section: 'Stalls', row: 'A', number: '6', category: 'gold', price: 6_000 }];
    await api.open(aShow('whole', { units }));
    await api.hold('whole', { units: ['A1', { unitId: 'yard', quantity: 3 }] });
    const sold = await api.hold('whole', { units: ['A2', { unitId: 'yard', quantity: 2 }] });
    const last = await api.ok(200, api.post(`/bookings/${sold}/confirm`, { paymentReference: 'p' }));
    const blocked = await api.ok(
      200,
      api.post('/slots/whole/units/block', { units: ['A3', { unitId: 'yard', quantity: 5 }], reason: 'camera' }),
    );

    const availability = await api.ok(200, api.get('/slots/whole/availability', seen(blocked)));
    expect(availability.body).to.deep.equal({
      slotId: 'whole',
      version: at(blocked.body, '/version'),
      categories: [
        { category: 'gold', price: 4_500, maxPrice: 6_000, capacity: 6, free: 3 },
        { category: 'standing', price: 500, maxPrice: 500, capacity: 20, free: 10 },
      ],
    });
    const seats = await api.ok(200, api.get('/slots/whole/seats', seen(blocked)));
    expect(each(seats.body, '/units', '/unitId')).to.deep.equal(['A1', 'A2', 'A3', 'A4', 'A5', 'yard', 'A6']);
    expect(statuses(seats.body).filter((_, index) => index !== 5)).to.deep.equal(['held', 'sold', 'blocked', 'free', 'free', 'free']);
    expect(at(seats.body, '/units/5')).to.deep.include({ unitId: 'yard', capacity: 20, free: 10, held: 3, sold: 2, blocked: 5 });
    expect(at(seats.body, '/units/0/heldUntil')).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(at((await api.get('/slots/whole', seen(last))).body, '/counts')).to.deep.equal({
      capacity: 26,
      free: 13,
      held: 4,
      sold: 3,
      blocked: 6,
    });
    expectProblem(await api.get('/slots/whole/seats?fromStop=a&toStop=b'), 422, 'span-invalid');
  });

  it('of a trip: from stop to stop, and without a span the whole trip', async () => {
    await api.open(aTrip('stops'));
    await api.hold('stops', { units: ['1A'], span: { fromStop: 'york', toStop: 'leeds' } });
    const sold = await api.hold('stops', { units: ['1A', '1B'], span: { fromStop: 'derby', toStop: 'london' } });
    await api.post(`/bookings/${sold}/confirm`, { paymentReference: 'p' });
    const span = { fromStop: 'leeds', toStop: 'derby' };
    const last = await api.ok(200, api.post('/slots/stops/units/block', { units: ['1C'], span, reason: 'broken' }));

    for (const [query, expected, free] of [
      ['', ['sold', 'sold', 'blocked'], 0],
      ['?fromStop=york&toStop=london', ['sold', 'sold', 'blocked'], 0],
      ['?fromStop=york&toStop=leeds', ['held', 'free', 'free'], 2],
      ['?fromStop=leeds&toStop=derby', ['free', 'free', 'blocked'], 2],
      ['?fromStop=york&toStop=derby', ['held', 'free', 'blocked'], 1],
      ['?fromStop=derby&toStop=london', ['sold', 'sold', 'free'], 1],
    ] as const) {
      const seats = await api.ok(200, api.get(`/slots/stops/seats${query}`, seen(last)));
      expect(statuses(seats.body), query).to.deep.equal(expected);
      const availability = await api.ok(200, api.get(`/slots/stops/availability${query}`, seen(last)));
      expect(at(availability.body, '/categories/0'), query).to.deep.include({ category: 'seat', capacity: 3, free });
    }
    for (const [query, status, code] of [
      ['fromStop=london&toStop=york', 422, 'span-invalid'],
      ['fromStop=york&toStop=york', 422, 'span-invalid'],
      ['fromStop=york&toStop=paris', 422, 'span-invalid'],
      [`from=${inHours(48)}&to=${inHours(49)}`, 422, 'span-invalid'],
      ['fromStop=york', 400, 'invalid-input'],
    ] as const) {
      expectProblem(await api.get(`/slots/stops/seats?${query}`), status, code);
      expectProblem(await api.get(`/slots/stops/availability?${query}`), status, code);
    }
  });

  it('of a fleet: from one instant to another, with the buffer behind each booking, and never without a span', async () => {
    await api.open(aFleet('time'));
    const last = await api.ok(201, api.book('time', { units: ['car-1'], span: { from: inHours(50), to: inHours(52) } }));
    const minutes = (hours: number, more: number) => new Date(Date.parse(inHours(hours)) + more * 60_000).toISOString();

    for (const [from, to, status] of [
      [inHours(50), inHours(52), 'held'],
      [inHours(51), inHours(60), 'held'],
      [inHours(48), inHours(50), 'held'],
      [inHours(48), minutes(49, 30), 'free'],
      [minutes(52, 29), inHours(54), 'held'],
      [minutes(52, 30), inHours(54), 'free'],
    ] as const) {
      const query = `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
      const seats = await api.ok(200, api.get(`/slots/time/seats?${query}`, seen(last)));
      expect(statuses(seats.body), query).to.deep.equal([status, 'free']);
      const availability = await api.ok(200, api.get(`/slots/time/availability?${query}`, seen(last)));
      expect(at(availability.body, '/categories/0'), query).to.deep.include({ capacity: 2, free: status === 'free' ? 2 : 1 });
      // The offer and the booking check are one rule.
      const booked = await api.book('time', { units: ['car-1'], span: { from, to } });
      expect(booked.status, query).to.equal(status === 'free' ? 201 : 409);
      if (booked.status === 201) await api.ok(200, api.post(`/bookings/${at(booked.body, '/bookingId')}/cancel`));
    }
    for (const path of ['seats', 'availability']) {
      expectProblem(await api.get(`/slots/time/${path}`), 400, 'span-required');
      expectProblem(await api.get(`/slots/time/${path}?from=${inHours(50)}&to=${inHours(50)}`), 422, 'span-invalid');
      expectProblem(await api.get(`/slots/time/${path}?fromStop=a&toStop=b`), 422, 'span-invalid');
    }
    expectProblem(await api.book('time', { units: ['car-1'] }), 400, 'span-required');
  });

  it('of a fleet keeps to its opening hours, in its own zone', async () => {
    const days = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
    const opened = await api.open(aFleet('opening', { axis: { type: 'time', opening: [{ days, from: '08:00', to: '20:00' }] } }));
    // In July Paris is two hours ahead of UTC, in January one.
    for (const [from, to, open] of [
      ['2027-07-12T06:00:00Z', '2027-07-12T18:00:00Z', true],
      ['2027-07-12T05:59:00Z', '2027-07-12T08:00:00Z', false],
      ['2027-07-12T08:00:00Z', '2027-07-12T18:01:00Z', false],
      ['2027-01-11T07:00:00Z', '2027-01-11T19:00:00Z', true],
      ['2027-01-11T06:00:00Z', '2027-01-11T08:00:00Z', false],
      ['2027-01-12T10:00:00Z', '2027-01-13T07:00:00Z', true],
      ['2027-01-14T10:00:00Z', '2027-01-15T06:59:00Z', false],
    ] as const) {
      const read = await api.get(`/slots/opening/availability?from=${from}&to=${to}`, seen(opened));
      const booked = await api.book('opening', { units: ['car-1'], span: { from, to } });
      if (open) expect([read.status, booked.status], from).to.deep.equal([200, 201]);
      else for (const reply of [read, booked]) expectProblem(reply, 422, 'span-invalid');
    }
  });

  it('offers a unit only while it is available', async () => {
    const units = [
      { unitId: 'car-1', category: 'compact', price: 900, priceBasis: 'hour', availableFrom: inHours(50), availableUntil: inHours(60) },
      { unitId: 'car-2', category: 'compact', price: 900, priceBasis: 'hour' },
    ];
    let last = await api.open(aFleet('available', { units }));
    for (const [from, to, status] of [
      [50, 60, 'free'],
      [49, 51, 'blocked'],
      [59, 61, 'blocked'],
    ] as const) {
      const span = { from: inHours(from), to: inHours(to) };
      const seats = await api.ok(200, api.get(`/slots/available/seats?${new URLSearchParams(span)}`, seen(last)));
      expect(statuses(seats.body)).to.deep.equal([status, 'free']);
      const booked = await api.book('available', { units: ['car-1'], span });
      expect(booked.status).to.equal(status === 'free' ? 201 : 409);
      if (booked.status === 201) last = await api.ok(200, api.post(`/bookings/${at(booked.body, '/bookingId')}/cancel`));
    }
  });

  it('are not found for a slot that is not there', async () => {
    for (const path of ['', '/seats', '/availability']) expectProblem(await api.get(`/slots/nowhere${path}`), 404, 'slot-not-found');
  });
});
