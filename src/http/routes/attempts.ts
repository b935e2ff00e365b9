import { formatInstant } from '../../commands/schemas/instants.ts';
import { attemptsQuerySchema, noQuerySchema } from '../../commands/schemas/query-strings.ts';
import type { AttemptQueries, AttemptView } from '../../queries/attempts.ts';
import type { AuditQueries } from '../../queries/audit.ts';
import type { Watermark } from '../edge.ts';
import type { Exchange, Route } from '../exchange.ts';
import { plainProblem } from '../problem.ts';
import { rangeOf } from '../query-string.ts';
import { DEFAULT_LIMIT, invalidCursor, PRIVATE_CACHE, problemAnswer, reachedOf, readRoute } from './reading.ts';

interface Parts {
  readonly attempts: AttemptQueries;
  readonly audit: Pick<AuditQueries, 'head'>;
  readonly watermark: Watermark;
}

/** Refusals on record. They are no part of the log, so their place is what this process has last told. */
export function attemptRoutes({ attempts, audit, watermark }: Parts): readonly Route[] {
  const placeOf = async (exchange: Exchange) => ({ position: await reachedOf(exchange, watermark.position, audit.head) });
  const headers = { ...PRIVATE_CACHE, 'Holdfast-Source': 'postgres' };
  return [
    readRoute('/api/v1/audit/attempts', attemptsQuerySchema, async (exchange, { from, to, ...filter }) => {
      const range = rangeOf({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
      const found = await attempts.attempts({ limit: DEFAULT_LIMIT, ...filter, ...range });
      if (found.kind === 'invalid-cursor') throw invalidCursor();
      const { page, dropped } = found;
      const body = { items: page.items.map(renderAttempt), nextCursor: page.nextCursor, dropped };
      return { status: 200, headers, body, place: await placeOf(exchange) };
    }),

    readRoute('/api/v1/audit/attempts/{attemptId}', noQuerySchema, async (exchange) => {
      const attempt = await attempts.attempt(exchange.parameters('attemptId'));
      const place = await placeOf(exchange);
      if (attempt === null) return problemAnswer(exchange, plainProblem('not-found'), place);
      return { status: 200, headers, body: renderAttempt(attempt), place };
    }),
  ];
}

function renderAttempt(attempt: AttemptView): Readonly<Record<string, unknown>> {
  return { ...attempt, at: formatInstant(attempt.at) };
}
