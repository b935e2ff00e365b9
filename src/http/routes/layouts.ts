import type { CommandService } from '../../commands/command-service.ts';
import { layoutSchema } from '../../commands/schemas/layouts.ts';
import { noQuerySchema } from '../../commands/schemas/query-strings.ts';
import { toLayoutContent } from '../../commands/schemas/to-units.ts';
import type { Queries } from '../../queries/queries.ts';
import { LAYOUT_BODY_LIMIT_BYTES } from '../body.ts';
import type { Route } from '../exchange.ts';
import type { LatestWrites } from '../latest-writes.ts';
import { plainProblem } from '../problem.ts';
import { renderLayout } from '../render.ts';
import type { KeyedAnswers } from './keyed-answers.ts';
import { awaitPosition, mustHaveReached, problemAnswer, readRoute, SLOT_CACHE, sourceOf, tagged } from './reading.ts';
import { demand, writeRoute } from './writing.ts';

/** A layout never changes: its id is the hash of its content. */
const FOR_EVER = { 'Cache-Control': 'public, max-age=31536000, immutable' } as const;

interface Parts {
  readonly commands: CommandService;
  readonly queries: Queries;
  readonly writes: LatestWrites;
  readonly keyed: KeyedAnswers;
}

export function layoutRoutes({ commands, queries, writes, keyed }: Parts): readonly Route[] {
  return [
    writeRoute({
      path: '/api/v1/layouts',
      body: layoutSchema,
      rule: { limit: LAYOUT_BODY_LIMIT_BYTES, mayBeAbsent: false },
      answer: ({ exchange, input, context }) => {
        const content = demand(toLayoutContent(input));
        return keyed.kept({ exchange, context }, async () => {
          const { layoutId, units, created, place } = await commands.defineLayout(content, context);
          writes.note(layoutId, place.position);
          const headers = { ...SLOT_CACHE, Location: `/api/v1/layouts/${layoutId}` };
          return { status: created ? 201 : 200, headers, body: { layoutId, units }, place };
        });
      },
    }),
    readRoute('/api/v1/layouts/{layoutId}', noQuerySchema, async (exchange) => {
      const layoutId = exchange.parameters('layoutId');
      const required = await awaitPosition(queries, 'layout', exchange, { name: layoutId, writes });
      const read = await queries.layout(layoutId);
      const { value: layout } = read;
      if (layout === null) mustHaveReached(required, read.position);
      // What never changes is as it was read, however long ago, at any position.
      const position = Math.max(required, read.position);
      if (layout === null) return problemAnswer(exchange, plainProblem('not-found'), { position });
      const headers = { ...FOR_EVER, ...sourceOf(read), ETag: `"${layout.layoutId}"` };
      return tagged(exchange, headers, { position }, () => renderLayout(layout));
    }),
  ];
}
