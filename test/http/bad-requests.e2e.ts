import { expect } from 'chai';
import { Watermark } from '../../src/http/edge.ts';
import type { Route } from '../../src/http/exchange.ts';
import { createRoutes } from '../../src/http/routes.ts';
import type { Service } from '../../src/main.ts';
import { withDatabase } from '../support/postgres.ts';
import { startService } from '../support/service.ts';
import { type BadRequest, FIXTURE_SLOTS } from './bad-request.ts';
import { BAD_REQUESTS, unstorableRequests } from './bad-requests.ts';
import { header, member, type Reply, send } from './client.ts';

/** A service to be treated badly, with a way to see that nothing was written. */
interface Victim {
  readonly url: string;
  readonly booking: string;
  headPosition(): Promise<number>;
}

const READ_BACK = [
  '/api/v1/slots/bad-show',
  '/api/v1/slots/bad-show/seats',
  '/api/v1/slots/bad-trip/seats',
  '/api/v1/slots?status=OPEN',
  '/api/v1/bookings?limit=200',
];

describe('bad requests to a service with a show, a trip and a fleet', () => {
  const database = withDatabase();
  let service: Service;
  let victim: Victim;
  let routes: readonly Route[];

  before(async () => {
    // Holds would lapse on their own account only after minutes; nothing else may write meanwhile.
    service = await startService(database(), { releaseProcess: false });
    for (const slot of FIXTURE_SLOTS) await demand(201, await send(service.url, '/api/v1/slots', { method: 'POST', body: slot }));
    const held = await send(service.url, '/api/v1/slots/bad-show/bookings', {
      method: 'POST',
      headers: { 'Idempotency-Key': 'first' },
      body: { customerId: 'c-17', units: ['A1'] },
    });
    await demand(201, held);
    const booking = String(member(held, 'bookingId'));
    const capped = await send(service.url, `/api/v1/bookings/${booking}/extend-hold`, { method: 'POST', body: { seconds: 7_200 } });
    await demand(200, capped);
    const headers = { 'Holdfast-Position': header(capped, 'Holdfast-Position'), Prefer: 'wait=10' };
    // Each from where it is read: one in memory may be there before the rows are.
    for (const path of READ_BACK) await demand(200, await send(service.url, path, { headers }));
    victim = { url: service.url, booking, headPosition: () => service.store.headPosition() };
    routes = createRoutes({ ...service, readiness: [], corsOrigins: [], log: { error: () => undefined } }, new Watermark());
  });

  after(() => service?.stop());

  for (const bad of BAD_REQUESTS) {
    it(`refuses ${bad.name}`, async () => {
      const before = await stateOf(victim);
      await refuses(victim, bad);
      expect(await stateOf(victim)).to.deep.equal(before);
    });
  }

  it('refuses what cannot be stored in every string of every body, query and path', async function () {
    this.timeout(60_000);
    const before = await stateOf(victim);
    const requests = unstorableRequests(routes);
    // Each write route has strings, and most have many: a generator that found none would prove nothing.
    expect(requests.length).to.be.above(300);
    for (const bad of requests) await refuses(victim, bad);
    expect(await stateOf(victim)).to.deep.equal(before);
  });

  it('has a table of at least 80 kinds, each of its own', () => {
    expect(new Set(BAD_REQUESTS.map((bad) => bad.name)).size)
      .to.equal(BAD_REQUESTS.length)
      .and.to.be.at.least(80);
  });
});

async function refuses({ url, booking, headPosition }: Victim, bad: BadRequest): Promise<void> {
  const head = await headPosition();
  const reply = await send(url, bad.path.replaceAll('{booking}', booking), bad);
  const said = `${bad.name} → ${reply.text.slice(0, 600)}`;
  expect(reply.status, said).to.equal(bad.status);
  expect(reply.headers['content-type'], said).to.equal('application/problem+json');
  expect(member(reply, 'code'), said).to.equal(bad.code);
  expect(member(reply, 'status'), said).to.equal(bad.status);
  expect(member(reply, 'type'), said).to.equal(`/docs/problems#${bad.code}`);
  for (const name of ['title', 'detail', 'instance']) expect(member(reply, name), `${said} ${name}`).to.be.a('string').and.not.equal('');
  expect(reply.text, said).to.not.match(/at .*\.ts:\d+|node_modules/);
  expect(header(reply, 'Holdfast-Position'), said).to.match(/^[A-Za-z0-9_-]+$/);
  if (bad.code === 'method-not-allowed') expect(header(reply, 'Allow'), said).to.not.equal('');
  if (bad.at !== undefined) expectFault(reply, bad.at, said);
  expect(await headPosition(), said).to.equal(head);
}

function expectFault(reply: Reply, at: object, said: string): void {
  const errors = member(reply, 'errors') as readonly Readonly<Record<string, unknown>>[];
  expect(errors, said).to.be.an('array').with.length.within(1, 20);
  expect(errors[0], said).to.include(at);
  for (const fault of errors) expect(fault.message, said).to.be.a('string').and.not.equal('');
}

async function stateOf({ url, headPosition }: Victim): Promise<unknown> {
  const answers = await Promise.all(READ_BACK.map(async (path) => (await send(url, path)).text));
  return { head: await headPosition(), answers };
}

async function demand(status: number, reply: Reply): Promise<void> {
  expect(reply.status, reply.text).to.equal(status);
}
