import type { ServerResponse } from 'node:http';
import { liveQuerySchema } from '../../commands/schemas/query-strings.ts';
import type { LiveMaps, LiveSink, LiveWatch } from '../../queries/live/live-maps.ts';
import type { Queries } from '../../queries/queries.ts';
import type { HttpRequest, Route } from '../exchange.ts';
import { lastEventIdOf, waitOf } from '../headers.ts';
import { pointAt } from '../live-text.ts';
import { decodePosition, type Place } from '../position.ts';
import { ProblemError, plainProblem } from '../problem.ts';
import { parameterFaults } from '../query-string.ts';
import { awaitPosition, mustHaveReached, problemAnswer, readRoute } from './reading.ts';
import { placeOf, problemOfSpan, spanOf } from './slots.ts';

/** Proxies must neither keep nor hold back what is told, nor change it. */
const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
} as const;
/** What was left to say to a client has so many milliseconds to get there. */
const LAST_WORDS_MS = 2_000;

/** Seat maps as they change, by server-sent events. */
export function liveRoutes(live: LiveMaps, queries: Queries): readonly Route[] {
  return [
    readRoute('/api/v1/slots/{slotId}/live', liveQuerySchema, async (exchange, { after: left, ...asked }) => {
      const slotId = exchange.parameters('slotId');
      const span = spanOf(asked);
      const place = lastSeen(exchange.request, left);
      const required = await awaitPosition(queries, 'seats', exchange);
      // Who is ahead of this instance is waited for; past the bound it gets what there is, as a whole.
      if (place !== null) await queries.waitForPosition('seats', place.position, waitOf(exchange.request));
      const after = place === null ? null : pointAt(slotId, place);
      const atLeast = required > 0 || (place !== null && after === null) ? 'latest' : (after?.version ?? 0);
      const answer = await live.open({ slotId, span, after, atLeast });

      if (answer.kind === 'fault') throw new ProblemError(problemOfSpan(answer.fault, span));
      if (answer.kind === 'unavailable') throw new ProblemError(plainProblem('unavailable'));
      mustHaveReached(required, answer.position);
      if (answer.kind === 'not-found') return problemAnswer(exchange, plainProblem('slot-not-found'), { position: answer.position });
      const source = { 'Holdfast-Source': answer.stale ? 'memory; stale' : 'memory' };
      const told = placeOf(slotId, answer.version, answer.position);
      if (answer.kind === 'over') return { status: 204, headers: { 'Cache-Control': 'no-cache', ...source }, body: undefined, place: told };
      return { status: 200, headers: { ...STREAM_HEADERS, ...source }, place: told, stream: (response) => tell(response, answer.begin) };
    }),
  ];
}

/**
 * Where the client is: by the header that a browser sends when it comes back, else by the address.
 *
 * @throws ProblemError for what is no position.
 */
function lastSeen(request: HttpRequest, after: string | undefined): Place | null {
  const seen = lastEventIdOf(request);
  if (seen !== null || after === undefined) return seen;
  const place = decodePosition(after);
  if (place === null) throw parameterFaults([{ parameter: 'after', message: 'must be a position that this service gave out' }]);
  return place;
}

function tell(response: ServerResponse, begin: (sink: LiveSink) => LiveWatch): void {
  // A client that is gone without a word is found out by the operating system.
  response.socket?.setKeepAlive(true, 30_000);
  const watch = begin({
    // A client may be gone before it is known here that it is.
    write: (bytes) => !response.destroyed && response.write(bytes),
    end: (bytes) => {
      if (response.destroyed) return;
      response.end(bytes);
      const bound = setTimeout(() => response.destroy(), LAST_WORDS_MS).unref();
      response.once('close', () => clearTimeout(bound));
    },
    cut: () => void response.destroy(),
  });
  response.on('drain', () => watch.drained());
  response.once('close', () => watch.gone());
}
