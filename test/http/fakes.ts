import type { Attempt } from '../../src/commands/attempts.ts';
import type { CommandResult, CommandService } from '../../src/commands/command-service.ts';
import { KeyClaims } from '../../src/commands/key-claims.ts';
import type { SlotSummary } from '../../src/domain/slot/summary.ts';
import { createMemoryRequestKeys } from '../../src/eventstore/memory-request-keys.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import type { EdgeDependencies } from '../../src/http/edge.ts';
import { RequestMeter } from '../../src/http/request-meter.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import type { LiveMaps } from '../../src/queries/live/live-maps.ts';
import type { Queries } from '../../src/queries/queries.ts';

/** An edge whose parts answer what the test says; a part that was not given throws. */
export interface FakeEdge {
  readonly url: string;
  readonly server: HttpServer;
  readonly attempts: readonly Attempt[];
  readonly errors: readonly string[];
}

export interface FakeParts {
  readonly seats?: Queries['seats'];
  readonly availability?: Queries['availability'];
  readonly execute?: CommandService['execute'];
  readonly slot?: Queries['slot'];
  readonly slots?: Queries['slots'];
  readonly booking?: Queries['booking'];
  readonly bookings?: Queries['bookings'];
  readonly live?: LiveMaps;
  readonly waitForPosition?: Queries['waitForPosition'];
  readonly readiness?: EdgeDependencies['readiness'];
  readonly metrics?: EdgeDependencies['metrics'];
  readonly corsOrigins?: readonly string[];
}

export async function startFakeEdge(parts: FakeParts = {}): Promise<FakeEdge> {
  const attempts: Attempt[] = [];
  const errors: string[] = [];
  const server = createHttpServer({
    commands: { execute: parts.execute ?? missing, defineLayout: missing },
    keys: new KeyClaims(createMemoryRequestKeys(Date.now), createMemoryEventStore()),
    queries: {
      slot: parts.slot ?? missing,
      waitForPosition: parts.waitForPosition ?? missing,
      slots: parts.slots ?? missing,
      availability: parts.availability ?? missing,
      seats: parts.seats ?? missing,
      booking: parts.booking ?? missing,
      bookings: parts.bookings ?? missing,
      layout: missing,
    },
    live: parts.live ?? {
      open: missing,
      stop: () => undefined,
      statistics: () => ({ watchers: 0, channels: 0, framesSent: 0, cutOff: 0, unreadBytes: 0 }),
    },
    audit: { head: missing, events: missing, streamEvents: missing },
    history: { slotAsOf: missing, unitAsOf: missing },
    attempts: { attempts: missing, attempt: missing },
    recorder: {
      record(attempt) {
        attempts.push(attempt);
        return `attempt-${attempts.length}`;
      },
    },
    attemptQueue: { written: missing },
    projections: { list: missing, rebuild: missing },
    readiness: parts.readiness ?? [],
    metrics: parts.metrics ?? uncounted(),
    corsOrigins: parts.corsOrigins ?? [],
    log: { error: (_facts, message) => errors.push(message) },
  });
  const port = await server.listen(0, '127.0.0.1');
  return { url: `http://127.0.0.1:${port}`, server, attempts, errors };
}

/** Metrics for an edge that nobody asks for them. */
export function uncounted(): EdgeDependencies['metrics'] {
  return { requests: new RequestMeter(), contentType: 'text/plain', text: missing };
}

async function missing(): Promise<never> {
  throw new Error('this part of the fake was not expected to be asked');
}

/** A booking that was held. */
export const HELD: CommandResult = {
  kind: 'accepted',
  replayed: false,
  place: { position: 7, streamId: 'slot-hamlet', version: 3 },
  booking: {
    bookingId: 'hamlet.x',
    slotId: 'hamlet',
    customerId: 'c-17',
    status: 'HELD',
    version: 3,
    adjacent: true,
    claims: [{ unitId: 'A1', quantity: 1, from: 0, to: 1, price: 4500, amount: 4500 }],
    released: [],
    span: null,
    requestedAt: 0,
    expiresAt: 600_000,
    maxExpiresAt: 1_800_000,
    confirmedAt: null,
    paymentReference: null,
    reference: null,
    metadata: {},
  },
  slot: null,
  currency: 'GBP',
};

export const SUMMARY: SlotSummary = {
  slotId: 'hamlet',
  category: 'theatre',
  title: 'Hamlet',
  venue: null,
  startsAt: 0,
  endsAt: null,
  timeZone: 'UTC',
  currency: 'GBP',
  status: 'OPEN',
  salesFrom: null,
  salesUntil: null,
  reference: null,
  metadata: {},
  axis: { type: 'whole' },
  layoutId: null,
  policy: { holdSeconds: 600, maxHoldSeconds: 1800, maxUnitsPerBooking: 10, orphanSeats: 'allow', acceptPast: false },
  version: 1,
  counts: { capacity: 0, free: 0, held: 0, sold: 0, blocked: 0 },
};
