import { noQuerySchema, slotsQuerySchema, spanQuerySchema } from '../../commands/schemas/query-strings.ts';
import { toSpan } from '../../commands/schemas/spans.ts';
import type { SpanRequest } from '../../domain/axis.ts';
import type { Read, ReadSource, SeatMap, SpanFault, SpanRead } from '../../queries/answers.ts';
import type { Queries } from '../../queries/queries.ts';
import type { Answer, Exchange, Route } from '../exchange.ts';
import { isNotModified } from '../headers.ts';
import type { LatestWrites } from '../latest-writes.ts';
import type { Place } from '../position.ts';
import { type Problem, plainProblem } from '../problem.ts';
import { parameterFaults, rangeOf } from '../query-string.ts';
import { renderSummary, slotTag } from '../render.ts';
import { availabilityText, seatMapText, summaryText } from '../slot-texts.ts';
import { StandingAnswer } from '../standing-answer.ts';
import { writtenOf } from '../written.ts';
import {
  awaitPosition,
  DEFAULT_LIMIT,
  invalidCursor,
  mustHaveReached,
  problemAnswer,
  readRoute,
  SLOT_CACHE,
  sourceOf,
  whenThere,
} from './reading.ts';

const SLOT = '/api/v1/slots/{slotId}';

/**
 * What can be read of slots.
 *
 * @param writes of slots, by their references.
 */
export function slotReadRoutes(queries: Queries, writes: LatestWrites): readonly Route[] {
  return [
    readRoute('/api/v1/slots', slotsQuerySchema, async (exchange, { from, to, ...filter }) => {
      const range = rangeOf({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
      const { reference } = filter;
      const named = reference === undefined ? undefined : { name: reference, writes };
      const required = await awaitPosition(queries, 'slots', exchange, named);
      const found = await queries.slots({ status: 'OPEN', limit: DEFAULT_LIMIT, ...filter, ...range });
      if (found.kind === 'invalid-cursor') throw invalidCursor();
      const { value, position } = found.read;
      mustHaveReached(required, position);
      const body = { items: value.items.map(renderSummary), nextCursor: value.nextCursor };
      return { status: 200, headers: { ...SLOT_CACHE, ...sourceOf(found.read) }, body, place: { position } };
    }),

    readRoute(SLOT, noQuerySchema, async (exchange) => {
      const slotId = exchange.parameters('slotId');
      const required = await awaitPosition(queries, 'slot', exchange);
      const read = await queries.slot(slotId);
      mustHaveReached(required, read.position);
      const slot = read.value;
      if (slot === null) return problemAnswer(exchange, plainProblem('slot-not-found'), { position: read.position });
      return slotAnswer(exchange, slotId, slotTag(slot), { ...read, value: slot }, summaryText);
    }),

    readRoute(`${SLOT}/availability`, spanQuerySchema, (exchange, input) => {
      const slotId = exchange.parameters('slotId');
      const span = spanOf(input);
      return whenThere(awaitPosition(queries, 'availability', exchange), (required) =>
        whenThere(queries.availability(slotId, span), (answer) =>
          spanAnswer({ exchange, slotId, span, required, answer, write: availabilityText }),
        ),
      );
    }),

    readRoute(`${SLOT}/seats`, spanQuerySchema, (exchange, input) => {
      const slotId = exchange.parameters('slotId');
      const span = spanOf(input);
      return whenThere(awaitPosition(queries, 'seats', exchange), (required) =>
        whenThere(queries.seats(slotId, span), (answer) => spanAnswer({ exchange, slotId, span, required, answer, write: seatMapFrom })),
      );
    }),
  ];
}

/** The units are the same in the slot's next map when memory has them, or a layout. */
function seatMapFrom(map: SeatMap, source: ReadSource): string {
  return seatMapText(map, source === 'memory' || map.layoutId !== null);
}

export function placeOf(slotId: string, version: number, position: number): Place {
  return { position, version, streamId: `slot-${slotId}` };
}

interface SpanParameters {
  readonly fromStop?: string;
  readonly toStop?: string;
  readonly from?: string;
  readonly to?: string;
}

/** @throws ProblemError when half of a span is missing, or two kinds of span are mixed. */
export function spanOf({ fromStop, toStop, from, to }: SpanParameters): SpanRequest | null {
  const hasStops = fromStop !== undefined || toStop !== undefined;
  const hasInstants = from !== undefined || to !== undefined;
  if (hasStops && hasInstants)
    throw parameterFaults([{ parameter: from === undefined ? 'to' : 'from', message: 'must not stand beside stops' }]);
  if (fromStop !== undefined && toStop !== undefined) return toSpan({ fromStop, toStop });
  if (from !== undefined && to !== undefined) return toSpan({ from, to });
  if (hasStops) throw parameterFaults([{ parameter: fromStop === undefined ? 'fromStop' : 'toStop', message: 'is required' }]);
  if (hasInstants) throw parameterFaults([{ parameter: from === undefined ? 'from' : 'to', message: 'is required' }]);
  return null;
}

function spanAnswer<Value extends { readonly version: number }>(asked: {
  readonly exchange: Exchange;
  readonly slotId: string;
  readonly span: SpanRequest | null;
  /** The position that the answer must have reached. */
  readonly required: number;
  readonly answer: SpanRead<Value>;
  readonly write: (value: Value, source: ReadSource) => string;
}): Answer {
  const { exchange, slotId, span, required, answer, write } = asked;
  const { position } = answer.kind === 'found' ? answer.read : answer;
  mustHaveReached(required, position);
  if (answer.kind === 'fault') return problemAnswer(exchange, problemOfSpan(answer.fault, span), { position });
  if (answer.kind === 'not-found') return problemAnswer(exchange, plainProblem('slot-not-found'), { position });
  return slotAnswer(exchange, slotId, `"${answer.read.value.version}"`, answer.read, write);
}

/** For the same value the answer is the same too, unless the view has been seen to be farther, or out of reach. */
function slotAnswer<Value extends { readonly version: number }>(
  exchange: Exchange,
  slotId: string,
  etag: string,
  read: Read<Value>,
  write: (value: Value, source: ReadSource) => string,
): Answer {
  const { value, position } = read;
  const source = sourceOf(read)['Holdfast-Source'];
  const written = isNotModified(exchange.request, etag) ? null : writtenOf(value, write, read.source);
  const last = written?.answer ?? null;
  if (last !== null && last.place.position === position && last.headers['Holdfast-Source'] === source) return last;

  const headers = { 'Cache-Control': 'no-cache', 'Holdfast-Source': source, ETag: etag };
  const place = placeOf(slotId, value.version, position);
  if (written === null) return { status: 304, headers, body: undefined, place };
  if (position === 0) return { status: 200, headers, body: written.bytes, place };
  written.answer = new StandingAnswer(headers, place, written.bytes);
  return written.answer;
}

export function problemOfSpan(fault: SpanFault, span: SpanRequest | null): Problem {
  if (fault.kind === 'span-required') return plainProblem('span-required');
  const named = /[^/]+$/.exec(fault.pointer)?.[0];
  const parameter = named !== undefined && named !== 'span' ? named : span !== null && 'fromStop' in span ? 'fromStop' : 'from';
  return { code: 'span-invalid', detail: `The span: ${fault.message}.`, members: { errors: [{ parameter, message: fault.message }] } };
}
