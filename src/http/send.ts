import { ServerResponse } from 'node:http';
import type { Watermark } from './edge.ts';
import type { HttpRequest, HttpResponse, Reply, StreamedAnswer } from './exchange.ts';
import { JsonText } from './json-bytes.ts';
import { encodePosition } from './position.ts';
import { type Problem, renderProblem } from './problem.ts';
import { StandingAnswer } from './standing-answer.ts';

/** What a refused request is called when it is not on record anywhere else. */
export const INSTANCE_PREFIX = 'urn:uuid:';

export function sendAnswer(request: HttpRequest, response: HttpResponse, answer: Reply, watermark: Watermark): void {
  watermark.raise(answer.place.position);
  if (answer instanceof StandingAnswer) {
    sendStanding(response, answer);
    return;
  }
  // No stream stands at 0: an answer that says so cannot tell where it is in the log, and carries what this process last told. Without a
  // stream it is a view that has not begun: who was told more of it would take for missing what it only does not have yet.
  const isUnknown = answer.place.position === 0 && 'streamId' in answer.place;
  const place = isUnknown ? { position: watermark.position } : answer.place;
  const headers: Record<string, string> = { 'Holdfast-Position': encodePosition(place) };
  if ('stream' in answer) {
    sendStream(request, response, answer, Object.assign(headers, answer.headers));
    return;
  }
  const payload = payloadOf(answer.body);
  if (payload !== null) headers['Content-Type'] = 'application/json';
  send(request, response, answer.status, Object.assign(headers, answer.headers), payload);
}

/** The same that `send` would make of it, made once for all who are given it. */
function sendStanding(response: HttpResponse, answer: StandingAnswer): void {
  if (response.headersSent || response.destroyed) return;
  const { head, payload } = answer.rendered;
  response.writeHead(answer.status, head);
  // Of an answer to HEAD, node:http sends the head alone by itself.
  if (typeof payload === 'string') response.end(payload, 'latin1');
  else response.end(payload);
}

/** @param headers this function's own from here on. */
function sendStream(request: HttpRequest, response: HttpResponse, answer: StreamedAnswer, headers: Record<string, string>): void {
  if (response.headersSent || response.destroyed) return;
  headers['X-Content-Type-Options'] = 'nosniff';
  if (!(response instanceof ServerResponse)) throw new Error('A streamed answer needs a response of node:http.');
  response.writeHead(answer.status, headers);
  // One that waits behind another answer of its connection has none yet, and would never hear that the client went away.
  if (request.method === 'HEAD' || response.socket === null) response.end();
  else answer.stream(response);
}

function payloadOf(body: unknown): string | Buffer | null {
  if (body === undefined) return null;
  if (body instanceof JsonText) return body.text;
  return Buffer.isBuffer(body) ? body : JSON.stringify(body);
}

/**
 * Sends a problem that names no state of the log: it carries what this process last told.
 *
 * @returns the problem's status.
 */
export function sendProblem(
  request: HttpRequest,
  response: HttpResponse,
  problem: Problem,
  instance: string,
  watermark: Watermark,
): number {
  const { status, headers, body } = renderProblem(problem, instance);
  const position = encodePosition({ position: watermark.position });
  send(request, response, status, { 'Holdfast-Position': position, ...headers }, body.text);
  return status;
}

/** @param headers this function's own from here on. */
function send(
  request: HttpRequest,
  response: HttpResponse,
  status: number,
  headers: Record<string, string>,
  payload: string | Buffer | null,
): void {
  if (response.headersSent || response.destroyed) return;
  const length = payload === null ? 0 : Buffer.byteLength(payload);
  if (payload !== null) headers['Content-Length'] = String(length);
  else if (status !== 304 && status !== 204) headers['Content-Length'] = '0';
  headers['X-Content-Type-Options'] = 'nosniff';
  response.writeHead(status, headers);
  if (payload === null || request.method === 'HEAD') response.end();
  // A text of as many bytes as characters is ASCII, which is sent without looking at each of them.
  else if (payload.length === length) response.end(payload, 'latin1');
  else response.end(payload);
}
