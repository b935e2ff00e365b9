import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { encodePosition } from '../../src/http/position.ts';
import type { Service } from '../../src/main.ts';
import { ask, type BookingBody, demand, type Json, type ProblemBody, type Reply, show } from '../support/api.ts';
import { LiveClient } from '../support/live-client.ts';
import type { LiveMap } from '../support/live-map.ts';
import { withDatabase } from '../support/postgres.ts';
import { startService } from '../support/service.ts';

const DAY_MS = 24 * 3_600_000;

function positionOf(reply: Reply<unknown>): string {
  return reply.headers.get('Holdfast-Position') ?? '';
}

function seen(write: Reply<unknown>): Readonly<Record<string, string>> {
  return { 'Holdfast-Position': positionOf(write), Prefer: 'wait=10' };
}

function hold(url: string, slotId: string, wanted: object): Promise<Reply<BookingBody>> {
  return demand<BookingBody>(201, url, `/slots/${slotId}/bookings`, { body: { customerId: 'c-1', ...wanted }, key: randomUUID() });
}

/** What a read says now is what the client has. */
async function expectCurrent(url: string, map: LiveMap, slotId: string, span = ''): Promise<void> {
  const summary = await demand(200, url, `/slots/${slotId}`);
  const seats = await demand<{ units: readonly Json[] }>(200, url, `/slots/${slotId}/seats${span}`);
  const units = seats.body.units.toSorted((a, b) => (String(a.unitId) < String(b.unitId) ? -1 : 1));
  const { version, counts } = summary.body;
  expect({ version: map.version, counts: map.counts, units: map.units }).to.deep.equal({ version, counts, units });
}

describe('a live seat map', () => {
  const database = withDatabase();
  let service: Service;
  let url: string;
  let slots = 0;

  before(async () => {
    service = await startService(database(), { releaseProcess: false });
    url = service.url;
  });
  after(() => service.stop());

  /** Opens a slot that every read knows. */
  async function open(slot: object = {}): Promise<string> {
    slots += 1;
    const slotId = `live-${slots}`;
    const opened = await demand(201, url, '/slots', { body: { ...show(slotId, { rows: 2, seatsPerRow: 3, yard: 20 }), ...slot } });
    await demand(200, url, `/slots/${slotId}`, { headers: seen(opened) });
    return slotId;
  }

  it('begins with the whole state, under headers that let it through any proxy', async () => {
    const slotId = await open();
    const client = await LiveClient.open(url, `/slots/${slotId}/live`);
    await client.reached(1);

    expect(client.status).to.equal(200);
    expect(client.headers).to.include({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'holdfast-source': 'memory',
    });
    expect(client.headers['holdfast-position']).to.match(/^[\w-]+$/);
    expect(client.headers).to.not.have.property('content-length');
    expect(client.reader.retry).to.be.within(1_000, 3_000);
    expect(Object.fromEntries(client.map.came)).to.deep.equal({ reset: 1 });
    await expectCurrent(url, client.map, slotId);
    client.cut();
  });

  it('goes on with what changes, with ids that are positions', async () => {
    const slotId = await open();
    const client = await LiveClient.open(url, `/slots/${slotId}/live`);
    const held = await hold(url, slotId, { units: ['1-1', { unitId: 'yard', quantity: 3 }] });
    await client.reached(held.body.version);

    expect(Object.fromEntries(client.map.came)).to.deep.equal({ reset: 1, units: 1, counts: 1 });
    expect(client.map.seats.get('1-1')).to.include({ status: 'held', heldUntil: held.body.expiresAt });
    expect(client.map.seats.get('yard')).to.include({ free: 17, held: 3 });
    await expectCurrent(url, client.map, slotId);
    const read = await demand(200, url, `/slots/${slotId}/seats`, { headers: { 'Holdfast-Position': client.map.lastEventId ?? '' } });
    expect(read.body.version, 'an id is a position like any other').to.equal(client.map.version);
    client.cut();
  });

  it('goes on from the last event that was read, without a whole state, or from a read without a gap', async () => {
    const slotId = await open();
    const client = await LiveClient.open(url, `/slots/${slotId}/live`);
    await client.reached(1);
    client.cut();
    const read = await demand(200, url, `/slots/${slotId}/seats`);
    const held = await hold(url, slotId, { units: ['1-2'] });
    const { map } = client;
    const back = await LiveClient.open(url, `/slots/${slotId}/live?after=nonsense-that-the-header-wins-over`, { from: map });
    expect(back.status, 'the header wins').to.equal(200);
    await back.reached(held.body.version);
    expect(map.timesCame('reset')).to.equal(1);
    await expectCurrent(url, map, slotId);
    back.cut();

    const after = await LiveClient.open(url, `/slots/${slotId}/live?after=${positionOf(read)}`);
    await after.reached(held.body.version);
    expect(Object.fromEntries(after.map.came)).to.deep.equal({ units: 1, counts: 1 });
    expect([...after.map.seats.keys()]).to.deep.equal(['1-2']);
    after.cut();
  });

  it('is told as a whole to who was elsewhere, or is ahead of everything', async () => {
    const slotId = await open();
    const places = [
      { position: 1 },
      { position: 2, version: 1, streamId: 'slot-another' },
      { position: 9e9, version: 99, streamId: `slot-${slotId}` },
    ];
    for (const place of places) {
      const headers = { 'Last-Event-ID': encodePosition(place), Prefer: 'wait=0' };
      const client = await LiveClient.open(url, `/slots/${slotId}/live`, { headers });
      await client.reached(1);
      expect(client.map.timesCame('reset'), JSON.stringify(place)).to.equal(1);
      client.cut();
    }
  });

  it('refuses what is no position, and says where it stands', async () => {
    const slotId = await open();
    const header = await ask<ProblemBody & { errors: unknown[] }>(url, `/slots/${slotId}/live`, { headers: { 'Last-Event-ID': '!!' } });
    expect([header.status, header.body.code, JSON.stringify(header.body.errors)]).to.satisfy(
      ([status, code, errors]: [number, string, string]) => status === 400 && code === 'invalid-input' && errors.includes('Last-Event-ID'),
    );
    for (const query of ['after=QUJD', 'after=%20', 'after=Mg&after=Mg', 'before=Mg']) {
      const parameter = await ask<ProblemBody>(url, `/slots/${slotId}/live?${query}`);
      expect([parameter.status, parameter.body.code], query).to.deep.equal([400, 'invalid-input']);
      expect(JSON.stringify(parameter.body)).to.include(query.split('=')[0]);
    }
  });

  it('waits for the position that a client names as any read does', async () => {
    const slotId = await open();
    const held = await hold(url, slotId, { units: ['1-1'] });
    const client = await LiveClient.open(url, `/slots/${slotId}/live`, { headers: seen(held) });
    await client.reached(1);
    expect(client.map.seats.get('1-1')?.status).to.equal('held');
    client.cut();
    const headers = { 'Holdfast-Position': encodePosition({ position: 9e9 }), Prefer: 'wait=0' };
    const behind = await ask<ProblemBody>(url, `/slots/${slotId}/live`, { headers });
    expect([behind.status, behind.body.code]).to.deep.equal([503, 'view-behind']);
  });

  it('is 404 for a slot that is not there, and 204 for one that is over', async () => {
    const missing = await ask<ProblemBody>(url, '/slots/nowhere/live');
    expect([missing.status, missing.body.code]).to.deep.equal([404, 'slot-not-found']);
    const slotId = await open();
    const client = await LiveClient.open(url, `/slots/${slotId}/live`);
    await client.reached(1);
    await demand(200, url, `/slots/${slotId}/cancel`, { body: { reason: 'fire' } });
    await client.until('the end', () => client.ended);
    expect([client.map.slot?.status, client.map.byeReason]).to.deep.equal(['CANCELLED', 'slot-over']);
    expect([client.map.timesCame('slot'), client.map.timesCame('counts')]).to.deep.equal([1, 1]);

    const again = await LiveClient.open(url, `/slots/${slotId}/live`, { headers: { 'Last-Event-ID': client.map.lastEventId ?? '' } });
    await again.until('the end', () => again.ended);
    expect([again.status, again.body, again.headers['content-type']]).to.deep.equal([204, '', undefined]);
    const past = { startsAt: new Date(Date.now() - 2 * DAY_MS).toISOString(), policy: { acceptPast: true } };
    const over = await LiveClient.open(url, `/slots/${await open(past)}/live`);
    expect(over.status).to.equal(204);
  });

  it('has the head alone for HEAD, and nobody watches by it', async () => {
    const slotId = await open();
    const client = await LiveClient.open(url, `/slots/${slotId}/live`, { method: 'HEAD' });
    await client.until('the end', () => client.ended);
    expect([client.status, client.headers['content-type'], client.map.came.size]).to.deep.equal([200, 'text/event-stream', 0]);
  });

  it('is of a span where the slot has some, by the rules of a seat map', async () => {
    const stops = ['A', 'B', 'C'].map((stopId, hour) => ({
      stopId,
      departsAt: new Date(Date.now() + DAY_MS + hour * 3_600_000).toISOString(),
    }));
    const trip = await open({ axis: { type: 'stops', stops } });
    const [whole, first, second] = await Promise.all(
      ['', '?fromStop=A&toStop=B', '?fromStop=B&toStop=C'].map((span) => LiveClient.open(url, `/slots/${trip}/live${span}`)),
    );
    const held = await hold(url, trip, { units: ['1-1'], span: { fromStop: 'B', toStop: 'C' } });
    for (const client of [whole, first, second]) await client?.reached(held.body.version);
    expect([whole, first, second].map((client) => client?.map.seats.get('1-1')?.status)).to.deep.equal(['held', 'free', 'held']);
    expect([whole, first, second].map((client) => client?.map.timesCame('units'))).to.deep.equal([1, 0, 1]);
    await expectCurrent(url, first!.map, trip, '?fromStop=A&toStop=B');
    for (const client of [whole, first, second]) client?.cut();
    const wrong = await ask<ProblemBody>(url, `/slots/${trip}/live?fromStop=C&toStop=A`);
    expect([wrong.status, wrong.body.code]).to.deep.equal([422, 'span-invalid']);
    const half = await ask<ProblemBody>(url, `/slots/${trip}/live?fromStop=C`);
    expect([half.status, half.body.code]).to.deep.equal([400, 'invalid-input']);

    const fleet = await open({ axis: { type: 'time' }, startsAt: undefined });
    const none = await ask<ProblemBody>(url, `/slots/${fleet}/live`);
    expect([none.status, none.body.code]).to.deep.equal([400, 'span-required']);
    const day = { from: new Date(Date.now() + DAY_MS).toISOString(), to: new Date(Date.now() + DAY_MS + 3_600_000).toISOString() };
    const client = await LiveClient.open(url, `/slots/${fleet}/live?from=${day.from}&to=${day.to}`);
    const rented = await hold(url, fleet, { units: ['2-2'], span: day });
    await client.reached(rented.body.version);
    expect(client.map.seats.get('2-2')?.status).to.equal('held');
    client.cut();
  });

  it('has nobody left when all have gone', async () => {
    const slotId = await open();
    const clients = await Promise.all(Array.from({ length: 20 }, () => LiveClient.open(url, `/slots/${slotId}/live`)));
    expect(service.live.statistics().watchers).to.be.at.least(20);
    for (const client of clients) client.cut();
    await clients[0]?.until('nobody watches', () => service.live.statistics().watchers === 0);
  });
});

describe('two services of which one is watched', () => {
  const database = withDatabase();
  let here: Service;
  let there: Service;

  before(async () => {
    here = await startService(database(), { releaseProcess: false });
    there = await startService(database(), { releaseProcess: false });
  });
  after(async () => {
    await here.stop();
    await there.stop();
  });

  it('tell there what was held here, and let a client go on at the other one', async () => {
    const opened = await demand(201, here.url, '/slots', { body: show('both', { rows: 1, seatsPerRow: 10 }) });
    const client = await LiveClient.open(there.url, '/slots/both/live', { headers: seen(opened) });
    const first = await hold(here.url, 'both', { units: ['1-1'] });
    await client.reached(first.body.version);
    expect(client.map.seats.get('1-1')?.status).to.equal('held');

    const { map } = client;
    const keeper = await LiveClient.open(here.url, '/slots/both/live');
    await keeper.reached(first.body.version);
    client.cut();
    const second = await hold(there.url, 'both', { units: ['1-2'] });
    const back = await LiveClient.open(here.url, '/slots/both/live', { from: map });
    await back.reached(second.body.version);
    expect([map.timesCame('reset'), map.seats.get('1-2')?.status]).to.deep.equal([1, 'held']);
    await expectCurrent(here.url, map, 'both');
    back.cut();
    keeper.cut();
  });

  it('say bye when they are told to stop, at once, and take nobody any more', async () => {
    const clients = await Promise.all(Array.from({ length: 10 }, () => LiveClient.open(there.url, '/slots/both/live')));
    const begun = performance.now();
    await there.stop();
    console.log(`        stopped within ${Math.round(performance.now() - begun)} ms`);

    for (const client of clients) {
      await client.until('the end', () => client.ended);
      expect(client.map.byeReason).to.equal('stopping');
    }
    expect(there.live.statistics().watchers).to.equal(0);
  });
});
