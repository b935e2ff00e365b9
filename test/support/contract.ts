import { expect } from 'chai';
import type { Service } from '../../src/main.ts';
import { header, type Reply, send } from '../http/client.ts';
import { withDatabase } from './postgres.ts';
import type { Layers } from './redis.ts';
import { startService } from './service.ts';

type HeaderLines = Readonly<Record<string, string>>;

/** What a JSON pointer (RFC 6901) finds; undefined when it leads nowhere. */
export function at(json: unknown, pointer: string): unknown {
  let value = json;
  for (const part of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
}

/** What a pointer finds in every item of a list. */
export function each(json: unknown, list: string, part: string): readonly unknown[] {
  return (at(json, list) as readonly unknown[]).map((item) => at(item, part));
}

/** Headers with which a read shows what the write did. */
export function seen(write: Reply): HeaderLines {
  return { 'Holdfast-Position': header(write, 'Holdfast-Position'), Prefer: 'wait=10' };
}

/** Checks a problem as RFC 9457 and the contract have it. */
export function expectProblem(reply: Reply, status: number, code: string): void {
  expect([reply.status, at(reply.body, '/code')], reply.text).to.deep.equal([status, code]);
  expect(reply.headers['content-type']).to.match(/^application\/problem\+json/);
  expect(at(reply.body, '/status')).to.equal(status);
  for (const member of ['type', 'title', 'detail', 'instance'])
    expect(at(reply.body, `/${member}`), member)
      .to.be.a('string')
      .and.not.equal('');
  expect(reply.headers['retry-after'] !== undefined, 'Retry-After').to.equal(at(reply.body, '/retryAfterSeconds') !== undefined);
  expect(header(reply, 'Holdfast-Position')).to.not.equal('');
}

/** A client that knows the contract and nothing else. */
export class ContractClient {
  private readonly address: () => string;
  private keys = 0;

  constructor(address: () => string) {
    this.address = address;
  }

  get url(): string {
    return this.address();
  }

  get(path: string, headers: HeaderLines = {}): Promise<Reply> {
    return send(this.url, `/api/v1${path}`, { headers });
  }

  post(path: string, body?: unknown, headers: HeaderLines = {}): Promise<Reply> {
    return send(this.url, `/api/v1${path}`, { method: 'POST', body, headers });
  }

  patch(path: string, body: unknown, headers: HeaderLines = {}): Promise<Reply> {
    return send(this.url, `/api/v1${path}`, { method: 'PATCH', body, headers });
  }

  /** Asks for a booking, under a key of its own unless one is given. */
  book(slotId: string, wanted: object, headers: HeaderLines = {}): Promise<Reply> {
    this.keys += 1;
    return this.post(`/slots/${slotId}/bookings`, { customerId: 'c-17', ...wanted }, { 'Idempotency-Key': `key-${this.keys}`, ...headers });
  }

  /** A booking that is granted, by its id. */
  async hold(slotId: string, wanted: object): Promise<string> {
    return String(at((await this.ok(201, this.book(slotId, wanted))).body, '/bookingId'));
  }

  async open(slot: object): Promise<Reply> {
    return this.ok(201, this.post('/slots', slot));
  }

  /** The answer, which must have this status. */
  async ok(status: number, answer: Promise<Reply>): Promise<Reply> {
    const reply = await answer;
    expect(reply.status, reply.text).to.equal(status);
    return reply;
  }
}

const HOUR_MS = 3_600_000;

/** An instant so many hours from now, at a whole hour. */
export function inHours(hours: number): string {
  return new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS + hours * HOUR_MS).toISOString().replace('.000Z', 'Z');
}

/** A show with the seats A1 to A5 in one row at 4500 each, and a standing area of 20 at 500. */
export function aShow(slotId: string, more: object = {}) {
  return {
    slotId,
    category: 'theatre',
    title: 'Hamlet',
    startsAt: inHours(48),
    timeZone: 'Europe/London',
    currency: 'GBP',
    units: [
      ...['1', '2', '3', '4', '5'].map((number) => ({
        unitId: `A${number}`,
        section: 'Stalls',
        row: 'A',
        number,
        category: 'gold',
        price: 4_500,
      })),
      { unitId: 'yard', category: 'standing', price: 500, capacity: 20 },
    ],
    ...more,
  };
}

/** A trip in four stops, an hour apart, with three seats priced by the stop. */
export function aTrip(slotId: string, more: object = {}) {
  const stops = ['york', 'leeds', 'derby', 'london'].map((stopId, index) => ({
    stopId,
    name: stopId.toUpperCase(),
    arrivesAt: inHours(48 + index),
    departsAt: inHours(48 + index),
  }));
  const units = ['1A', '1B', '1C'].map((unitId) => ({
    unitId,
    row: '1',
    number: unitId.slice(1),
    category: 'seat',
    price: 150,
    priceBasis: 'stop',
  }));
  return {
    slotId,
    category: 'bus',
    title: 'Northern',
    timeZone: 'Europe/London',
    currency: 'GBP',
    axis: { type: 'stops', stops },
    units,
    ...more,
  };
}

/** Two cars by the hour, always open, with half an hour between bookings. */
export function aFleet(slotId: string, more: object = {}) {
  const units = ['car-1', 'car-2'].map((unitId) => ({ unitId, category: 'compact', price: 900, priceBasis: 'hour' }));
  return {
    slotId,
    category: 'car',
    title: 'Airport',
    timeZone: 'Europe/Paris',
    currency: 'EUR',
    axis: { type: 'time', bufferMinutes: 30 },
    units,
    ...more,
  };
}

/** A client of a service that the surrounding `describe` has to itself, on a database of its own. */
export function withService(layers: () => Layers): ContractClient {
  const database = withDatabase();
  let service: Service | null = null;
  before('start a service', async () => {
    service = await startService(database(), layers());
  });
  after('stop the service', () => service?.stop());
  return new ContractClient(() => {
    if (service === null) throw new Error('The service is there only while the tests run.');
    return service.url;
  });
}
