import { expect } from 'chai';
import { header, type Reply } from '../../http/client.ts';
import { aFleet, aShow, aTrip, at, each, expectProblem, seen, withService } from '../../support/contract.ts';
import { withAndWithoutRedis } from '../../support/redis.ts';
import { waitUntil } from '../../support/wait-until.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

withAndWithoutRedis('what nobody can book any more', function (layers) {
  this.timeout(30_000);
  const api = withService(layers);

  const from = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();
  const queryOf = (span?: Readonly<Record<string, string>>) => (span === undefined ? '' : `?${new URLSearchParams(span)}`);
  const freeIn = (availability: Reply) =>
    each(availability.body, '/categories', '/free').reduce<number>((sum, free) => sum + Number(free), 0);

  /** Opens a slot that has begun already, as only importers may, and sells it from then on as everybody does. */
  async function openInThePast(slot: { readonly slotId: string }): Promise<Reply> {
    const opened = await api.open({ ...slot, policy: { acceptPast: true } });
    const accepted = await api.ok(200, api.get(`/slots/${slot.slotId}/seats`, seen(opened)));
    expect(each(accepted.body, '/units', '/status'), 'as long as the past is accepted').to.not.include('blocked');
    return api.ok(200, api.patch(`/slots/${slot.slotId}`, { policy: { acceptPast: false } }, { 'If-Match': '*' }));
  }

  /** What is told of each unit over the span, and whether the first of them can be booked over it. */
  async function offered(slotId: string, after: Reply, span?: Readonly<Record<string, string>>) {
    const seats = await api.ok(200, api.get(`/slots/${slotId}/seats${queryOf(span)}`, seen(after)));
    const availability = await api.ok(200, api.get(`/slots/${slotId}/availability${queryOf(span)}`, seen(after)));
    expect(header(availability, 'ETag')).to.equal(header(seats, 'ETag'));
    const unitId = String(at(seats.body, '/units/0/unitId'));
    const booked = await api.book(slotId, { units: [unitId], ...(span === undefined ? {} : { span }) });
    return { statuses: each(seats.body, '/units', '/status'), free: freeIn(availability), booked, yard: at(seats.body, '/units/5') };
  }

  it('is shown as blocked, or as what has it, in a slot that was cancelled', async () => {
    await api.open(aShow('cancelled'));
    const kept = await api.hold('cancelled', { units: ['A2', { unitId: 'yard', quantity: 3 }] });
    await api.post(`/bookings/${kept}/confirm`, { paymentReference: 'p' });
    const cancelled = await api.ok(200, api.post('/slots/cancelled/cancel', { reason: 'rain' }));
    const { statuses, free, booked } = await offered('cancelled', cancelled);
    expect(statuses).to.not.include('free');
    expect(free).to.equal(0);
    expectProblem(booked, 409, 'slot-cancelled');
  });

  it('is shown so in a show that has ended; its counts stay those of what is taken', async () => {
    const changed = await openInThePast(aShow('ended', { startsAt: from(-3 * HOUR), endsAt: from(-HOUR) }));
    const { statuses, free, booked, yard } = await offered('ended', changed);
    expect(statuses).to.deep.equal(Array(6).fill('blocked'));
    expect(yard).to.deep.include({ free: 0, held: 0, sold: 0, blocked: 20 });
    expect(free).to.equal(0);
    expectProblem(booked, 422, 'in-the-past');
    const { body } = await api.ok(200, api.get('/slots/ended', seen(changed)));
    expect(at(body, '/counts')).to.deep.equal({ capacity: 25, free: 25, held: 0, sold: 0, blocked: 0 });
  });

  it('is shown so of a show only when it has ended, and where what is closed can open again it is not', async () => {
    const running = await openInThePast(aShow('running', { startsAt: from(-HOUR), endsAt: from(HOUR) }));
    const during = await offered('running', running);
    expect([during.statuses[0], during.free, during.booked.status]).to.deep.equal(['free', 25, 201]);
    const closed = await api.ok(200, api.post('/slots/running/close', { reason: 'pause' }));
    const shut = await offered('running', closed);
    expect([shut.statuses[1], shut.free]).to.deep.equal(['free', 24]);
    expectProblem(shut.booked, 409, 'slot-closed');
  });

  it('is shown so of a trip from a stop that it has left, and from no other', async () => {
    const stops = ['york', 'leeds', 'derby'].map((stopId, index) => ({ stopId, departsAt: from((index - 0.5) * HOUR) }));
    const changed = await openInThePast(aTrip('under-way', { axis: { type: 'stops', stops } }));
    for (const [span, status] of [
      [undefined, 'blocked'],
      [{ fromStop: 'york', toStop: 'derby' }, 'blocked'],
      [{ fromStop: 'leeds', toStop: 'derby' }, 'free'],
    ] as const) {
      const { statuses, free, booked } = await offered('under-way', changed, span);
      expect([statuses, free], JSON.stringify(span)).to.deep.equal([Array(3).fill(status), status === 'free' ? 3 : 0]);
      if (status === 'free') expect(booked.status).to.equal(201);
      else expectProblem(booked, 422, 'in-the-past');
    }
  });

  it('is shown so of a time that began more than five minutes ago', async () => {
    const opened = await api.open(aFleet('cars'));
    for (const [minutes, isOver] of [
      [-6, true],
      [-4, false],
    ] as const) {
      const { statuses, free, booked } = await offered('cars', opened, { from: from(minutes * MINUTE), to: from(HOUR) });
      expect([statuses, free]).to.deep.equal([Array(2).fill(isOver ? 'blocked' : 'free'), isOver ? 0 : 2]);
      if (isOver) expectProblem(booked, 422, 'in-the-past');
      else expect(booked.status).to.equal(201);
    }
  });

  it('comes to be so by the clock alone, under another entity tag of the same version', async () => {
    const stops = ['york', 'leeds', 'derby'].map((stopId, index) => ({ stopId, departsAt: from(1.5 * SECOND + index * HOUR) }));
    const opened = await api.open(aTrip('leaving', { axis: { type: 'stops', stops } }));
    const before = await api.ok(200, api.get('/slots/leaving/seats', seen(opened)));
    expect(each(before.body, '/units', '/status')).to.deep.equal(['free', 'free', 'free']);
    const tag = header(before, 'ETag');
    const again = () => api.get('/slots/leaving/seats', { 'If-None-Match': tag });
    expect((await again()).status).to.equal(304);

    await waitUntil('the trip has left', async () => (await again()).status === 200);

    const after = await api.ok(200, again());
    expect(each(after.body, '/units', '/status')).to.deep.equal(['blocked', 'blocked', 'blocked']);
    expect(at(after.body, '/version')).to.equal(at(before.body, '/version'));
    expect((await api.get('/slots/leaving/seats', { 'If-None-Match': header(after, 'ETag') })).status).to.equal(304);
    expect(freeIn(await api.ok(200, api.get('/slots/leaving/availability', { 'If-None-Match': tag })))).to.equal(0);
    expectProblem(await api.book('leaving', { units: ['1A'] }), 422, 'in-the-past');
    const closed = await api.post('/slots/leaving/close', {}, { 'If-Match': header(after, 'ETag') });
    expect(closed.status, closed.text).to.equal(200);
  });
});
