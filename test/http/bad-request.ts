/** A request that must be refused, and how. */
export interface BadRequest {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** May name `{booking}`, a booking that is held. */
  readonly path: string;
  /** A list sends the header several times. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly raw?: string | Buffer;
  readonly status: number;
  readonly code: string;
  /** The place that the first fault names, and no other fault beside it. */
  readonly at?: { readonly pointer: string } | { readonly parameter: string } | { readonly header: string };
}

type Expectation = Pick<BadRequest, 'status' | 'code' | 'at'>;

export const invalidAt = (pointer: string): Expectation => ({ status: 400, code: 'invalid-input', at: { pointer } });
export const invalidParameter = (parameter: string): Expectation => ({ status: 400, code: 'invalid-input', at: { parameter } });
export const invalidHeader = (header: string): Expectation => ({ status: 400, code: 'invalid-input', at: { header } });
export const problem = (status: number, code: string): Expectation => ({ status, code });

/** The slots that the bad requests aim at: a show, a trip and a fleet. */
export const FIXTURE_SLOTS: readonly object[] = [
  {
    slotId: 'bad-show',
    category: 'theatre',
    title: 'Hamlet',
    startsAt: '2027-01-15T19:30:00Z',
    timeZone: 'Europe/London',
    currency: 'GBP',
    axis: { type: 'whole' },
    units: [
      { unitId: 'A1', section: 'Stalls', row: 'A', number: '1', category: 'gold', price: 4500 },
      { unitId: 'A2', section: 'Stalls', row: 'A', number: '2', category: 'gold', price: 4500 },
      { unitId: 'yard', category: 'standing', price: 500, capacity: 20 },
    ],
  },
  {
    slotId: 'bad-trip',
    category: 'bus',
    title: 'North to South',
    currency: 'USD',
    axis: {
      type: 'stops',
      stops: [
        { stopId: 'north', departsAt: '2027-01-15T08:00:00Z' },
        { stopId: 'middle', arrivesAt: '2027-01-15T09:00:00Z', departsAt: '2027-01-15T09:05:00Z' },
        { stopId: 'south', arrivesAt: '2027-01-15T10:00:00Z' },
      ],
    },
    units: [{ unitId: '12C', category: 'seat', price: 200, priceBasis: 'stop' }],
  },
  {
    slotId: 'bad-cars',
    category: 'vehicle',
    title: 'Cars',
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
    axis: { type: 'time', opening: [{ days: ['MO', 'TU', 'WE', 'TH', 'FR'], from: '08:00', to: '20:00' }], bufferMinutes: 30 },
    units: [{ unitId: 'car-7', category: 'compact', price: 900, priceBasis: 'hour' }],
  },
];
