import { z } from 'zod';

/** What the service answers, for the OpenAPI document; a test holds real answers against it. Clients ignore fields that they do not know. */

const instant = z.string().meta({ format: 'date-time', example: '2027-01-15T19:30:00Z' });
const nullableText = z.string().nullable();
const money = z.object({ amount: z.int().meta({ description: 'minor units' }), currency: z.string() }).meta({ id: 'Money' });
const texts = z.record(z.string(), z.string());
const nextCursor = z.string().nullable();

export const spanAnswer = z.union([z.object({ fromStop: z.string(), toStop: z.string() }), z.object({ from: instant, to: instant })]);

export const bookingAnswer = z
  .object({
    bookingId: z.string(),
    slotId: z.string(),
    customerId: z.string(),
    status: z.string().meta({ description: 'HELD, CONFIRMED, IN_PROGRESS, COMPLETED, EXPIRED, CANCELLED, FAILED; more may come' }),
    version: z.int().meta({ description: "the slot's at the booking's last event" }),
    adjacent: z.boolean(),
    claims: z.array(z.object({ unitId: z.string(), quantity: z.int(), price: z.int(), amount: z.int(), span: spanAnswer.optional() })),
    released: z.array(z.object({ unitId: z.string(), quantity: z.int(), reason: z.string(), at: instant })),
    total: money,
    requestedAt: instant,
    expiresAt: instant.meta({ description: 'when the hold ends or ended; kept as it was once the booking is confirmed' }),
    maxExpiresAt: instant,
    confirmedAt: instant.nullable(),
    paymentReference: nullableText,
    reference: nullableText,
    metadata: texts,
  })
  .meta({ id: 'Booking' });

const counts = z.object({ capacity: z.int(), free: z.int(), held: z.int(), sold: z.int(), blocked: z.int() });

export const summaryAnswer = z
  .object({
    slotId: z.string(),
    category: z.string(),
    title: z.string(),
    venue: z.object({ venueId: z.string().optional(), name: z.string().optional(), city: z.string().optional() }).nullable(),
    startsAt: instant.nullable(),
    endsAt: instant.nullable(),
    timeZone: z.string(),
    currency: z.string(),
    status: z.string().meta({ description: 'OPEN, CLOSED, CANCELLED' }),
    salesFrom: instant.nullable(),
    salesUntil: instant.nullable(),
    reference: nullableText,
    metadata: texts,
    axis: z.looseObject({ type: z.string() }),
    layoutId: nullableText,
    policy: z.object({
      holdSeconds: z.int(),
      maxHoldSeconds: z.int(),
      maxUnitsPerBooking: z.int(),
      orphanSeats: z.string(),
      acceptPast: z.boolean(),
    }),
    version: z.int(),
    counts,
  })
  .meta({ id: 'Slot' });

export const seatAnswer = z
  .looseObject({
    unitId: z.string(),
    category: z.string(),
    price: z.int(),
    status: z.string().meta({ description: 'free, held, sold, blocked' }),
    heldUntil: instant.optional(),
    capacity: z.int().optional(),
    free: z.int().optional(),
    held: z.int().optional(),
    sold: z.int().optional(),
    blocked: z.int().optional(),
  })
  .meta({ id: 'Seat', description: 'quantity units have free, held, sold and blocked as numbers' });

export const seatMapAnswer = z.object({ slotId: z.string(), version: z.int(), units: z.array(seatAnswer) }).meta({ id: 'SeatMap' });

export const availabilityAnswer = z
  .object({
    slotId: z.string(),
    version: z.int(),
    categories: z.array(z.object({ category: z.string(), price: z.int(), maxPrice: z.int(), capacity: z.int(), free: z.int() })),
  })
  .meta({ id: 'Availability' });

/** What the data of each event of a live map hold, by the event's name. */
export const liveEvents = z
  .object({
    reset: seatMapAnswer.extend({ slot: summaryAnswer }).meta({ description: 'the whole state' }),
    slot: summaryAnswer,
    units: seatMapAnswer
      .extend({ removed: z.array(z.string()) })
      .meta({ description: 'units that are new or different, and ids of those that are gone' }),
    counts: z.object({ slotId: z.string(), version: z.int(), counts }),
    bye: z.object({ slotId: z.string(), version: z.int(), reason: z.string().meta({ description: 'slot-over, too-slow, stopping' }) }),
  })
  .partial()
  .meta({ id: 'LiveEvents', description: 'server-sent events; a property here is an event, its value the JSON of its data' });

export const auditEventAnswer = z
  .object({
    position: z.string(),
    streamId: z.string(),
    version: z.int(),
    eventId: z.string(),
    type: z.string(),
    schemaVersion: z.int(),
    data: z
      .union([z.looseObject({}), z.string()])
      .meta({ description: 'as stored where this release does not know the schema version; the stored text where that is no JSON object' }),
    metadata: z
      .looseObject({ time: instant, hash: z.string(), previousHash: z.string() })
      .meta({ description: 'with the stored text as `stored` where that is no JSON object' }),
  })
  .meta({ id: 'Event' });

export const attemptAnswer = z
  .object({
    attemptId: z.string(),
    at: instant,
    slotId: nullableText,
    bookingId: nullableText,
    customerId: nullableText,
    unitIds: z.array(z.string()),
    code: z.string(),
    asked: z.unknown(),
    slotVersion: z.int().nullable(),
    actor: z.string(),
    correlationId: z.string(),
  })
  .meta({ id: 'Attempt' });

const holder = z.object({ bookingId: z.string(), customerId: z.string(), status: z.string(), quantity: z.int() });

export const layoutCreatedAnswer = z.object({ layoutId: z.string(), units: z.int() });
export const layoutAnswer = z
  .object({
    layoutId: z.string(),
    name: z.string(),
    focus: z.object({ x: z.number(), y: z.number() }).optional(),
    units: z.array(z.looseObject({ unitId: z.string(), category: z.string() })),
  })
  .meta({ id: 'Layout' });
export const slotPageAnswer = z.object({ items: z.array(summaryAnswer), nextCursor });
export const bookingPageAnswer = z.object({ items: z.array(bookingAnswer), nextCursor });
export const eventPageAnswer = z.object({ items: z.array(auditEventAnswer), next: z.string() });
export const attemptPageAnswer = z.object({ items: z.array(attemptAnswer), nextCursor, dropped: z.int() });
export const unitHistoryAnswer = z.object({ holder: holder.nullable(), holders: z.array(holder), items: z.array(auditEventAnswer) });
export const slotAsOfAnswer = summaryAnswer
  .extend({ units: z.array(seatAnswer), bookings: z.array(bookingAnswer) })
  .meta({ id: 'SlotAsOf' });

const buildAnswer = z.object({
  build: z.int().meta({ description: 'number of this set of tables; builds are numbered from 1' }),
  version: z.int().meta({ description: 'version of the definition that made the rows' }),
  state: z.string().meta({ description: 'live, building, caught-up, draining, retired, stopped; absent when there is no build to read' }),
  position: z.string(),
  lag: z.object({ events: z.int(), seconds: z.number() }),
  readers: z.int().meta({ description: 'instances that read it' }),
  skippedEvents: z.int(),
  progress: z.object({ eventsPerSecond: z.int(), secondsLeft: z.int() }).nullable(),
  comparison: z
    .object({
      verdict: z.string().meta({ description: 'equal, different, different-version, not-compared' }),
      tables: z.array(z.object({ table: z.string(), liveRows: z.int().nullable(), rows: z.int(), equal: z.boolean().nullable() })),
    })
    .nullable()
    .meta({ description: 'beside the live build, as of one position' }),
  failure: z
    .object({ position: z.string(), eventId: z.string(), type: z.string(), streamId: z.string(), error: z.string() })
    .nullable()
    .meta({ description: 'the event that it stopped at' }),
});
export const projectionAnswer = buildAnswer
  .partial()
  .extend({ name: z.string(), state: z.string(), builds: z.array(buildAnswer) })
  .meta({ id: 'Projection' });
export const projectionPageAnswer = z.object({ items: z.array(projectionAnswer), nextCursor });

export const problemAnswer = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string().meta({ description: 'stable; all are listed in /docs/problems' }),
    retryAfterSeconds: z.int().optional().meta({ description: 'present when sending the same again may help' }),
    errors: z
      .array(
        z.object({ pointer: z.string().optional(), parameter: z.string().optional(), header: z.string().optional(), message: z.string() }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' });
