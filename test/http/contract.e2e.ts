import { expect } from 'chai';
import type { z } from 'zod';
import * as answers from '../../src/http/answer-schemas.ts';
import { type EdgeDependencies, Watermark } from '../../src/http/edge.ts';
import { decodePosition, encodePosition } from '../../src/http/position.ts';
import { createRoutes } from '../../src/http/routes.ts';
import type { Service } from '../../src/main.ts';
import { withDatabase } from '../support/postgres.ts';
import { withAndWithoutRedis } from '../support/redis.ts';
import { startService } from '../support/service.ts';
import { FIXTURE_SLOTS } from './bad-request.ts';
import { header, member, type Reply, type Sent, send } from './client.ts';

const SHOW = '/api/v1/slots/bad-show';
const SUMMARY_FIELDS = Object.keys(answers.summaryAnswer.shape);

withAndWithoutRedis('a service with something to book', (layers) => {
  const database = withDatabase();
  let service: Service;
  let last = '';
  /** Reads name the position of the last write, so that they see it. */
  const call = async (path: string, sent: Sent = {}): Promise<Reply> => {
    const isRead = sent.method === undefined;
    const reply = await send(
      service.url,
      path,
      isRead ? { headers: { 'Holdfast-Position': last, Prefer: 'wait=10', ...sent.headers } } : sent,
    );
    if (!isRead && reply.status < 300) last = header(reply, 'Holdfast-Position');
    return reply;
  };
  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    call(path, { method: 'POST', body, headers });
  const book = (key: string, body: object) => post(`${SHOW}/bookings`, { customerId: 'c-17', ...body }, { 'Idempotency-Key': key });

  before(async () => {
    service = await startService(database(), layers());
    for (const slot of FIXTURE_SLOTS) expect((await post('/api/v1/slots', slot)).status).to.equal(201);
  });
  after(() => service?.stop());

  it('answers in the shapes that its document promises, and in no other fields', async () => {
    const held = await book('shapes', { units: ['A2', { unitId: 'yard', quantity: 2 }], metadata: { note: 'x' } });
    const { bookingId } = held.body as { readonly bookingId: string };
    await book('shapes-refused', { units: ['A2'] });
    const layout = await post('/api/v1/layouts', {
      name: 'Hall',
      focus: { x: 1, y: 2 },
      units: [{ unitId: 'A1', availableFrom: '2027-01-01T00:00:00+01:00' }],
    });
    const shapes: readonly (readonly [string, z.ZodObject])[] = [
      [SHOW, answers.summaryAnswer],
      [`${SHOW}/seats`, answers.seatMapAnswer],
      [`${SHOW}/availability`, answers.availabilityAnswer],
      ['/api/v1/slots', answers.slotPageAnswer],
      [`/api/v1/bookings/${bookingId}`, answers.bookingAnswer],
      ['/api/v1/customers/c-17/bookings', answers.bookingPageAnswer],
      [`/api/v1/layouts/${String(member(layout, 'layoutId'))}`, answers.layoutAnswer],
      ['/api/v1/audit/events', answers.eventPageAnswer],
      ['/api/v1/audit/streams/slot-bad-show/events', answers.eventPageAnswer],
      ['/api/v1/audit/slots/bad-show', answers.slotAsOfAnswer],
      ['/api/v1/audit/slots/bad-show/units/A2', answers.unitHistoryAnswer],
      ['/api/v1/audit/attempts', answers.attemptPageAnswer],
    ];
    for (const [path, shape] of shapes) {
      const reply = await call(path);
      expect(reply.status, path).to.equal(200);
      expect(header(reply, 'Holdfast-Source'), path).to.match(/^(memory|redis|postgres)/);
      const parsed = shape.strict().safeParse(reply.body);
      expect(parsed.error?.message, path).to.equal(undefined);
    }
    expect(Object.keys(answers.bookingAnswer.shape)).to.have.members(Object.keys(held.body as object));
    expect(header(await call(`/api/v1/bookings/${bookingId}`), 'Cache-Control')).to.equal('private, no-store');
    expect(header(await call(SHOW), 'Cache-Control')).to.equal('no-cache');
  });

  it('tells nobody a position that only a client has named', async () => {
    const held = await book('far', { units: [{ unitId: 'yard', quantity: 1 }] });
    const bookingId = String(member(held, 'bookingId'));
    const far = { 'Holdfast-Position': encodePosition({ position: Number.MAX_SAFE_INTEGER }), Prefer: 'wait=0' };
    const reads = createRoutes({} as EdgeDependencies, new Watermark()).filter(({ method }) => method === 'GET');
    expect(reads).to.have.length.above(15);
    const values = {
      bookingId,
      slotId: 'bad-show',
      streamId: 'slot-bad-show',
      unitId: 'A3',
      customerId: 'c-17',
      layoutId: 'l',
      attemptId: 'a',
    };
    for (const route of reads) {
      const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof values) => values[name]);
      const reply = await send(service.url, path, { headers: far });
      expect([reply.status, member(reply, 'code')], path).to.deep.equal([503, 'view-behind']);
    }
    const head = await service.store.headPosition();
    for (const path of ['/api/v1/admin/projections', '/api/v1/audit/attempts', '/api/v1/slots?limit=0', '/nowhere']) {
      const told = decodePosition(header(await send(service.url, path), 'Holdfast-Position'));
      expect(told?.position, path).to.be.within(1, head);
    }
    const known = { 'Holdfast-Position': header(held, 'Holdfast-Position') };
    for (const path of ['/api/v1/admin/projections', '/api/v1/audit/attempts']) {
      const told = decodePosition(header(await send(service.url, path, { headers: known }), 'Holdfast-Position'));
      expect(told?.position, path).to.be.at.least(decodePosition(known['Holdfast-Position'])?.position ?? Number.POSITIVE_INFINITY);
    }
  });

  it('names no place in a stream beyond its end', async () => {
    const { version } = (await call(SHOW)).body as { readonly version: number };
    const reply = await call(`/api/v1/audit/streams/slot-bad-show/events?fromVersion=${version + 5}`);
    expect([reply.status, member(reply, 'items'), member(reply, 'next')]).to.deep.equal([200, [], String(version + 5)]);
    expect(Object.keys(decodePosition(header(reply, 'Holdfast-Position')) ?? {})).to.deep.equal(['position']);
  });

  it('answers 304 to who has the version already, and the whole to who has an older one', async () => {
    for (const path of [SHOW, `${SHOW}/seats`, `${SHOW}/availability`]) {
      const etag = header(await call(path), 'ETag');
      const same = await call(path, { headers: { 'If-None-Match': `W/${etag}` } });
      expect([same.status, same.text, header(same, 'ETag')], path).to.deep.equal([304, '', etag]);
      expect(header(same, 'Holdfast-Position'), path).to.not.equal('');
      expect((await call(path, { headers: { 'If-None-Match': '"0"' } })).status, path).to.equal(200);
    }
  });

  it('guards a slot by the version that its reads answer, weak or not', async () => {
    const etag = header(await call(SHOW), 'ETag');
    const patched = await call(SHOW, {
      method: 'PATCH',
      headers: { 'If-Match': `W/${etag}` },
      body: { title: 'Hamlet, again', metadata: { a: '1' } },
    });
    expect(patched.status, patched.text).to.equal(200);
    expect(Object.keys(patched.body as object)).to.have.members(SUMMARY_FIELDS);
    const stale = await call(SHOW, { method: 'PATCH', headers: { 'If-Match': etag }, body: { title: 'x' } });
    expect(stale.status).to.equal(412);
    expect(`"${String(member(stale, 'currentVersion'))}"`).to.equal(header(patched, 'ETag'));
    const merged = await call(SHOW, {
      method: 'PATCH',
      headers: { 'If-Match': '*', 'Content-Type': 'application/merge-patch+json' },
      raw: '{"metadata":{"b":"2"}}',
    });
    expect(member(merged, 'metadata')).to.deep.equal({ a: '1', b: '2' });
    expect(member(merged, 'title')).to.equal('Hamlet, again');
    expect((await post(`${SHOW}/close`, {}, { 'If-Match': etag })).status).to.equal(412);
  });

  it('gives the answer of the first time to the same key, and says so', async () => {
    const first = await book('again', { units: [{ unitId: 'yard', quantity: 1 }] });
    const bookingId = String(member(first, 'bookingId'));
    expect((await post(`/api/v1/bookings/${bookingId}/confirm`, { paymentReference: 'p' })).status).to.equal(200);
    const again = await book('"again"', { units: [{ quantity: 1, unitId: 'yard' }] });
    expect([again.status, again.headers['idempotent-replay']]).to.deep.equal([201, 'true']);
    expect(again.body).to.deep.equal(first.body);
    expect(header(again, 'Location')).to.equal(header(first, 'Location'));
    const other = await book('again', { units: [{ unitId: 'yard', quantity: 2 }] });
    expect([other.status, member(other, 'code')]).to.deep.equal([422, 'idempotency-key-reused']);
  });

  it('binds no key to a refusal', async () => {
    const first = await book('later', { units: ['A1'], expectedTotal: 1 });
    expect([first.status, member(first, 'code')]).to.deep.equal([409, 'price-changed']);
    const second = await book('later', { units: ['A1'], expectedTotal: 4500 });
    expect([second.status, second.headers['idempotent-replay']]).to.deep.equal([201, undefined]);
  });

  it('puts refused bookings on record, under the instance that the refusal names', async () => {
    const refused = await book('record', { units: ['A1'] });
    expect([refused.status, member(refused, 'code')]).to.deep.equal([409, 'seats-taken']);
    expect(member(refused, 'unavailable')).to.deep.equal([{ unitId: 'A1', status: 'held' }]);
    const instance = String(member(refused, 'instance'));
    expect((await call(instance)).body).to.deep.include({ slotId: 'bad-show', customerId: 'c-17', code: 'seats-taken', unitIds: ['A1'] });
    const listed = await call('/api/v1/audit/attempts?slotId=bad-show&unitId=A1&limit=1');
    expect((member(listed, 'items') as readonly { attemptId: string }[])[0]?.attemptId).to.equal(instance.split('/').at(-1));
    expect(member(listed, 'dropped')).to.equal(0);
  });

  it('puts on record who asks for a booking by an id that names no slot', async () => {
    for (const [deed, body] of [
      ['confirm', { paymentReference: 'p' }],
      ['cancel', {}],
      ['extend-hold', { seconds: 60 }],
      ['change', { drop: ['A1'] }],
    ] as const) {
      const refused = await post(`/api/v1/bookings/3f1c/${deed}`, body);
      expect([refused.status, member(refused, 'code')], deed).to.deep.equal([404, 'booking-not-found']);
      const instance = String(member(refused, 'instance'));
      expect(instance).to.match(/^\/api\/v1\/audit\/attempts\//);
      expect(answers.attemptAnswer.parse((await call(instance)).body)).to.include({
        slotId: null,
        bookingId: '3f1c',
        code: 'booking-not-found',
      });
    }
  });

  it('carries the booking when it comes too late for it', async () => {
    const held = await book('late', { units: [{ unitId: 'yard', quantity: 1 }] });
    const path = `/api/v1/bookings/${String(member(held, 'bookingId'))}`;
    await post(`${path}/cancel`, undefined);
    const confirmed = await post(`${path}/confirm`, { paymentReference: 'p' });
    expect([confirmed.status, member(confirmed, 'code')]).to.deep.equal([409, 'already-released']);
    expect(member(confirmed, 'booking')).to.deep.include({ status: 'CANCELLED', claims: [], total: { amount: 0, currency: 'GBP' } });
  });

  it('gives auditors the whole log page by page, each event once, until an empty page', async () => {
    const positions: string[] = [];
    for (let path = '/api/v1/audit/events?limit=3'; ; ) {
      const page = (await call(path)).body as { readonly items: readonly { readonly position: string }[]; readonly next: string };
      if (page.items.length === 0) break;
      positions.push(...page.items.map((item) => item.position));
      path = `/api/v1/audit/events?limit=3&after=${page.next}`;
    }
    expect(positions).to.have.length(await service.store.headPosition());
    expect(new Set(positions).size).to.equal(positions.length);
  });

  it('follows a type of event without going over the others again', async () => {
    const all = (await call('/api/v1/audit/events?type=SlotOpened,SlotChanged')).body as {
      readonly items: readonly { readonly type: string }[];
      readonly next: string;
    };
    expect(all.items.map((item) => item.type)).to.deep.equal(['SlotOpened', 'SlotOpened', 'SlotOpened', 'SlotChanged', 'SlotChanged']);
    const next = (await call(`/api/v1/audit/events?type=SlotOpened&after=${all.next}`)).body;
    expect(next).to.deep.equal({ items: [], next: all.next });
  });

  it('sells a stretch of a trip and some hours of a car, with the span in the words of the customer', async () => {
    const stretch = { fromStop: 'north', toStop: 'middle' };
    const trip = await post(
      '/api/v1/slots/bad-trip/bookings',
      { customerId: 'c-1', units: ['12C'], span: stretch },
      { 'Idempotency-Key': 't' },
    );
    expect((member(trip, 'claims') as readonly object[])[0]).to.deep.include({ span: stretch, amount: 200 });
    expect((await call('/api/v1/slots/bad-trip/seats?fromStop=middle&toStop=south')).text).to.contain('"status":"free"');
    expect((await call('/api/v1/slots/bad-trip/seats')).text).to.contain('"status":"held"');
    const hours = { from: '2027-01-15T11:00:00+01:00', to: '2027-01-15T13:00:00+01:00' };
    const car = await post(
      '/api/v1/slots/bad-cars/bookings',
      { customerId: 'c-1', bestAvailable: { quantity: 1 }, span: hours },
      { 'Idempotency-Key': 't' },
    );
    const span = { from: '2027-01-15T10:00:00Z', to: '2027-01-15T12:00:00Z' };
    expect((member(car, 'claims') as readonly object[])[0]).to.deep.include({ span, amount: 1800 });
    // The plus of an offset that was not percent-encoded.
    expect((await call(`/api/v1/slots/bad-cars/seats?from=${hours.from}&to=${hours.to}`)).text).to.contain('"status":"held"');
  });

  it('answers the same layout once, and for ever', async () => {
    const hall = { name: 'Hall 9', units: [{ unitId: 'A1', category: 'gold' }] };
    const first = await post('/api/v1/layouts', hall);
    const again = await post('/api/v1/layouts', hall);
    expect([first.status, again.status]).to.deep.equal([201, 200]);
    expect(first.body).to.deep.equal({ layoutId: member(again, 'layoutId'), units: 1 });
    expect(header(await call(header(first, 'Location')), 'Cache-Control')).to.contain('immutable');
  });
});
