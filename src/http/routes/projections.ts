import { rebuildSchema } from '../../commands/schemas/projections.ts';
import { noQuerySchema } from '../../commands/schemas/query-strings.ts';
import type { AuditQueries } from '../../queries/audit.ts';
import type { BuildOverview, ProjectionAdmin, ProjectionView } from '../../queries/projection-admin.ts';
import { BODY_LIMIT_BYTES } from '../body.ts';
import type { Watermark } from '../edge.ts';
import type { Route } from '../exchange.ts';
import { encodePosition } from '../position.ts';
import { plainProblem } from '../problem.ts';
import type { KeyedAnswers } from './keyed-answers.ts';
import { PRIVATE_CACHE, problemAnswer, reachedOf, readRoute } from './reading.ts';
import { writeRoute } from './writing.ts';

interface Parts {
  readonly projections: ProjectionAdmin;
  readonly audit: Pick<AuditQueries, 'head'>;
  readonly watermark: Watermark;
  readonly keyed: KeyedAnswers;
}

/** Read models and their builds. They are no part of the log, so their place is what this process has last told. */
export function projectionRoutes({ projections, audit, watermark, keyed }: Parts): readonly Route[] {
  return [
    readRoute('/api/v1/admin/projections', noQuerySchema, async (exchange) => {
      const items = (await projections.list()).map(renderProjection);
      const place = { position: await reachedOf(exchange, watermark.position, audit.head) };
      return { status: 200, headers: { ...PRIVATE_CACHE, 'Holdfast-Source': 'postgres' }, body: { items, nextCursor: null }, place };
    }),

    writeRoute({
      path: '/api/v1/admin/projections/{name}/rebuild',
      body: rebuildSchema,
      rule: { limit: BODY_LIMIT_BYTES, mayBeAbsent: true },
      answer: ({ exchange, input, context }) =>
        keyed.kept({ exchange, context }, async () => {
          const view = await projections.rebuild(exchange.parameters('name'), context.actor, input.switch === true);
          const place = { position: watermark.position };
          if (view === null) return problemAnswer(exchange, plainProblem('not-found'), place);
          return { status: 202, headers: PRIVATE_CACHE, body: renderProjection(view), place };
        }),
    }),
  ];
}

function renderProjection({ name, live, others }: ProjectionView): Readonly<Record<string, unknown>> {
  const builds = others.map(renderBuild);
  return live === null ? { name, state: 'absent', builds } : { name, ...renderBuild(live), builds };
}

function renderBuild(build: BuildOverview): Readonly<Record<string, unknown>> {
  const { version, state, position, lagEvents, lagSeconds, failure, progress, comparison, readers, skipped } = build;
  return {
    build: build.build,
    version,
    state,
    position: encodePosition({ position }),
    lag: { events: lagEvents, seconds: lagSeconds },
    readers,
    skippedEvents: skipped,
    progress,
    comparison: comparison === null ? null : { verdict: comparison.verdict, tables: comparison.tables },
    failure: failure === null ? null : { ...failure.event, position: encodePosition(failure.event), error: failure.error },
  };
}
