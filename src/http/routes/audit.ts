import { formatInstant, instantOf } from '../../commands/schemas/instants.ts';
import {
  auditEventsQuerySchema,
  slotAsOfQuerySchema,
  streamEventsQuerySchema,
  unitAsOfQuerySchema,
} from '../../commands/schemas/query-strings.ts';
import type { AsOf, AuditEvent, AuditQueries, SlotHistory } from '../../queries/audit.ts';
import type { Answer, Exchange, Route } from '../exchange.ts';
import { positionOf } from '../headers.ts';
import { decodePosition, encodePosition, type Place } from '../position.ts';
import { type Problem, plainProblem } from '../problem.ts';
import { parameterFaults, rangeOf } from '../query-string.ts';
import { renderSeat, renderSummary } from '../render.ts';
import { renderBooking } from '../render-booking.ts';
import { DEFAULT_LIMIT, mustHaveReached, PRIVATE_CACHE, problemAnswer, reachedOf, readRoute } from './reading.ts';
import { placeOf } from './slots.ts';

/** The log and what it makes of a slot. These read the log itself, so there is no view to wait for. */
export function auditRoutes(audit: AuditQueries, history: SlotHistory): readonly Route[] {
  return [
    readRoute('/api/v1/audit/events', auditEventsQuerySchema, async (exchange, { after, type, from, to, limit, upcast }) => {
      const range = rangeOf({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
      const types = type === undefined ? {} : { types: type.split(',') };
      const start = after === undefined ? 0 : positionIn(after);
      const page = await audit.events({ after: start, ...types, ...range, limit: limit ?? DEFAULT_LIMIT, upcast: upcast ?? false });
      const next = encodePosition({ position: page.next });
      const position = Math.max(page.head, page.items.at(-1)?.position ?? 0);
      demandReached(exchange, position);
      return logAnswer({ items: page.items.map(renderEvent), next }, { position });
    }),

    readRoute('/api/v1/audit/streams/{streamId}/events', streamEventsQuerySchema, async (exchange, { fromVersion, limit, upcast }) => {
      const streamId = exchange.parameters('streamId');
      const page = await audit.streamEvents(streamId, fromVersion ?? 1, limit ?? DEFAULT_LIMIT, upcast ?? false);
      if (page === null) return problemAnswer(exchange, plainProblem('stream-not-found'), await placeOfLog(exchange));
      demandReached(exchange, page.head);
      const last = page.items.at(-1);
      // From where nothing is yet, what comes is not known to be the next: who goes on from there could miss something.
      const place = last === undefined ? { position: page.head } : { position: page.head, version: last.version, streamId };
      return logAnswer({ items: page.items.map(renderEvent), next: String(page.next) }, place);
    }),

    readRoute('/api/v1/audit/slots/{slotId}', slotAsOfQuerySchema, async (exchange, input) => {
      const slotId = exchange.parameters('slotId');
      const then = asOf(input);
      const found = await history.slotAsOf(slotId, then);
      if (found === null) return problemAnswer(exchange, notThen(then), await placeOfLog(exchange));
      const { summary, units, bookings, position } = found;
      const body = {
        ...renderSummary(summary),
        units: units.map(renderSeat),
        bookings: bookings.map((booking) => renderBooking(booking, summary.currency)),
      };
      return logAnswer(body, placeOf(slotId, summary.version, await reachedOf(exchange, position, audit.head)));
    }),

    readRoute('/api/v1/audit/slots/{slotId}/units/{unitId}', unitAsOfQuerySchema, async (exchange, { at }) => {
      const unitId = exchange.parameters('unitId');
      const found = await history.unitAsOf(exchange.parameters('slotId'), unitId, at === undefined ? null : instantOf(at));
      if (found.kind !== 'found') return problemAnswer(exchange, plainProblem(found.kind), await placeOfLog(exchange));
      const { holders, items, position } = found;
      const place = { position: await reachedOf(exchange, position, audit.head) };
      return logAnswer({ holder: holders[0] ?? null, holders, items: items.map(renderEvent) }, place);
    }),
  ];

  /** Of what is not in the log, as far as the client has seen it. */
  async function placeOfLog(exchange: Exchange): Promise<Place> {
    return { position: await reachedOf(exchange, 0, audit.head) };
  }
}

function logAnswer(body: unknown, place: Place): Answer {
  return { status: 200, headers: { ...PRIVATE_CACHE, 'Holdfast-Source': 'postgres' }, body, place };
}

/** What the log has is there at once; only a position that it has not reached cannot be served. */
function demandReached(exchange: Exchange, head: number): void {
  mustHaveReached(positionOf(exchange.request)?.position ?? 0, head);
}

function positionIn(after: string): number {
  const place = decodePosition(after);
  if (place === null) throw parameterFaults([{ parameter: 'after', message: 'must be a position that this service gave out' }]);
  return place.position;
}

/** Who asks for a past or a version that the slot does not have should not think that there is no such slot. */
function notThen(then: AsOf): Problem {
  if (then.kind === 'now') return plainProblem('slot-not-found');
  const lacks = then.kind === 'version' ? `has no version ${then.version} yet` : 'did not exist at that instant';
  return { code: 'slot-not-found', detail: `There is no slot with this id, or it ${lacks}.` };
}

function asOf({ version, at }: { readonly version?: number; readonly at?: string }): AsOf {
  if (version !== undefined && at !== undefined)
    throw parameterFaults([{ parameter: 'at', message: 'must be absent when version is given' }]);
  if (version !== undefined) return { kind: 'version', version };
  return at === undefined ? { kind: 'now' } : { kind: 'instant', at: instantOf(at) };
}

function renderEvent(event: AuditEvent): Readonly<Record<string, unknown>> {
  const { position, recordedAt, hash, previousHash, metadata, ...rest } = event;
  const { at, ...stored } = metadata;
  const time = formatInstant(typeof at === 'number' ? at : recordedAt);
  return {
    position: encodePosition({ position }),
    ...rest,
    metadata: { time, recordedAt: formatInstant(recordedAt), ...stored, hash, previousHash },
  };
}
