import type { IncomingMessage, ServerResponse } from 'node:http';
import { v7 } from 'uuid';
import { RequestAbortedError } from './body.ts';
import type { EdgeLog, Watermark } from './edge.ts';
import type { Exchange, PathParameters, Reply, Route, StreamedAnswer } from './exchange.ts';
import { compilePath } from './path.ts';
import { encodePosition } from './position.ts';
import { type Problem, renderProblem } from './problem.ts';
import type { RequestMeter } from './request-meter.ts';
import { problemOfError } from './thrown.ts';

export type PlainHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** What a refused request is called when it is not on record anywhere else. */
export const INSTANCE_PREFIX = 'urn:uuid:';

export interface ServeContext {
  readonly watermark: Watermark;
  readonly log: EdgeLog;
  readonly requests: RequestMeter;
}

/**
 * Makes a route into a plain function of node:http. It needs nothing of Express, so that routes which
 * carry a rush can be called ahead of it; it always ends the response, whatever happens.
 */
export function serve(route: Route, context: ServeContext): PlainHandler {
  const matcher = compilePath(route.path);
  const meter = context.requests.of(route.method, route.path);
  return (request, response) => {
    const begun = meter.begun();
    const { path, query } = splitUrl(request.url ?? '/');
    const exchange = new ServedExchange(request, query);
    try {
      exchange.parameters = matcher.parametersOf(path);
      route
        .handle(exchange)
        .then((answer) => {
          sendAnswer(request, response, answer, context.watermark);
          meter.ended(begun, answer.status);
        })
        .catch((error: unknown) => meter.ended(begun, sendError(request, response, error, exchange.correlationId, context)));
    } catch (error) {
      meter.ended(begun, sendError(request, response, error, exchange.correlationId, context));
    }
  };
}

class ServedExchange implements Exchange {
  readonly request: IncomingMessage;
  readonly query: string;
  parameters: PathParameters = notRead;
  private id: string | null = null;

  constructor(request: IncomingMessage, query: string) {
    this.request = request;
    this.query = query;
  }

  /** Made when it is first wanted: most reads never are. */
  get correlationId(): string {
    this.id ??= v7();
    return this.id;
  }
}

function notRead(name: string): never {
  throw new Error(`The path was not read, so nothing is known of its ${name}.`);
}

/** Scheme and host that a proxy may write before the path (the absolute form of RFC 9112). */
const AUTHORITY = /^https?:\/\/[^/?]*/i;

export function splitUrl(target: string): { readonly path: string; readonly query: string } {
  const url = target.startsWith('/') ? target : target.replace(AUTHORITY, '');
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Reply, watermark: Watermark): void {
  watermark.raise(answer.place.position);
  // An answer that never came to look at the log carries what this process last told.
  const place = answer.place.position === 0 ? { position: watermark.position } : answer.place;
  const headers: Record<string, string> = { 'Holdfast-Position': encodePosition(place) };
  if ('stream' in answer) {
    sendStream(request, response, answer, Object.assign(headers, answer.headers));
    return;
  }
  const payload = payloadOf(answer.body);
  if (payload !== null) headers['Content-Type'] = 'application/json';
  send(request, response, answer.status, Object.assign(headers, answer.headers), payload);
}

/** @param headers this function's own from here on. */
function sendStream(request: IncomingMessage, response: ServerResponse, answer: StreamedAnswer, headers: Record<string, string>): void {
  if (response.headersSent || response.destroyed) return;
  headers['X-Content-Type-Options'] = 'nosniff';
  response.writeHead(answer.status, headers);
  if (request.method === 'HEAD') response.end();
  else answer.stream(response);
}

function payloadOf(body: unknown): string | Buffer | null {
  if (body === undefined) return null;
  return Buffer.isBuffer(body) ? body : JSON.stringify(body);
}

/** @returns the status that was sent; 0 when there is nobody to send it to. */
function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  correlationId: string,
  context: ServeContext,
): number {
  if (error instanceof RequestAbortedError) {
    response.destroy();
    return 0;
  }
  const problem = problemOfError(error);
  const instance = `${INSTANCE_PREFIX}${correlationId}`;
  if (problem.code === 'internal-error')
    context.log.error({ err: error, instance, method: request.method, url: request.url }, 'a request failed');
  return sendProblem(request, response, problem, instance, context.watermark);
}

/**
 * Sends a problem that names no state of the log: it carries what this process last told.
 *
 * @returns the problem's status.
 */
export function sendProblem(
  request: IncomingMessage,
  response: ServerResponse,
  problem: Problem,
  instance: string,
  watermark: Watermark,
): number {
  const { status, headers, body } = renderProblem(problem, instance);
  const position = encodePosition({ position: watermark.position });
  send(request, response, status, { 'Holdfast-Position': position, ...headers }, JSON.stringify(body));
  return status;
}

/** @param headers this function's own from here on. */
function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  payload: string | Buffer | null,
): void {
  if (response.headersSent || response.destroyed) return;
  if (payload !== null) headers['Content-Length'] = String(Buffer.byteLength(payload));
  else if (status !== 304 && status !== 204) headers['Content-Length'] = '0';
  headers['X-Content-Type-Options'] = 'nosniff';
  response.writeHead(status, headers);
  response.end(request.method === 'HEAD' ? undefined : (payload ?? undefined));
}
