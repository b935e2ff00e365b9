import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import express, { type Response } from 'express';
import { type Desk, holdRequestIn, paymentReferenceIn, type Reply, refused } from './desk.ts';

/** The desk behind Express with its JSON parser. */
export function inExpress(desk: Desk): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const send = (response: Response, reply: Promise<Reply>) => reply.then(({ status, body }) => response.status(status).json(body));
  app.post('/api/v1/slots/:slotId/bookings', express.json(), (request, response) =>
    send(response, hold(desk, request.params.slotId, request.body)),
  );
  app.post('/api/v1/bookings/:bookingId/confirm', express.json(), (request, response) =>
    send(response, confirm(desk, request.params.bookingId, request.body)),
  );
  app.get('/api/v1/slots/:slotId/availability', (request, response) => send(response, desk.availability(request.params.slotId)));
  app.get('/api/v1/slots/:slotId/seats', (request, response) => send(response, desk.seats(request.params.slotId)));
  return app;
}

const PATH = /^\/api\/v1\/(?:slots|bookings)\/([^/]+)\/(bookings|confirm|availability|seats)$/;

/** The same on node:http alone. */
export function onNode(desk: Desk): RequestListener {
  return (request, response) => {
    answer(desk, request)
      .catch((error: unknown) => refused(500, String(error)))
      .then(({ status, body }) => sendJson(response, status, JSON.stringify(body)));
  };
}

async function answer(desk: Desk, request: IncomingMessage): Promise<Reply> {
  const [, id = '', deed] = PATH.exec(request.url ?? '') ?? [];
  switch (deed) {
    case 'bookings':
      return hold(desk, id, await readJson(request));
    case 'confirm':
      return confirm(desk, id, await readJson(request));
    case 'availability':
      return desk.availability(id);
    case 'seats':
      return desk.seats(id);
    default:
      return refused(404, 'not-found');
  }
}

function hold(desk: Desk, showId: string, body: unknown): Promise<Reply> {
  const request = holdRequestIn(body);
  return request === null ? Promise.resolve(refused(400, 'invalid-input')) : desk.hold(showId, request);
}

function confirm(desk: Desk, bookingId: string, body: unknown): Promise<Reply> {
  const paymentReference = paymentReferenceIn(body);
  return paymentReference === null ? Promise.resolve(refused(400, 'invalid-input')) : desk.confirm(bookingId, paymentReference);
}

/** What a server answers that only echoes: always the same. */
export interface Echo {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function echoInExpress({ status, headers, body }: Echo): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.post('/api/v1/slots/:slotId/bookings', express.json(), (_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
  });
  return app;
}

export function echoOnNode({ status, headers, body }: Echo): RequestListener {
  return (request, response) => {
    readJson(request).then(() => {
      response.writeHead(status, headers);
      response.end(body);
    });
  };
}

function readJson(request: IncomingMessage): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      try {
        resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      } catch (error) {
        reject(error);
      }
    });
    request.on('error', reject);
  });
}

function sendJson(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': String(Buffer.byteLength(body)) });
  response.end(body);
}

/** Serves at a free port and tells it on standard output. */
export function listen(listener: RequestListener): void {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object' && address !== null) process.stdout.write(`serves at http://127.0.0.1:${address.port}\n`);
  });
}
