import { expect } from 'chai';
import type { Service } from '../../../src/main.ts';
import { header, type Reply, send } from '../../http/client.ts';
import { aFleet, aShow, aTrip, at, ContractClient, expectProblem, inHours } from '../../support/contract.ts';
import { withDatabase } from '../../support/postgres.ts';
import { startService } from '../../support/service.ts';
import { waitUntil } from '../../support/wait-until.ts';

/** What only an overload, or a database that is away, brings about; the tests of those show it. */
const NOT_BY_ASKING = ['request-in-flight', 'too-much-contention', 'rate-limited', 'view-behind', 'unavailable', 'outcome-unknown'];

/** Every code of the contract's table with its status. */
const CODES: Readonly<Record<number, readonly string[]>> = {
  400: ['malformed-json', 'invalid-input', 'idempotency-key-required', 'span-required'],
  404: ['slot-not-found', 'booking-not-found', 'stream-not-found', 'not-found'],
  405: ['method-not-allowed'],
  413: ['body-too-large'],
  415: ['unsupported-media-type'],
  409: [
    ...['seats-taken', 'sold-out', 'not-adjacent', 'price-changed', 'not-on-sale', 'slot-closed', 'slot-cancelled', 'slot-exists'],
    ...['already-confirmed', 'already-released', 'request-in-flight', 'too-much-contention'],
  ],
  410: ['hold-expired'],
  412: ['stale-version'],
  428: ['precondition-required'],
  422: [
    ...[
      'unknown-unit',
      'limit-exceeded',
      'span-invalid',
      'in-the-past',
      'would-leave-orphan',
      'hold-cap-reached',
      'idempotency-key-reused',
    ],
  ],
  429: ['rate-limited'],
  503: ['view-behind', 'unavailable', 'outcome-unknown'],
};

describe('the contract on errors', function () {
  this.timeout(30_000);
  const database = withDatabase();
  let service: Service;
  let api: ContractClient;
  const asked = new Map<string, Reply>();

  before('ask for one of each', async () => {
    service = await startService(database());
    api = new ContractClient(() => service.url);
    const expectCode = (code: string, reply: Reply) => asked.set(code, reply);
    const raw = (text: string, type: string) =>
      send(api.url, '/api/v1/slots/show/bookings', {
        method: 'POST',
        raw: text,
        headers: { 'Content-Type': type, 'Idempotency-Key': 'raw' },
      });
    await api.open(aShow('show', { policy: { orphanSeats: 'forbid', maxUnitsPerBooking: 4 } }));
    const [left, right] = aShow('').units;
    await api.open(aShow('aisle', { units: [{ ...left, gapAfter: true }, right] }));
    await api.open(aTrip('trip'));
    await api.open(aFleet('fleet'));
    await api.open(aShow('later', { salesFrom: inHours(1) }));
    await api.open(aShow('closed', { status: 'CLOSED' }));
    await api.open(aShow('cancelled'));
    await api.post('/slots/cancelled/cancel');
    await api.open(aShow('short', { policy: { holdSeconds: 1, maxHoldSeconds: 1 } }));
    const lapsing = await api.hold('short', { units: ['A1'] });

    expectCode('malformed-json', await raw('{', 'application/json'));
    expectCode('unsupported-media-type', await raw('{}', 'text/plain'));
    expectCode('body-too-large', await raw(`"${' '.repeat(1_048_576)}"`, 'application/json'));
    expectCode('invalid-input', await api.book('show', { units: [] }));
    expectCode('idempotency-key-required', await api.post('/slots/show/bookings', { customerId: 'c', units: ['A1'] }));
    expectCode('span-required', await api.book('fleet', { units: ['car-1'] }));
    expectCode('slot-not-found', await api.book('nowhere', { units: ['A1'] }));
    expectCode('booking-not-found', await api.post('/bookings/show.nothing/confirm', { paymentReference: 'p' }));
    expectCode('stream-not-found', await api.get('/audit/streams/slot-nowhere/events'));
    expectCode('not-found', await api.get('/nowhere'));
    expectCode('method-not-allowed', await send(api.url, '/api/v1/slots/show', { method: 'DELETE' }));
    expectCode('would-leave-orphan', await api.book('show', { units: ['A2'] }));
    expectCode('limit-exceeded', await api.book('show', { units: [{ unitId: 'yard', quantity: 5 }] }));
    expectCode('unknown-unit', await api.book('show', { units: ['Z1'] }));
    expectCode('price-changed', await api.book('show', { units: ['A1'], expectedTotal: 1 }));
    const held = await api.hold('show', { units: ['A1'] });
    await api.book('show', { units: ['A2'] }, { 'Idempotency-Key': 'once' });
    expectCode('idempotency-key-reused', await api.book('show', { units: ['A3'] }, { 'Idempotency-Key': 'once' }));
    expectCode('seats-taken', await api.book('show', { units: ['A1'] }));
    expectCode('not-adjacent', await api.book('aisle', { bestAvailable: { quantity: 2, adjacent: true } }));
    expectCode('slot-exists', await api.post('/slots', aShow('show')));
    expectCode('in-the-past', await api.post('/slots', aShow('past', { startsAt: '2020-01-01T00:00:00Z' })));
    expectCode('span-invalid', await api.book('trip', { units: ['1A'], span: { fromStop: 'london', toStop: 'york' } }));
    await api.hold('trip', { units: ['1A', '1B', '1C'] });
    expectCode('sold-out', await api.book('trip', { bestAvailable: { quantity: 1 } }));
    expectCode('not-on-sale', await api.book('later', { units: ['A1'] }));
    expectCode('slot-closed', await api.book('closed', { units: ['A1'] }));
    expectCode('slot-cancelled', await api.book('cancelled', { units: ['A1'] }));
    await api.post(`/bookings/${held}/extend-hold`, { seconds: 7_200 });
    expectCode('hold-cap-reached', await api.post(`/bookings/${held}/extend-hold`, { seconds: 7_200 }));
    await api.post(`/bookings/${held}/confirm`, { paymentReference: 'p' });
    expectCode('already-confirmed', await api.post(`/bookings/${held}/confirm`, { paymentReference: 'q' }));
    await api.post(`/bookings/${held}/cancel`);
    expectCode('already-released', await api.post(`/bookings/${held}/confirm`, { paymentReference: 'q' }));
    expectCode('stale-version', await api.post('/slots/show/close', {}, { 'If-Match': '"1"' }));
    expectCode('precondition-required', await api.patch('/slots/show', { title: 'x' }));
    await waitUntil('the hold has lapsed', async () => (await api.book('short', { units: ['A1'] })).status === 201);
    expectCode('hold-expired', await api.post(`/bookings/${lapsing}/confirm`, { paymentReference: 'p' }));
  });
  after(() => service?.stop());

  for (const [status, codes] of Object.entries(CODES)) {
    for (const code of codes.filter((one) => !NOT_BY_ASKING.includes(one))) {
      it(`${status} ${code} can be had by asking, and is a whole problem`, () => {
        const reply = asked.get(code);
        if (reply === undefined) throw new Error(`${code} was not asked for`);
        expectProblem(reply, Number(status), code);
        expect(reply.text).to.not.match(/node_modules|\.ts:\d/);
        // Sending the same again can help with none of these.
        expect(reply.body).to.not.have.property('retryAfterSeconds');
      });
    }
  }

  it('say what their code promises beside it', () => {
    const pointer = at(asked.get('invalid-input')?.body, '/errors/0/pointer');
    expect([pointer, at(asked.get('invalid-input')?.body, '/errors/0/message') !== '']).to.deep.equal(['/units', true]);
    expect(at(asked.get('seats-taken')?.body, '/unavailable')).to.deep.equal([{ unitId: 'A1', status: 'held' }]);
    expect(at(asked.get('stale-version')?.body, '/currentVersion'))
      .to.be.a('number')
      .and.greaterThan(1);
    expect(at(asked.get('hold-cap-reached')?.body, '/maxExpiresAt')).to.match(/Z$/);
    expect(header(asked.get('method-not-allowed')!, 'Allow'))
      .to.include('GET')
      .and.to.include('PATCH');
    for (const code of ['already-confirmed', 'already-released', 'hold-expired']) {
      expect(at(asked.get(code)?.body, '/booking/bookingId'), code).to.be.a('string');
    }
  });

  it('show the booking as it stands when its slot sells nothing more', async () => {
    await api.open(aShow('over'));
    const held = await api.hold('over', { units: ['A1'] });
    await api.ok(200, api.post('/slots/over/close'));
    const closed = await api.post(`/bookings/${held}/change`, { add: ['A2'] });
    expectProblem(closed, 409, 'slot-closed');
    const reopened = await api.ok(200, api.post('/slots/over/reopen'));
    await api.ok(200, api.patch('/slots/over', { salesFrom: inHours(1) }, { 'If-Match': header(reopened, 'ETag') }));
    const tooEarly = await api.post(`/bookings/${held}/change`, { add: ['A2'] });
    expectProblem(tooEarly, 409, 'not-on-sale');
    for (const reply of [closed, tooEarly]) {
      expect(at(reply.body, '/booking')).to.deep.include({ bookingId: held, status: 'HELD', total: { amount: 4_500, currency: 'GBP' } });
    }
  });

  it('of bookings are on record, every one of them, with who asked for what on which version', async () => {
    const refusals = [...asked].filter(([, reply]) => String(at(reply.body, '/instance')).startsWith('/api/v1/audit/attempts/'));
    const byBookings = [
      ...['malformed-json', 'unsupported-media-type', 'body-too-large', 'invalid-input', 'idempotency-key-required', 'span-required'],
      ...['slot-not-found', 'booking-not-found', 'would-leave-orphan', 'limit-exceeded', 'unknown-unit', 'price-changed', 'seats-taken'],
      ...['idempotency-key-reused', 'not-adjacent', 'span-invalid', 'sold-out', 'not-on-sale', 'slot-closed', 'slot-cancelled'],
      ...['hold-cap-reached', 'already-confirmed', 'already-released', 'hold-expired'],
    ];
    expect(refusals.map(([code]) => code)).to.have.members(byBookings);
    for (const [code, reply] of refusals) {
      const path = String(at(reply.body, '/instance')).replace('/api/v1', '');
      expect(at((await api.ok(200, api.get(path))).body, '/code'), path).to.equal(code);
    }
    const path = String(at(asked.get('seats-taken')?.body, '/instance')).replace('/api/v1', '');
    const { body } = await api.ok(200, api.get(path));
    expect(body).to.deep.include({ slotId: 'show', customerId: 'c-17', unitIds: ['A1'], code: 'seats-taken', slotVersion: 5 });
  });

  it('come as problems where there is no route, outside of the interface too', async () => {
    expectProblem(await send(api.url, '/nowhere'), 404, 'not-found');
    expectProblem(await api.get('/slots/a/b/c/d'), 404, 'not-found');
    expectProblem(await send(api.url, '/api/v1/slots', { method: 'PUT' }), 405, 'method-not-allowed');
  });
});
