import { checkHistory, type Report } from './check-history.ts';
import type { ClientRecord, ClientRequest, Json, LoggedEvent } from './history.ts';

/** When made histories begin. */
export const T0 = Date.parse('2027-01-10T12:00:00Z');
const SECOND = 1000;

/** An instant so many seconds after the beginning, as the contract writes it. */
export function at(seconds: number): string {
  return new Date(T0 + seconds * SECOND).toISOString().replace('.000Z', 'Z');
}

/** A log and records written by hand. Every event and every request takes a second. */
export class MadeHistory {
  readonly events: LoggedEvent[] = [];
  readonly records: ClientRecord[] = [];
  clientSkewMs = 0;
  serviceSkewMs = 0;
  commitMs = 0;
  /** Seconds since T0. */
  seconds = 0;

  get now(): number {
    return T0 + this.seconds * SECOND;
  }

  version(slotId: string): number {
    return this.events.filter(({ streamId }) => streamId === `slot-${slotId}`).length;
  }

  /** The next event of the slot's stream. */
  log(slotId: string, type: string, data: Json, commandId: string | null = null): void {
    this.events.push({
      position: this.events.length + 1,
      streamId: `slot-${slotId}`,
      version: this.version(slotId) + 1,
      eventId: `event-${this.events.length + 1}`,
      type,
      at: this.now,
      recordedAt: this.now,
      commandId,
      data,
    });
  }

  /** A request that was answered as of the slot's present version, or of another one. */
  ask(
    client: string,
    request: ClientRequest,
    status: number,
    body: Json,
    { slotId = 'show', version = this.version(slotId), position = -1 } = {},
  ): void {
    this.seconds += 1;
    const stream = this.events.filter(({ streamId }) => streamId === `slot-${slotId}`);
    const place = `${position < 0 ? (stream[version - 1]?.position ?? 0) : position}~${version}~slot-${slotId}`;
    const answer = { status, body, position: Buffer.from(place).toString('base64url') };
    this.records.push({ client, request, startedAt: this.now - SECOND, endedAt: this.now, answer });
  }

  /** A request that nobody answered. */
  lose(client: string, request: ClientRequest): void {
    this.seconds += 1;
    this.records.push({ client, request, startedAt: this.now - SECOND, endedAt: this.now, answer: null });
  }

  check(): Report {
    return checkHistory(this);
  }

  /** Changes an event that is there. */
  spoil(position: number, change: Partial<LoggedEvent>): void {
    this.events[position - 1] = { ...this.events[position - 1]!, ...change };
  }

  /** Changes the answer of a record that is there. */
  respond(index: number, change: Json): void {
    const record = this.records.at(index)!;
    this.records[this.records.indexOf(record)] = { ...record, answer: { ...record.answer!, body: { ...record.answer!.body, ...change } } };
  }

  /** Takes events out and closes the ranks, as if they had never been written. */
  forget(...positions: readonly number[]): void {
    const kept = this.events.filter(({ position }) => !positions.includes(position));
    const versions = new Map<string, number>();
    this.events.splice(0);
    for (const event of kept) {
      const version = (versions.get(event.streamId) ?? 0) + 1;
      versions.set(event.streamId, version);
      this.events.push({ ...event, position: this.events.length + 1, version });
    }
  }
}

export function post(path: string, body: Json, key?: string): ClientRequest {
  return { method: 'POST', path, body, ...(key === undefined ? {} : { key }) };
}

/** A merge patch of the slot, for a version of it or for whichever there is. */
export function patch(body: Json, ifMatch?: number): ClientRequest {
  return { method: 'PATCH', path: '/slots/show', body, ...(ifMatch === undefined ? {} : { ifMatch }) };
}

export function get(path: string, position?: string): ClientRequest {
  return { method: 'GET', path, ...(position === undefined ? {} : { position }) };
}

export const POLICY = { holdSeconds: 600, maxHoldSeconds: 1800, maxUnitsPerBooking: 4, orphanSeats: 'allow', acceptPast: false };

/** Data of a slot's first event: seats A1 to A4 at 4500 and a yard of three at 500, unless told otherwise. */
export function opened(more: Json = {}): Json {
  return {
    slotId: 'show',
    category: 'theatre',
    title: 'Hamlet',
    venue: null,
    startsAt: T0 + 86_400_000,
    endsAt: T0 + 90_000_000,
    timeZone: 'UTC',
    currency: 'GBP',
    status: 'OPEN',
    salesFrom: null,
    salesUntil: null,
    reference: null,
    metadata: {},
    axis: { type: 'whole' },
    layoutId: null,
    prices: null,
    units: [...['A1', 'A2', 'A3', 'A4'].map((unitId) => ({ unitId, category: 'gold', price: 4500, row: 'A' })), YARD],
    policy: POLICY,
    ...more,
  };
}

/** The slot as the contract tells it. */
export function summary(more: Json): Json {
  const { units: _units, prices: _prices, startsAt: _startsAt, endsAt: _endsAt, ...told } = opened();
  return { ...told, startsAt: at(86_400), endsAt: at(90_000), ...more };
}

const YARD = { unitId: 'yard', category: 'standing', price: 500, capacity: 3 };

export function claim(unitId: string, quantity = 1, more: Json = {}): Json {
  const price = unitId === 'yard' ? 500 : 4500;
  return { unitId, quantity, from: 0, to: 1, price, amount: price * quantity, ...more };
}

/** What is told of a claim on the whole of a slot. */
export function toldClaim(unitId: string, quantity = 1): Json {
  const price = unitId === 'yard' ? 500 : 4500;
  return { unitId, quantity, price, amount: price * quantity };
}

/** Data of the two events of a hold, made at so many seconds. */
export function requested(bookingId: string, customerId: string, claims: readonly Json[], more: Json = {}): Json {
  const units = claims.map(({ unitId, quantity }) => ({ unitId, quantity }));
  const { from, to } = claims[0]!;
  const asked = { kind: 'units', units };
  return {
    bookingId,
    customerId,
    asked,
    span: null,
    from,
    to,
    expectedTotal: null,
    reference: `order-${bookingId}`,
    personal: { metadata: {} },
    ...more,
  };
}

export function held(bookingId: string, customerId: string, claims: readonly Json[], seconds: number, more: Json = {}): Json {
  const requestedAt = T0 + seconds * SECOND;
  const ends = { requestedAt, expiresAt: requestedAt + 600 * SECOND, maxExpiresAt: requestedAt + 1800 * SECOND };
  return { bookingId, customerId, claims, adjacent: true, ...ends, ...more };
}

/** A booking as the contract tells it, held at so many seconds. */
export function booking(
  bookingId: string,
  customerId: string,
  version: number,
  claims: readonly Json[],
  seconds: number,
  more: Json = {},
): Json {
  return {
    bookingId,
    slotId: 'show',
    customerId,
    status: 'HELD',
    version,
    adjacent: true,
    claims,
    released: [],
    total: { amount: claims.reduce((sum, { amount }) => sum + Number(amount), 0), currency: 'GBP' },
    requestedAt: at(seconds),
    expiresAt: at(seconds + 600),
    maxExpiresAt: at(seconds + 1800),
    confirmedAt: null,
    paymentReference: null,
    reference: `order-${bookingId}`,
    metadata: {},
    ...more,
  };
}

/** A request for a booking by the name that `requested` gives it. */
export function bookingRequest(bookingId: string, customerId: string, wish: Json, key = `key-${bookingId}`): ClientRequest {
  return post('/slots/show/bookings', { customerId, reference: `order-${bookingId}`, ...wish }, key);
}
