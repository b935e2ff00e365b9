import type { AttemptQueue } from '../../commands/attempts.ts';
import { formatInstant } from '../../commands/schemas/instants.ts';
import { attemptsQuerySchema, noQuerySchema } from '../../commands/schemas/query-strings.ts';
import type { AttemptQueries, AttemptView } from '../../queries/attempts.ts';
import type { AuditQueries } from '../../queries/audit.ts';
import type { Watermark } from '../edge.ts';
import type { Exchange, Route } from '../exchange.ts';
import { waitOf } from '../headers.ts';
import { plainProblem } from '../problem.ts';
import { rangeOf } from '../query-string.ts';
import { DEFAULT_LIMIT, invalidCursor, PRIVATE_CACHE, problemAnswer, reachedOf, readRoute, viewBehind } from './reading.ts';

interface Parts {
  readonly attempts: AttemptQueries;
  readonly queue: AttemptQueue;
  readonly audit: Pick<AuditQueries, 'head'>;
  readonly watermark: Watermark;
}

/**
 * Refusals on record. They are no part of the log, so their place is what this process has last told. They are written after they
 * are answered: who asks for them waits until those that were answered here before can be read, and is never told that they are not there.
 */
export function attemptRoutes({ attempts, queue, audit, watermark }: Parts): readonly Route[] {
  const placeOf = async (exchange: Exchange) => ({ position: await reachedOf(exchange, watermark.position, audit.head) });
  const written = (exchange: Exchange) => queue.written(waitOf(exchange.request));
  const notWritten = () => viewBehind(watermark.position, 'Refusals that were answered before could not be written down in time.');
  const headers = { ...PRIVATE_CACHE, 'Holdfast-Source': 'postgres' };
  return [
    readRoute('/api/v1/audit/attempts', attemptsQuerySchema, async (exchange, { from, to, ...filter }) => {
      const range = rangeOf({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
      if (!(await written(exchange))) throw notWritten();
      const found = await attempts.attempts({ limit: DEFAULT_LIMIT, ...filter, ...range });
      if (found.kind === 'invalid-cursor') throw invalidCursor();
      const { page, dropped } = found;
      const body = { items: page.items.map(renderAttempt), nextCursor: page.nextCursor, dropped };
      return { status: 200, headers, body, place: await placeOf(exchange) };
    }),

    readRoute('/api/v1/audit/attempts/{attemptId}', noQuerySchema, async (exchange) => {
      const isComplete = await written(exchange);
      const attempt = await attempts.attempt(exchange.parameters('attemptId'));
      if (attempt === null && !isComplete) throw notWritten();
      const place = await placeOf(exchange);
      if (attempt === null) return problemAnswer(exchange, plainProblem('not-found'), place);
      return { status: 200, headers, body: renderAttempt(attempt), place };
    }),
  ];
}

function renderAttempt(attempt: AttemptView): Readonly<Record<string, unknown>> {
  return { ...attempt, at: formatInstant(attempt.at) };
}
