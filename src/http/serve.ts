import type { IncomingMessage, ServerResponse } from 'node:http';
import { v7 } from 'uuid';
import { RequestAbortedError } from './body.ts';
import type { EdgeLog, Watermark } from './edge.ts';
import type { Answer, Route } from './exchange.ts';
import { compilePath } from './path.ts';
import { encodePosition } from './position.ts';
import { type Problem, renderProblem } from './problem.ts';
import { problemOfError } from './thrown.ts';

export type PlainHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** What a refused request is called when it is not on record anywhere else. */
export const INSTANCE_PREFIX = 'urn:uuid:';

export interface ServeContext {
  readonly watermark: Watermark;
  readonly log: EdgeLog;
}

/**
 * Makes a route into a plain function of node:http. It needs nothing of Express, so that routes which
 * carry a rush can be called ahead of it; it always ends the response, whatever happens.
 */
export function serve(route: Route, context: ServeContext): PlainHandler {
  const matcher = compilePath(route.path);
  return (request, response) => {
    const correlationId = v7();
    const { path, query } = splitUrl(request.url ?? '/');
    // An async function, so that what the matcher throws becomes an answer as well.
    const answered = (async () => route.handle({ request, parameters: matcher.parametersOf(path), query, correlationId }))();
    answered
      .then((answer) => sendAnswer(request, response, answer, context.watermark))
      .catch((error: unknown) => sendError(request, response, error, correlationId, context));
  };
}

/** Scheme and host that a proxy may write before the path (the absolute form of RFC 9112). */
const AUTHORITY = /^https?:\/\/[^/?]*/i;

export function splitUrl(target: string): { readonly path: string; readonly query: string } {
  const url = target.startsWith('/') ? target : target.replace(AUTHORITY, '');
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer, watermark: Watermark): void {
  watermark.raise(answer.place.position);
  // An answer that never came to look at the log carries what this process last told.
  const place = answer.place.position === 0 ? { position: watermark.position } : answer.place;
  const text = answer.body === undefined ? null : JSON.stringify(answer.body);
  const type: Readonly<Record<string, string>> = text === null ? {} : { 'Content-Type': 'application/json' };
  send(request, response, answer.status, { 'Holdfast-Position': encodePosition(place), ...type, ...answer.headers }, text);
}

function sendError(request: IncomingMessage, response: ServerResponse, error: unknown, correlationId: string, context: ServeContext): void {
  if (error instanceof RequestAbortedError) {
    response.destroy();
    return;
  }
  const problem = problemOfError(error);
  const instance = `${INSTANCE_PREFIX}${correlationId}`;
  if (problem.code === 'internal-error')
    context.log.error({ err: error, instance, method: request.method, url: request.url }, 'a request failed');
  sendProblem(request, response, problem, instance, context.watermark);
}

/** Sends a problem that names no state of the log: it carries what this process last told. */
export function sendProblem(
  request: IncomingMessage,
  response: ServerResponse,
  problem: Problem,
  instance: string,
  watermark: Watermark,
): void {
  const { status, headers, body } = renderProblem(problem, instance);
  const position = encodePosition({ position: watermark.position });
  send(request, response, status, { 'Holdfast-Position': position, ...headers }, JSON.stringify(body));
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  text: string | null,
): void {
  if (response.headersSent || response.destroyed) return;
  const length =
    text === null
      ? status === 304 || status === 204
        ? {}
        : { 'Content-Length': '0' }
      : { 'Content-Length': String(Buffer.byteLength(text)) };
  response.writeHead(status, { ...headers, ...length, 'X-Content-Type-Options': 'nosniff' });
  response.end(request.method === 'HEAD' ? undefined : (text ?? undefined));
}
