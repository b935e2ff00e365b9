import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { type EdgeDependencies, Watermark } from '../../src/http/edge.ts';
import { hotRoutes } from '../../src/http/hot-routes.ts';
import { RequestMeter } from '../../src/http/request-meter.ts';
import { createRoutes } from '../../src/http/routes.ts';
import type { Queries } from '../../src/queries/queries.ts';
import { type FakeEdge, HELD, startFakeEdge } from './fakes.ts';

const ORIGIN = 'https://tickets.example';
const MAP = { slotId: 'hamlet', version: 7, units: [] };
const found = async (slotId: string) =>
  slotId === 'hamlet'
    ? ({ kind: 'found', read: { value: MAP, position: 9, source: 'memory' } } as const)
    : ({ kind: 'not-found', position: 9 } as const);
const PARTS = {
  seats: found,
  availability: async (slotId: string) =>
    (await found(slotId)).kind === 'found' ? { kind: 'fault', fault: { kind: 'span-required' }, position: 9 } : found(slotId),
  waitForPosition: async (_question: unknown, position: number) => ({ reached: position <= 9, position: 9 }),
  execute: async () => HELD,
} as unknown as Partial<Queries>;

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const JSON_BODY = { 'Content-Type': 'application/json' };
const BOOK = { method: 'POST', path: '/api/v1/slots/hamlet/bookings', body: '{"customerId":"c","units":["A1"]}' };

/** What is hot, what is nearly, and what is wrong with it. */
const REQUESTS: readonly Sent[] = [
  { method: 'GET', path: '/api/v1/slots/hamlet/seats' },
  { method: 'GET', path: '/api/v1/slots/hamlet/seats/' },
  { method: 'HEAD', path: '/api/v1/slots/hamlet/seats' },
  { method: 'OPTIONS', path: '/api/v1/slots/hamlet/seats' },
  { method: 'DELETE', path: '/api/v1/slots/hamlet/seats' },
  { method: 'GET', path: '/api/v1/slots/hamlet/seats', headers: { 'If-None-Match': 'W/"7"' } },
  { method: 'GET', path: '/api/v1/slots/hamlet/seats', headers: { 'Holdfast-Position': 'OQ' } },
  { method: 'GET', path: '/api/v1/slots/hamlet/seats', headers: { 'Holdfast-Position': 'MTA' } },
  { method: 'GET', path: '/api/v1/slots/hamlet/seats', headers: { 'Holdfast-Position': 'nonsense' } },
  { method: 'GET', path: '/api/v1/slots/hamlet/seats?fromStop=A' },
  { method: 'GET', path: '/api/v1/slots/hamlet/seats?nonsense=1' },
  { method: 'GET', path: '/api/v1/slots/ham%6Cet/seats' },
  { method: 'GET', path: '/api/v1/slots/%zz/seats' },
  { method: 'GET', path: '/api/v1/slots/with%20space/seats' },
  { method: 'GET', path: '/api/v1/slots//seats' },
  { method: 'GET', path: '/api/v1/Slots/hamlet/seats' },
  { method: 'GET', path: '/api/v1/slots/unknown/seats' },
  { method: 'GET', path: '/api/v1/slots/hamlet/availability' },
  { method: 'GET', path: '/api/v1/layouts/globe' },
  { method: 'GET', path: '/api/v1/layouts/globe', headers: { 'If-None-Match': '"globe"' } },
  { method: 'GET', path: '/api/v1/layouts/unknown' },
  { method: 'GET', path: 'http://127.0.0.1/api/v1/slots/hamlet/seats' },
  { ...BOOK, headers: { ...JSON_BODY, 'Idempotency-Key': 'k' } },
  { ...BOOK, headers: JSON_BODY },
  { ...BOOK, headers: { 'Content-Type': 'text/plain' } },
  { ...BOOK, headers: JSON_BODY, body: '{' },
  { method: 'POST', path: '/api/v1/bookings/hamlet.1/confirm', headers: JSON_BODY, body: '{"paymentReference":"p"}' },
  { method: 'POST', path: '/api/v1/bookings/nonsense/confirm', headers: JSON_BODY, body: '{"paymentReference":"p"}' },
  { method: 'GET', path: '/api/v1/bookings/hamlet.1/confirm' },
];

/** The whole answer, without what is new each time. */
async function answerOf(port: number, sent: Sent): Promise<object> {
  const asked = request({ host: '127.0.0.1', port, method: sent.method, path: sent.path, headers: { ...sent.headers } });
  asked.end(sent.body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let body = '';
  response.setEncoding('utf8');
  for await (const chunk of response) body += chunk;
  const { date: _date, 'keep-alive': _keepAlive, ...headers } = response.headers;
  const anonymous = body.replace(/urn:uuid:[0-9a-f-]+/, 'urn:uuid').replace(/attempt-\d+/, 'attempt');
  // An attempt's number may have more digits on one side than on the other.
  delete headers['content-length'];
  return { status: response.statusCode, headers, body: anonymous };
}

describe('routes that are answered ahead of Express', () => {
  let edge: FakeEdge;
  let withOrigins: FakeEdge;
  let express: Server;

  before(async () => {
    edge = await startFakeEdge(PARTS);
    withOrigins = await startFakeEdge({ ...PARTS, corsOrigins: [ORIGIN] });
    express = createServer(edge.server.app);
    express.listen(0, '127.0.0.1');
    await once(express, 'listening');
  });
  after(async () => {
    express.close();
    await edge.server.stop(1_000);
    await withOrigins.server.stop(1_000);
  });

  for (const sent of REQUESTS) {
    it(`answer as Express does: ${sent.method} ${sent.path} ${JSON.stringify({ ...sent.headers, ...(sent.body === undefined ? {} : { body: sent.body }) })}`, async () => {
      const ahead = await answerOf(Number(new URL(edge.url).port), sent);
      const behind = await answerOf((express.address() as AddressInfo).port, sent);
      expect(ahead).to.deep.equal(behind);
    });
  }

  it('leave calls from other origins to Express', async () => {
    const response = await fetch(`${withOrigins.url}/api/v1/slots/hamlet/seats`, { headers: { Origin: ORIGIN } });
    expect([response.status, response.headers.get('Access-Control-Allow-Origin')]).to.deep.equal([200, ORIGIN]);
  });

  it('are what customers ask, by method and path, and no others', () => {
    const asked: string[] = [];
    const handle = (path: string) => async () => {
      asked.push(path);
      return new Promise<never>(() => undefined);
    };
    const routes = createRoutes({} as EdgeDependencies, new Watermark()).map((route) => ({ ...route, handle: handle(route.path) }));
    const routesAhead = hotRoutes(routes, {
      watermark: new Watermark(),
      log: console,
      requests: new RequestMeter(),
      isStopping: () => false,
    });
    const isHot = ({ method, path }: Pick<Sent, 'method' | 'path'>) => {
      const isAnswered = routesAhead.isAnswered({ method, url: path } as IncomingMessage, {} as ServerResponse);
      expect(routesAhead.isHot(method, path), path).to.equal(isAnswered);
      return isAnswered;
    };

    const hot = [
      { method: 'GET', path: '/api/v1/slots/hamlet/availability?from=a' },
      { method: 'GET', path: '/api/v1/slots/hamlet/seats' },
      { method: 'POST', path: '/api/v1/slots/hamlet/bookings' },
      { method: 'POST', path: '/api/v1/bookings/hamlet.1/confirm' },
      { method: 'GET', path: '/api/v1/slots?category=theatre' },
      { method: 'GET', path: '/api/v1/slots/hamlet' },
      { method: 'GET', path: '/api/v1/layouts/globe' },
      { method: 'GET', path: '/api/v1/bookings/hamlet.1' },
      { method: 'GET', path: '/api/v1/customers/c-17/bookings' },
      { method: 'POST', path: '/api/v1/bookings/hamlet.1/cancel' },
      { method: 'POST', path: '/api/v1/bookings/hamlet.1/extend-hold' },
      { method: 'POST', path: '/api/v1/bookings/hamlet.1/change' },
    ];
    expect(hot.map(isHot)).to.deep.equal(hot.map(() => true));
    expect(new Set(asked).size).to.equal(hot.length);
    const others = [
      { method: 'HEAD', path: '/api/v1/slots/hamlet/seats' },
      { method: 'GET', path: '/api/v1/slots/hamlet/bookings' },
      { method: 'POST', path: '/api/v1/slots' },
      { method: 'PATCH', path: '/api/v1/slots/hamlet' },
      { method: 'GET', path: '/api/v1/slots/hamlet/live' },
      { method: 'GET', path: '/api/v1/bookings' },
      { method: 'GET', path: '/livez' },
    ];
    expect(others.map(isHot)).to.deep.equal(others.map(() => false));
    expect(asked).to.have.length(hot.length);
  });
});
