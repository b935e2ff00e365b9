import { createHash } from 'node:crypto';
import { expect } from 'chai';
import type { Service } from '../../../src/main.ts';
import { header, type Reply, send } from '../../http/client.ts';
import { aShow, at, ContractClient, each, expectProblem, seen } from '../../support/contract.ts';
import { withDatabase } from '../../support/postgres.ts';
import { startService } from '../../support/service.ts';

describe('the contract for auditors and operators', function () {
  this.timeout(30_000);
  const database = withDatabase();
  let service: Service;
  let api: ContractClient;
  /** Answers by what was done, in this order: the slot's versions are 1, 3, 4, 5 and 7. */
  const done: Record<'opened' | 'held' | 'confirmed' | 'cancelled' | 'heldAgain', Reply> = Object.create(null);

  before(async () => {
    service = await startService(database());
    api = new ContractClient(() => service.url);
    done.opened = await api.open(aShow('hamlet'));
    done.held = await api.ok(201, api.book('hamlet', { units: ['A1', 'A2'] }));
    const path = `/bookings/${at(done.held.body, '/bookingId')}`;
    done.confirmed = await api.ok(200, api.post(`${path}/confirm`, { paymentReference: 'p' }));
    done.cancelled = await api.ok(200, api.post(`${path}/cancel`, { units: ['A1'], reason: 'ill' }));
    done.heldAgain = await api.ok(201, api.book('hamlet', { customerId: 'c-18', units: ['A1'] }));
    await api.open(aShow('other'));
    await api.book('hamlet', { customerId: 'c-19', units: ['A1'] });
    await api.book('hamlet', { customerId: 'c-19', units: ['A2'] });
    await api.book('other', { customerId: 'c-19', units: ['Z9'] });
  });
  after(() => service?.stop());

  const TYPES = ['SlotOpened', 'BookingRequested', 'SeatsHeld', 'BookingConfirmed', 'SeatsReleased', 'BookingRequested', 'SeatsHeld'];

  describe('/audit/events', () => {
    it('gives the whole log in order, exclusive of where it is asked to go on, and never a null next', async () => {
      const types: unknown[] = [];
      let after = '';
      for (let page = 0; page < 10; page += 1) {
        const { body } = await api.ok(200, api.get(`/audit/events?limit=3${after}`));
        expect(at(body, '/next')).to.be.a('string').and.not.equal('');
        types.push(...each(body, '/items', '/type'));
        after = `&after=${encodeURIComponent(String(at(body, '/next')))}`;
      }
      expect(types).to.deep.equal([...TYPES, 'SlotOpened']);
    });

    it('gives each event with all its fields, and resumes at any position', async () => {
      const { body } = await api.ok(200, api.get('/audit/events'));
      const item = at(body, '/items/2');
      expect(item).to.include.all.keys('position', 'streamId', 'version', 'eventId', 'type', 'schemaVersion', 'data', 'metadata');
      expect(at(item, '/metadata')).to.include.all.keys('time', 'actor', 'hash', 'previousHash');
      expect(item).to.include({ streamId: 'slot-hamlet', version: 3, type: 'SeatsHeld', schemaVersion: 1 });
      const rest = await api.ok(200, api.get(`/audit/events?after=${encodeURIComponent(String(at(item, '/position')))}`));
      expect(each(rest.body, '/items', '/type')).to.deep.equal([...TYPES.slice(3), 'SlotOpened']);
      const fromWrite = await api.ok(
        200,
        api.get(`/audit/events?after=${encodeURIComponent(header(done.confirmed, 'Holdfast-Position'))}`),
      );
      expect(each(fromWrite.body, '/items', '/type')).to.deep.equal([...TYPES.slice(4), 'SlotOpened']);
    });

    it('keeps to a type and to a time', async () => {
      expect(each((await api.get('/audit/events?type=SeatsHeld')).body, '/items', '/version')).to.deep.equal([3, 7]);
      const { body } = await api.get('/audit/events');
      const time = String(at(body, '/items/3/metadata/time'));
      expect(each((await api.get(`/audit/events?from=${time}`)).body, '/items', '/type')).to.include('BookingConfirmed');
      expect(each((await api.get(`/audit/events?to=${time}`)).body, '/items', '/type')).to.not.include('SeatsReleased');
      expectProblem(await api.get('/audit/events?after=made-up'), 400, 'invalid-input');
    });
  });

  describe('/audit/streams/{streamId}/events', () => {
    it('gives one stream from a version on, inclusive', async () => {
      const all = await api.ok(200, api.get('/audit/streams/slot-hamlet/events'));
      expect(each(all.body, '/items', '/type')).to.deep.equal(TYPES);
      expect(each(all.body, '/items', '/version')).to.deep.equal([1, 2, 3, 4, 5, 6, 7]);
      const some = await api.ok(200, api.get('/audit/streams/slot-hamlet/events?fromVersion=3&limit=2&upcast=true'));
      expect(each(some.body, '/items', '/version')).to.deep.equal([3, 4]);
      const end = await api.ok(200, api.get('/audit/streams/slot-hamlet/events?fromVersion=8'));
      expect(at(end.body, '/items')).to.deep.equal([]);
      expect(at(end.body, '/next')).to.be.a('string');
      expectProblem(await api.get('/audit/streams/slot-nowhere/events'), 404, 'stream-not-found');
    });

    it('chains each event to the one before it', async () => {
      const { body } = await api.ok(200, api.get('/audit/streams/slot-hamlet/events'));
      const hashes = each(body, '/items', '/metadata/hash');
      expect(each(body, '/items', '/metadata/previousHash')).to.deep.equal(['0'.repeat(64), ...hashes.slice(0, -1)]);
      for (const hash of hashes) expect(hash).to.match(new RegExp(`^[0-9a-f]{${createHash('sha256').digest('hex').length}}$`));
      expect(new Set(hashes).size).to.equal(TYPES.length);
    });
  });

  describe('/audit/slots/{slotId}', () => {
    const statusOf = (body: unknown, unitId: string) =>
      (at(body, '/units') as readonly Record<string, unknown>[]).find((unit) => unit.unitId === unitId)?.status;

    it('shows the slot as of a version', async () => {
      for (const [version, A1, A2] of [
        [1, 'free', 'free'],
        [3, 'held', 'held'],
        [4, 'sold', 'sold'],
        [5, 'free', 'sold'],
        [7, 'held', 'sold'],
      ] as const) {
        const { body } = await api.ok(200, api.get(`/audit/slots/hamlet?version=${version}`));
        expect([at(body, '/version'), statusOf(body, 'A1'), statusOf(body, 'A2')]).to.deep.equal([version, A1, A2]);
      }
    });

    it('shows it as of an instant, everything up to that instant included, and now', async () => {
      const confirmedAt = String(at(done.confirmed.body, '/confirmedAt'));
      const then = await api.ok(200, api.get(`/audit/slots/hamlet?at=${confirmedAt}`));
      expect(at(then.body, '/version')).to.be.at.least(4);
      expect(statusOf(then.body, 'A2')).to.equal('sold');
      const now = await api.ok(200, api.get('/audit/slots/hamlet'));
      expect([at(now.body, '/version'), statusOf(now.body, 'A1')]).to.deep.equal([7, 'held']);
      const early = await api.get('/audit/slots/hamlet?at=2020-01-01T00:00:00Z');
      expectProblem(early, 404, 'slot-not-found');
      expect(at(early.body, '/detail')).to.contain('did not exist at that instant');
      const late = await api.get('/audit/slots/hamlet?version=99');
      expectProblem(late, 404, 'slot-not-found');
      expect(at(late.body, '/detail')).to.contain('has no version 99 yet');
      expectProblem(await api.get('/audit/slots/nowhere'), 404, 'slot-not-found');
    });

    it('has lapsed holds applied', async () => {
      await api.open(aShow('lapsing', { policy: { holdSeconds: 1, maxHoldSeconds: 1 } }));
      const held = await api.ok(201, api.book('lapsing', { units: ['A1'] }));
      const over = await api.ok(200, api.get(`/audit/slots/lapsing?at=${at(held.body, '/expiresAt')}`));
      expect(statusOf(over.body, 'A1')).to.equal('free');
      const before = new Date(Date.parse(String(at(held.body, '/expiresAt'))) - 1).toISOString();
      expect(statusOf((await api.ok(200, api.get(`/audit/slots/lapsing?at=${before}`))).body, 'A1')).to.equal('held');
    });

    it('tells of a unit who has it and the events that made it so, oldest first', async () => {
      const one = await api.ok(200, api.get('/audit/slots/hamlet/units/A1'));
      expect(at(one.body, '/holder')).to.include({ bookingId: at(done.heldAgain.body, '/bookingId'), customerId: 'c-18' });
      expect(each(one.body, '/items', '/version').filter((version) => [3, 4, 5, 7].includes(version as number))).to.deep.equal([
        3, 4, 5, 7,
      ]);
      const then = await api.ok(200, api.get(`/audit/slots/hamlet/units/A1?at=${at(done.held.body, '/requestedAt')}`));
      expect(at(then.body, '/holder/customerId')).to.equal('c-17');
      const never = await api.ok(200, api.get('/audit/slots/hamlet/units/A5'));
      expect(at(never.body, '/holder')).to.equal(null);
      expectProblem(await api.get('/audit/slots/hamlet/units/Z9'), 422, 'unknown-unit');
    });

    it('takes names that are percent-encoded', async () => {
      const unitId = 'Row A/1 é?#';
      await api.open(aShow('odd', { units: [{ unitId, category: 'gold', price: 1 }] }));
      const booked = await api.ok(201, api.book('odd', { units: [unitId] }));
      const { body } = await api.ok(200, api.get(`/audit/slots/odd/units/${encodeURIComponent(unitId)}`));
      expect(at(body, '/holder/bookingId')).to.equal(at(booked.body, '/bookingId'));
    });
  });

  it('/audit/attempts lists refusals by whatever is asked for, with how many were dropped', async () => {
    const codes = async (query: string) => each((await api.ok(200, api.get(`/audit/attempts?${query}`))).body, '/items', '/code');
    expect(await codes('customerId=c-19')).to.have.members(['seats-taken', 'seats-taken', 'unknown-unit']);
    expect(await codes('slotId=other')).to.deep.equal(['unknown-unit']);
    expect(await codes('slotId=hamlet&unitId=A2')).to.deep.equal(['seats-taken']);
    expect(await codes('code=unknown-unit')).to.deep.equal(['unknown-unit']);
    expect(await codes('to=2020-01-01T00:00:00Z')).to.deep.equal([]);
    const { body } = await api.ok(200, api.get('/audit/attempts?slotId=hamlet&limit=1'));
    expect(body).to.have.all.keys('items', 'nextCursor', 'dropped');
    expect(at(body, '/dropped')).to.equal(0);
    expect(at(body, '/items/0')).to.include.all.keys('attemptId', 'at', 'slotId', 'customerId', 'code', 'slotVersion');
    const next = await api.ok(
      200,
      api.get(`/audit/attempts?slotId=hamlet&limit=1&cursor=${encodeURIComponent(String(at(body, '/nextCursor')))}`),
    );
    expect(at(next.body, '/items/0/attemptId')).to.not.equal(at(body, '/items/0/attemptId'));
    const item = await api.ok(200, api.get(`/audit/attempts/${at(body, '/items/0/attemptId')}`));
    expect(item.body).to.deep.equal(at(body, '/items/0'));
    expectProblem(await api.get('/audit/attempts/nothing'), 404, 'not-found');
  });

  it('says that it lives, that it is ready, and what it offers', async () => {
    for (const path of ['/livez', '/readyz', '/docs']) expect((await send(api.url, path)).status, path).to.be.oneOf([200, 301, 302]);
    const openapi = await send(api.url, '/openapi.json');
    expect(openapi.status).to.equal(200);
    expect(at(openapi.body, '/openapi')).to.match(/^3\.1\./);
    const paths = Object.keys(at(openapi.body, '/paths') as object).map((path) => path.replace(/^\/api\/v1/, ''));
    expect(paths).to.include.members([
      ...['/slots', '/slots/{slotId}', '/slots/{slotId}/availability', '/slots/{slotId}/seats', '/slots/{slotId}/bookings', '/layouts'],
      ...['/bookings', '/bookings/{bookingId}', '/bookings/{bookingId}/confirm', '/bookings/{bookingId}/cancel'],
      ...['/bookings/{bookingId}/extend-hold', '/bookings/{bookingId}/change', '/customers/{customerId}/bookings'],
      ...['/audit/events', '/audit/streams/{streamId}/events', '/audit/slots/{slotId}', '/audit/slots/{slotId}/units/{unitId}'],
      ...['/audit/attempts', '/audit/attempts/{attemptId}'],
    ]);
    await api.ok(200, api.get('/slots/hamlet', seen(done.opened)));
  });
});
