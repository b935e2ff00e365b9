import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import pg from 'pg';
import { decodePosition } from '../../src/http/position.ts';
import type { Service } from '../../src/main.ts';
import { ask, type BookingBody, demand, show } from '../support/api.ts';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { withDatabase } from '../support/postgres.ts';
import { appendRaw, recorded } from '../support/read-side.ts';
import { type Scraped, scrape as scrapeAnyhow } from '../support/scraped.ts';
import { startService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

const DOCS = new URL('../../docs/metrics.md', import.meta.url);

async function scrape(url: string): Promise<Scraped> {
  const scraped = await scrapeAnyhow(url);
  expect(scraped.response.status, scraped.text.slice(0, 200)).to.equal(200);
  expect(scraped.response.headers.get('Content-Type')).to.equal('text/plain; version=0.0.4; charset=utf-8');
  return scraped;
}

/** By name: what kind of metric the page says it is. */
function declared(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', kind = '']) => [name, kind]));
}

describe('the metrics of a service', function () {
  this.timeout(60_000);
  const database = withDatabase();
  let service: Service;
  let page: string;

  before(async () => {
    service = await startService(database());
    await demand(201, service.url, '/slots', { body: show('metrics', { rows: 2, seatsPerRow: 5, yard: 10 }) });
    const units = ['1-1', '1-2', { unitId: 'yard', quantity: 3 }];
    const held = await demand<BookingBody>(201, service.url, '/slots/metrics/bookings', {
      key: 'k',
      body: { customerId: 'mrs-secret', units },
    });
    await demand(409, service.url, '/slots/metrics/bookings', { key: 'l', body: { customerId: 'mrs-secret', units: ['1-1'] } });
    await demand(400, service.url, '/slots/metrics/bookings', { key: 'm', body: { customerId: 'mrs-secret' } });
    const paid = await demand(200, service.url, `/bookings/${held.body.bookingId}/confirm`, { body: { paymentReference: 'p' } });
    const position = paid.headers.get('Holdfast-Position') ?? '';
    // The first reading brings the slot into memory, the second finds it there.
    for (const path of ['/slots/metrics/seats', '/slots/metrics/seats', '/slots/metrics/availability'])
      await demand(200, service.url, path, { headers: { 'Holdfast-Position': position } });
    await demand(200, service.url, `/bookings/${held.body.bookingId}`, { headers: { 'Holdfast-Position': position } });
    await ask(service.url, '/nothing/of/the/kind');
    const target = decodePosition(position)?.position ?? 0;
    await waitUntil('the views have it', async () =>
      (await service.runner.status()).every((view) => (view.position ?? 0) >= target && view.state.kind === 'running'),
    );
    page = (await scrape(service.url)).text;
  });
  after(() => service.stop());

  it('tell what was booked and refused, by code', async () => {
    const { values } = await scrape(service.url);
    const told = (name: string) => values.get(name);
    expect(told('holdfast_bookings_created_total')).to.equal(1);
    expect(told('holdfast_bookings_confirmed_total')).to.equal(1);
    expect(told('holdfast_seats_locked_total')).to.equal(5);
    expect(told('holdfast_booking_commands_total{command="RequestBooking",outcome="accepted"}')).to.equal(1);
    expect(told('holdfast_booking_commands_total{command="RequestBooking",outcome="refused"}')).to.equal(1);
    expect(told('holdfast_booking_refusals_total{code="seats-taken"}')).to.equal(1);
    expect(told('holdfast_booking_refusals_total{code="invalid-input"}')).to.equal(1);
    expect(told('holdfast_events_appended_total{type="SlotOpened"}')).to.equal(1);
  });

  it('tell how far each view is behind the log', async () => {
    const { values } = await scrape(service.url);
    for (const projection of ['inventory', 'bookings']) {
      expect(values.get(`holdfast_projection_lag_events{projection="${projection}"}`)).to.equal(0);
      expect(values.get(`holdfast_projection_lag_seconds{projection="${projection}"}`)).to.equal(0);
      expect(values.get(`holdfast_projection_position{projection="${projection}"}`)).to.equal(await service.store.headPosition());
      expect(values.get(`holdfast_projection_state{projection="${projection}",state="running"}`)).to.equal(1);
    }
    expect(values.get('holdfast_log_position')).to.equal(await service.store.headPosition());
    expect(values.get('holdfast_memory_current')).to.equal(1);
  });

  it('tell how often memory had the answer', async () => {
    const { values } = await scrape(service.url);
    expect(values.get('holdfast_reads_total{layer="memory",question="seats",outcome="miss"}')).to.equal(1);
    expect(values.get('holdfast_reads_total{layer="memory",question="seats",outcome="hit"}')).to.equal(1);
    expect(values.get('holdfast_reads_total{layer="memory",question="availability",outcome="hit"}')).to.equal(1);
    expect(values.get('holdfast_memory_slots')).to.equal(1);
    expect(values.get('holdfast_memory_bytes')).to.be.greaterThan(0);
  });

  it('count requests by the templates of their routes, those answered ahead of Express like the others', async () => {
    const { values } = await scrape(service.url);
    const count = (method: string, route: string, status: string) =>
      values.get(`holdfast_http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`);
    expect(count('GET', '/api/v1/slots/{slotId}/seats', '2xx')).to.equal(2);
    expect(count('POST', '/api/v1/slots/{slotId}/bookings', '2xx')).to.equal(1);
    expect(count('POST', '/api/v1/slots/{slotId}/bookings', '4xx')).to.equal(2);
    expect(count('GET', '/api/v1/bookings/{bookingId}', '2xx')).to.equal(1);
    expect(count('any', 'none', '4xx')).to.equal(1);
    expect(values.get('holdfast_http_requests_in_flight')).to.equal(0);
    const bucket = (le: string) =>
      values.get(
        `holdfast_http_request_duration_seconds_bucket{le="${le}",method="GET",route="/api/v1/slots/{slotId}/seats",status="2xx"}`,
      );
    expect(bucket('+Inf')).to.equal(2);
    expect(bucket('10')).to.equal(2);
  });

  it('say nothing of customers, slots and bookings', () => {
    expect(page).to.not.match(/mrs-secret|metrics\.|"metrics"|1-1/);
  });

  it('are answered to HEAD as well, and to nothing else', async () => {
    const head = await fetch(`${service.url}/metrics`, { method: 'HEAD' });
    expect([head.status, await head.text()]).to.deep.equal([200, '']);
    const posted = await fetch(`${service.url}/metrics`, { method: 'POST' });
    expect([posted.status, posted.headers.get('Allow')]).to.deep.equal([405, 'GET, HEAD']);
  });

  it('are all in docs/metrics.md, with their kind, and no others are', async () => {
    const rows = [...(await readFile(DOCS, 'utf8')).matchAll(/^\| `([a-z_]+)[^`]*` \| (\w+) \|/gm)];
    const documented = rows.map(([, name, kind]) => [name, kind] as const);
    expect(documented.toSorted()).to.deep.equal([...declared(page)].toSorted());
  });

  it('are named as Prometheus wants it', () => {
    for (const [name, kind] of declared(page)) {
      expect(name).to.match(/^(holdfast|process|nodejs)_[a-z_]+$/);
      expect(name.endsWith('_total'), name).to.equal(kind === 'counter');
    }
  });
});

describe('the metrics of a service whose view stands before an event that it cannot fold', function () {
  this.timeout(60_000);
  const database = withDatabase();
  let service: Service;
  before(async () => {
    service = await startService(database());
  });
  after(() => service.stop());

  it('name the projection, and the position of the event', async () => {
    await demand(201, service.url, '/slots', { body: show('poisoned', { yard: 1 }) });
    const change = { unitId: 'nowhere', price: 1, category: 'x', capacity: 1 };
    const poison = await appendRaw(service.store, 'slot-poisoned', [recorded({ type: 'UnitsChanged', changes: [change] })]);
    const stopped = 'holdfast_projection_state{projection="inventory",state="stopped"}';
    await waitUntil('it has stopped', async () => (await scrape(service.url)).values.get(stopped) === 1);
    const { values } = await scrape(service.url);
    expect(values.get('holdfast_projection_poison_event_position{projection="inventory",build="live"}')).to.equal(poison);
    expect(values.get('holdfast_projection_lag_events{projection="inventory"}')).to.equal(1);
    expect(values.has('holdfast_projection_poison_event_position{projection="bookings",build="live"}')).to.equal(false);
    expect(values.get('holdfast_projection_state{projection="bookings",state="running"}')).to.equal(1);
  });
});

describe('the metrics of a service whose database does not answer', function () {
  this.timeout(60_000);
  const database = withDatabase();
  let proxy: CuttingProxy;
  let service: Service;
  let blocker: pg.Client;

  before(async () => {
    proxy = await startCuttingProxy(database());
    service = await startService(proxy.connectionString);
    blocker = new pg.Client({ connectionString: database() });
    await blocker.connect();
  });
  after(async () => {
    await blocker.end();
    await service.stop();
    await proxy.shut();
  });

  it('come all the same, and say what is left out: while it hangs, and while it is gone', async () => {
    await blocker.query('BEGIN; LOCK TABLE holdfast.projection_builds IN ACCESS EXCLUSIVE MODE');
    const hanging = (await scrape(service.url)).values;
    expect(hanging.get('holdfast_scrape_source_up{source="projections"}')).to.equal(0);
    expect(hanging.get('holdfast_scrape_source_up{source="event-log"}')).to.equal(1);
    expect([...hanging.keys()].filter((name) => name.startsWith('holdfast_projection_'))).to.deep.equal([]);
    await blocker.query('ROLLBACK');

    await proxy.shut();
    const gone = (await scrape(service.url)).values;
    expect(gone.get('holdfast_scrape_source_up{source="event-log"}')).to.equal(0);
    expect(gone.has('holdfast_log_position')).to.equal(false);
    expect(gone.get('holdfast_scrape_errors_total{source="event-log"}')).to.be.greaterThan(0);
    expect(gone.has('process_resident_memory_bytes')).to.equal(true);

    await proxy.open();
    await waitUntil('it tells again', async () =>
      (await scrape(service.url)).values.has('holdfast_projection_position{projection="inventory"}'),
    );
  });
});
