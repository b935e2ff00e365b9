import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { setImmediate as setImmediatePromise, setTimeout as setTimeoutPromise } from 'node:timers/promises';
import type { Express } from 'express';
import { createApp } from './app.ts';
import { type EdgeDependencies, Watermark } from './edge.ts';
import { type HotRoutes, hotRoutes } from './hot-routes.ts';
import { PlainConnections } from './plain/plain-connections.ts';
import { PROBLEMS, type Problem, type ProblemCode, plainProblem, renderProblem } from './problem.ts';
import { createRoutes } from './routes.ts';
import { INSTANCE_PREFIX, sendProblem } from './send.ts';
import { originForm } from './serve.ts';

/** A client that has not sent its headers, or its whole request, within this many milliseconds is sent away. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than the idle time of common proxies, so that they close first and never meet a connection that is just closing. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const MAX_HEADER_BYTES = 16 * 1024;
const CLOSE_IDLE_EVERY_MS = 50;
/** What a client is told on a socket that node:http has given up has so many milliseconds to get there. */
const LAST_WORDS_MS = 5_000;
/**
 * A busy client may have its next request under way when the stop begins, on an idle connection or on a new one.
 * For so many milliseconds both are still taken: that request is answered, and told that it was the last one.
 */
const IDLE_GRACE_MS = 200;
/** Connections beyond this are refused by the operating system's backlog rather than by running out of memory. */
const MAX_CONNECTIONS = 10_000;

const UNFIT: Problem = { code: 'malformed-request', detail: 'A request of HTTP/1.1 names its host, and expects nothing but 100-continue.' };

export interface HttpServer {
  readonly app: Express;
  /** @returns the port, which matters when 0 was asked for. Rejects with a message for the user when the port is taken or the address is not this machine's. */
  listen(port: number, host: string): Promise<number>;
  /** After a moment takes no new connections, finishes what is in hand, and so many milliseconds later breaks off what is left. */
  stop(boundMs: number): Promise<void>;
}

/** Makes the HTTP side of Holdfast. */
export function createHttpServer(dependencies: EdgeDependencies): HttpServer {
  let stopping = false;
  const watermark = new Watermark();
  const routes = createRoutes(dependencies, watermark);
  const isStopping = () => stopping;
  const app = createApp({ dependencies, routes, watermark, isStopping });
  // Headers for other origins are Express's business, so a service that has them answers everything there.
  const hot: HotRoutes =
    dependencies.corsOrigins.length > 0
      ? { isHot: () => false, isAnswered: () => false }
      : hotRoutes(routes, { watermark, log: dependencies.log, requests: dependencies.metrics.requests, isStopping });
  /** What is HTTP, but not as it must be: no host, or an expectation that nobody knows. */
  const refuse = (request: IncomingMessage, response: ServerResponse): void =>
    void sendProblem(request, response, UNFIT, `${INSTANCE_PREFIX}${randomUUID()}`, watermark);
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      joinDuplicateHeaders: true,
      // Node would answer by itself, and not with a problem.
      requireHostHeader: false,
    },
    (request, response) => {
      // Keep-alive clients must not send the next request into a server that is going away.
      if (stopping) response.setHeader('Connection', 'close');
      if (request.headers.host === undefined && request.httpVersion === '1.1') return refuse(request, response);
      if (hot.isAnswered(request, response)) return;
      // Express gives up on what it cannot read as a URL, in HTML.
      request.url = originForm(request.url ?? '/');
      app(request, response);
    },
  );
  const plain = readAhead(server, hot);
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', refuseMalformed);
  server.on('checkExpectation', refuse);
  return {
    app,
    listen: (port, host) => listenOn(server, port, host),
    stop: (boundMs) => {
      stopping = true;
      dependencies.live.stop();
      return stop(server, plain, boundMs);
    },
  };
}

/** Has plain requests for hot routes read ahead of the server's own reader, which gets every connection with something else on it. */
function readAhead(server: Server, hot: HotRoutes): PlainConnections {
  const [readByNode, ...others] = server.listeners('connection');
  if (readByNode === undefined || others.length > 0) throw new Error('node:http reads its connections otherwise than it did.');
  const plain = new PlainConnections({
    keepAliveMs: KEEP_ALIVE_TIMEOUT_MS,
    firstRequestMs: HEADERS_TIMEOUT_MS,
    ...hot,
    readByNode: (socket) => void readByNode.call(server, socket),
    refuse: refuseOn,
  });
  server.removeAllListeners('connection').on('connection', (socket: Socket) => plain.take(socket));
  return plain;
}

function listenOn(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(cannotListen(error, port, host));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

const LISTEN_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'this machine has no such address',
  EACCES: 'the port is reserved for privileged users',
};

function cannotListen(error: NodeJS.ErrnoException, port: number, host: string): Error {
  return new Error(`Cannot listen on port ${port} of ${host}: ${LISTEN_FAULTS[error.code ?? ''] ?? error.message}.`, { cause: error });
}

async function stop(server: Server, plain: PlainConnections, boundMs: number): Promise<void> {
  if (!server.listening) return plain.stop();
  await heard(IDLE_GRACE_MS);
  const bound = setTimeout(() => {
    server.closeAllConnections();
    plain.closeAll();
  }, boundMs);
  const closeIdle = () => {
    server.closeIdleConnections();
    plain.closeIdle();
  };
  // The HTTP server's own close would cut idle connections off at once.
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  closeIdle();
  // A connection falls idle when the answer that it was busy with is out; nothing tells of it.
  const idle = setInterval(() => setImmediate(closeIdle), CLOSE_IDLE_EVERY_MS);
  await closed;
  plain.stop();
  clearInterval(idle);
  clearTimeout(bound);
}

/**
 * Resolves after so many milliseconds, and when what had arrived by then has been read: timers come first in a
 * turn of the event loop, so in a process that was kept busy for as long they know nothing of it.
 */
async function heard(milliseconds: number): Promise<void> {
  await setTimeoutPromise(milliseconds);
  await setImmediatePromise();
}

const CODES: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

/** What is no HTTP never becomes a request; it gets its problem on the bare socket. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  refuseOn(socket, CODES[error.code ?? ''] ?? 'malformed-request');
  // A client that never closes would keep its connection for good.
  const bound = setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref();
  socket.once('close', () => clearTimeout(bound));
}

function refuseOn(socket: Socket, code: ProblemCode): void {
  const { status, headers, body } = renderProblem(plainProblem(code), 'about:blank');
  const { text } = body;
  const lines = Object.entries({ ...headers, 'Content-Length': String(Buffer.byteLength(text)), Connection: 'close' });
  socket.end(`HTTP/1.1 ${status} ${PROBLEMS[code].title}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`);
}
