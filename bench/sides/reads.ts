import { execFile } from 'node:child_process';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import express from 'express';
import { RequestMeter } from '../../src/http/request-meter.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { openHoldfast, type Service, startHoldfast } from '../../src/main.ts';
import type { Side } from '../interleave.ts';

const HOST = '127.0.0.1';
const AUTOCANNON = fileURLToPath(import.meta.resolve('autocannon'));
/** Connections that ask all the time, each for the next answer as soon as it has the last. */
const CONNECTIONS = 32;
const SEATS = 200;
const CATEGORIES = ['gold', 'silver', 'bronze'];
const SLOT = '/api/v1/slots/bench-reads';

/** Nobody looks at the metrics of a server that is measured from outside. */
const UNREAD = { requests: new RequestMeter(), contentType: 'text/plain', text: async () => '' };

interface Answer {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * One answer about a show of 200 seats, asked for over and over: from memory, from PostgreSQL, and the
 * same bytes and headers from servers that do nothing else. The load comes from a process of its own.
 */
async function readSides(connectionString: string, question: string): Promise<{ readonly sides: readonly Side[]; close(): Promise<void> }> {
  const service = await startHoldfast({
    ...sourceOf(connectionString),
    host: HOST,
    port: 0,
    corsOrigins: [],
    releaseProcess: false,
    logLevel: 'silent',
  });
  await openShow(service);
  const answer = await fetchAnswer(service.url + SLOT + question);

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/api/v1/slots/:slotId/:question', (_request, response) => {
    response.writeHead(200, answer.headers);
    response.end(answer.body);
  });
  const inExpress = await serve(app);
  const inNode = await serve((_request, response) => {
    response.writeHead(200, answer.headers);
    response.end(answer.body);
  });
  const { app: wholeApp } = createHttpServer({ ...service, readiness: [], corsOrigins: [], log: console });
  const throughExpress = await serve(wholeApp);
  const views = await openHoldfast(sourceOf(connectionString));
  const fromViews = createHttpServer({ ...views, live: service.live, readiness: [], metrics: UNREAD, corsOrigins: [], log: console });
  const viewsPort = await fromViews.listen(0, HOST);

  const url = (port: number) => `http://${HOST}:${port}${SLOT}${question}`;
  const side = (name: string, address: string): Side => ({ name, run: (milliseconds) => load(address, milliseconds) });
  return {
    sides: [
      side('Express, the same bytes', url(inExpress.port)),
      side('node:http, the same bytes', url(inNode.port)),
      side('Holdfast from memory', service.url + SLOT + question),
      side('Holdfast from memory, all through Express', url(throughExpress.port)),
      side('Holdfast from PostgreSQL', url(viewsPort)),
    ],
    async close() {
      await Promise.all([inExpress, inNode, throughExpress].map(({ server }) => closed(server)));
      await stop(fromViews);
      await views.close();
      await service.stop();
    },
  };
}

export function availabilitySides(connectionString: string): ReturnType<typeof readSides> {
  return readSides(connectionString, '/availability');
}

export function seatMapSides(connectionString: string): ReturnType<typeof readSides> {
  return readSides(connectionString, '/seats');
}

/** Requests per second that were answered with 200. */
async function load(url: string, milliseconds: number): Promise<number> {
  const seconds = Math.max(1, Math.round(milliseconds / 1_000));
  const words = ['--json', '--connections', String(CONNECTIONS), '--duration', String(seconds), url];
  const { stdout } = await promisify(execFile)(process.execPath, [AUTOCANNON, ...words], { maxBuffer: 16 * 1024 * 1024 });
  const result = JSON.parse(stdout) as { '2xx': number; non2xx: number; errors: number; duration: number };
  if (result.non2xx + result.errors > 0) throw new Error(`${url} was not always answered: ${stdout.slice(0, 500)}`);
  return result['2xx'] / result.duration;
}

async function openShow(service: Service): Promise<void> {
  const units = Array.from({ length: SEATS }, (_, n) => ({
    unitId: `${Math.floor(n / 20)}-${n % 20}`,
    section: 'Stalls',
    row: String(Math.floor(n / 20)),
    number: String(n % 20),
    category: CATEGORIES[n % CATEGORIES.length],
    price: 4_500,
    x: n % 20,
    y: Math.floor(n / 20),
  }));
  const body = JSON.stringify({
    slotId: 'bench-reads',
    category: 'theatre',
    title: 'A show',
    currency: 'GBP',
    startsAt: '2099-01-01T20:00:00Z',
    units,
  });
  const made = await fetch(`${service.url}/api/v1/slots`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  if (made.status !== 201 && made.status !== 409) throw new Error(await made.text());
}

/** The answer from memory, with the headers that Holdfast gives it. */
async function fetchAnswer(url: string): Promise<Answer> {
  const wanted = [
    'content-type',
    'cache-control',
    'etag',
    'holdfast-position',
    'holdfast-source',
    'x-content-type-options',
    'content-length',
  ];
  for (let source = ''; ; ) {
    const response = await fetch(url);
    const body = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    if (source === 'memory') return { body, headers: Object.fromEntries(wanted.map((name) => [name, response.headers.get(name) ?? ''])) };
    source = response.headers.get('holdfast-source') ?? '';
  }
}

function sourceOf(connectionString: string) {
  return { databaseUrl: connectionString, dataFolder: '' };
}

function serve(listener: RequestListener): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer(listener);
  return new Promise((resolve) => server.listen(0, HOST, () => resolve({ server, port: (server.address() as AddressInfo).port })));
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function stop(server: HttpServer): Promise<void> {
  await server.stop(1_000);
}
