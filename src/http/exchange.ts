import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Soon } from '../queries/answers.ts';
import type { PlainRequest } from './plain/plain-request.ts';
import type { PlainResponse } from './plain/plain-response.ts';
import type { Place } from './position.ts';

/** A request, and where its answer goes, whoever reads the connection. */
export type HttpRequest = IncomingMessage | PlainRequest;
export type HttpResponse = ServerResponse | PlainResponse;

/** A request as the handlers see it: its path taken apart, its body not yet read. */
export interface Exchange {
  readonly request: HttpRequest;
  /** The path's parts by name, decoded and checked. */
  readonly parameters: PathParameters;
  /** What stands behind the `?`, as sent. */
  readonly query: string;
  /** Names this request in logs, events and problems. */
  readonly correlationId: string;
}

/** @throws Error when the route's path has no such parameter. */
export type PathParameters = (name: string) => string;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Becomes JSON, unless it is a Buffer or a JsonText, which holds JSON already; undefined for an answer without a body. */
  readonly body: unknown;
  /** What the answer reflects of the log. */
  readonly place: Place;
}

/** An answer that goes on: its head is sent at once, and what follows whenever there is something to tell. */
export interface StreamedAnswer extends Omit<Answer, 'body'> {
  /** Called when the head is out; from then on the response is its own to write and to end. */
  stream(response: ServerResponse): void;
}

export type Reply = Answer | StreamedAnswer;

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Parts in braces are parameters: `/api/v1/slots/{slotId}`. */
  readonly path: string;
  /** What may stand in the query string, and in the body; null for a route that reads none. */
  readonly querySchema: z.ZodObject;
  readonly bodySchema: z.ZodType | null;
  /** Whether a request without a body stands for one without members. */
  readonly bodyMayBeAbsent: boolean;
  /** May throw as well as reject: the caller is ready for both. */
  handle(exchange: Exchange): Soon<Reply>;
}
