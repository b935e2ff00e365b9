import type { z } from 'zod';
import type { Read, Soon } from '../../queries/answers.ts';
import type { Queries, Question } from '../../queries/queries.ts';
import type { Answer, Exchange, Reply, Route } from '../exchange.ts';
import { isNotModified, positionOf, waitOf } from '../headers.ts';
import type { LatestWrites } from '../latest-writes.ts';
import { encodePosition, type Place } from '../position.ts';
import { invalidInput, type Problem, ProblemError, plainProblem, renderProblem } from '../problem.ts';
import { compileQuery } from '../query-string.ts';
import { INSTANCE_PREFIX } from '../send.ts';

export const DEFAULT_LIMIT = 50;

/** Slots are for everybody, but must be asked for anew; bookings are their customers' own. */
export const SLOT_CACHE = { 'Cache-Control': 'no-cache' } as const;
export const PRIVATE_CACHE = { 'Cache-Control': 'private, no-store' } as const;

/** Makes a GET route; its query string is read before the handler is called. */
export function readRoute<Schema extends z.ZodObject>(
  path: string,
  querySchema: Schema,
  answer: (exchange: Exchange, input: z.input<Schema>) => Soon<Reply>,
): Route {
  const readQuery = compileQuery(querySchema);
  const handle = (exchange: Exchange) => answer(exchange, readQuery(exchange.query));
  return { method: 'GET', path, querySchema, bodySchema: null, bodyMayBeAbsent: true, handle };
}

/** Something that is asked for by a name under which this process notes its writes. */
export interface Named {
  readonly name: string;
  readonly writes: LatestWrites;
}

/**
 * Waits until the view has what the client has seen already.
 *
 * @param named what is asked for, where a client that names no position is to find what was written here a moment ago.
 * @returns the position that the answer must have reached; 0 when the client names none.
 * @throws ProblemError `view-behind` past the bound.
 */
export function awaitPosition(queries: Queries, question: Question, exchange: Exchange, named?: Named): Soon<number> {
  const place = positionOf(exchange.request);
  if (place === null) return named === undefined ? 0 : awaitOwnWrite(queries, question, exchange, named);
  return queries.waitForPosition(question, place.position, waitOf(exchange.request)).then(({ reached, position }) => {
    if (!reached) throw viewBehind(position);
    return place.position;
  });
}

/** Past the bound what there is is answered: the client has demanded nothing. */
function awaitOwnWrite(queries: Queries, question: Question, { request }: Exchange, { name, writes }: Named): Soon<number> {
  const own = writes.positionOf(name);
  if (own === 0) return 0;
  return queries.waitForPosition(question, own, waitOf(request)).then(({ reached }) => {
    if (reached) writes.seen(name, own);
    return 0;
  });
}

/** Goes on at once with what is there already, as what memory answers is. */
export function whenThere<Value, Result>(value: Soon<Value>, goOn: (value: Value) => Soon<Result>): Soon<Result> {
  return value instanceof Promise ? value.then(goOn) : goOn(value);
}

/** The layer that was waited for need not be the one that answered: an answer from before the position is never sent. */
export function mustHaveReached(required: number, position: number): void {
  if (position < required) throw viewBehind(position);
}

/**
 * The position to tell of what no view has to be waited for: who sends on what he was told last must not go back.
 *
 * @param position that the answer has reached by itself.
 * @param head asks the log for its end, which is done only for a position beyond that.
 * @throws ProblemError `view-behind` for a position that the log has not reached: nobody was ever told it here.
 */
export async function reachedOf(exchange: Exchange, position: number, head: () => Promise<number>): Promise<number> {
  const wanted = positionOf(exchange.request)?.position ?? 0;
  if (wanted <= position) return position;
  mustHaveReached(wanted, await head());
  return wanted;
}

/**
 * @param position what the view has reached.
 * @param detail what is behind, where it is no view of the log.
 */
export function viewBehind(position: number, detail?: string): ProblemError {
  const reached = encodePosition({ position });
  const problem = plainProblem('view-behind', { 'Holdfast-Position': reached });
  return new ProblemError({ ...problem, ...(detail === undefined ? {} : { detail }), members: { position: reached } });
}

export function sourceOf(read: Read<unknown>): { readonly 'Holdfast-Source': string } {
  return { 'Holdfast-Source': read.stale === true ? `${read.source}; stale` : read.source };
}

/** A found thing, or 304 when the client has this form of it. */
export function tagged(
  exchange: Exchange,
  headers: Readonly<Record<string, string>> & { readonly ETag: string },
  place: Place,
  body: () => unknown,
): Answer {
  if (isNotModified(exchange.request, headers.ETag)) return { status: 304, headers, body: undefined, place };
  return { status: 200, headers, body: body(), place };
}

/** @param instance where the problem is on record; without it, a name made of the request's. */
export function problemAnswer(exchange: Exchange, problem: Problem, place: Place, instance?: string): Answer {
  const { status, headers, body } = renderProblem(problem, instance ?? `${INSTANCE_PREFIX}${exchange.correlationId}`);
  return { status, headers, body, place };
}

export function invalidCursor(): ProblemError {
  return new ProblemError(invalidInput([{ parameter: 'cursor', message: 'must be a cursor that this list gave out' }]));
}
