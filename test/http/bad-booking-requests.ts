import { type BadRequest, invalidAt, invalidHeader, problem } from './bad-request.ts';

type Row = readonly [name: string, body: unknown, expected: ReturnType<typeof problem>];

const rows = (path: string, list: readonly Row[]): readonly BadRequest[] =>
  list.map(([name, body, expected]) => ({
    name: `${path}: ${name}`,
    method: 'POST',
    path,
    body,
    // One key for all of them: what is refused binds nothing.
    headers: { 'Idempotency-Key': 'bad' },
    ...expected,
  }));

const asks = (change: object) => ({ customerId: 'c-17', units: ['A2'], ...change });
const best = (bestAvailable: unknown) => ({ customerId: 'c-17', bestAvailable });
const onTrip = (span: unknown) => ({ customerId: 'c-17', units: ['12C'], span });
const onCars = (span: unknown) => ({ customerId: 'c-17', units: ['car-7'], span });
const spanInvalid = (pointer: string) => ({ ...problem(422, 'span-invalid'), at: { pointer } });
const SHOW = '/api/v1/slots/bad-show/bookings';

export const BAD_BOOKINGS: readonly BadRequest[] = [
  ...rows(SHOW, [
    ['an empty body', {}, invalidAt('/customerId')],
    ['no customer', { units: ['A2'] }, invalidAt('/customerId')],
    ['an empty customer', asks({ customerId: '' }), invalidAt('/customerId')],
    ['a customer that is a number', asks({ customerId: 17 }), invalidAt('/customerId')],
    ['a customer of 129 characters', asks({ customerId: 'x'.repeat(129) }), invalidAt('/customerId')],
    ['a customer whose letters are turned round', asks({ customerId: 'c\u202e17' }), invalidAt('/customerId')],
    ['nothing wanted', { customerId: 'c-17' }, invalidAt('/units')],
    ['an empty list of units', asks({ units: [] }), invalidAt('/units')],
    ['units that are a string', asks({ units: 'A2' }), invalidAt('/units')],
    ['a unit that is a number', asks({ units: [7] }), invalidAt('/units/0')],
    ['a unit that is a list', asks({ units: [['A2']] }), invalidAt('/units/0')],
    ['a unit twice', asks({ units: ['A2', 'A2'] }), invalidAt('/units/1')],
    ['a unit twice in two forms', asks({ units: ['yard', { unitId: 'yard', quantity: 2 }] }), invalidAt('/units/1/unitId')],
    ['1,001 units', asks({ units: Array.from({ length: 1_001 }, (_, index) => `u${index}`) }), invalidAt('/units')],
    ['a quantity of zero', asks({ units: [{ unitId: 'yard', quantity: 0 }] }), invalidAt('/units/0/quantity')],
    ['a quantity below zero', asks({ units: [{ unitId: 'yard', quantity: -3 }] }), invalidAt('/units/0/quantity')],
    ['a quantity beyond bounds', asks({ units: [{ unitId: 'yard', quantity: 1e9 }] }), invalidAt('/units/0/quantity')],
    ['half a place', asks({ units: [{ unitId: 'yard', quantity: 1.5 }] }), invalidAt('/units/0/quantity')],
    ['a unit that is not there', asks({ units: ['Z9'] }), { ...problem(422, 'unknown-unit'), at: { pointer: '/units/0' } }],
    ['a unit called __proto__', asks({ units: ['__proto__'] }), { ...problem(422, 'unknown-unit'), at: { pointer: '/units/0' } }],
    ['SQL for a unit', asks({ units: ["' OR 1=1 --"] }), { ...problem(422, 'unknown-unit'), at: { pointer: '/units/0' } }],
    ['a held unit', asks({ units: ['A1'] }), problem(409, 'seats-taken')],
    ['more than the policy allows', asks({ units: [{ unitId: 'yard', quantity: 11 }] }), problem(422, 'limit-exceeded')],
    ['units and the best available', asks({ bestAvailable: { quantity: 1 } }), invalidAt('/bestAvailable')],
    ['the best of no quantity', best({}), invalidAt('/bestAvailable/quantity')],
    ['the best none', best({ quantity: 0 }), invalidAt('/bestAvailable/quantity')],
    ['the best of a quantity in words', best({ quantity: 'two' }), invalidAt('/bestAvailable/quantity')],
    ['more accessible ones than units', best({ quantity: 1, accessible: 2 }), invalidAt('/bestAvailable/accessible')],
    ['adjacent in words', best({ quantity: 1, adjacent: 'please' }), invalidAt('/bestAvailable/adjacent')],
    ['the best as a list', best([1]), invalidAt('/bestAvailable')],
    ['an expected total below zero', asks({ expectedTotal: -1 }), invalidAt('/expectedTotal')],
    ['an expected total with a fraction', asks({ expectedTotal: 45.01 }), invalidAt('/expectedTotal')],
    ['an expected total that is money', asks({ expectedTotal: { amount: 4500, currency: 'GBP' } }), invalidAt('/expectedTotal')],
    ['another total than expected', asks({ expectedTotal: 1 }), problem(409, 'price-changed')],
    ['a confirmation without a payment', asks({ confirm: {} }), invalidAt('/confirm/paymentReference')],
    ['a confirmation that is true', asks({ confirm: true }), invalidAt('/confirm')],
    ['a span on the whole axis', asks({ span: { fromStop: 'a', toStop: 'b' } }), spanInvalid('/span')],
    ['a span of nothing', asks({ span: {} }), invalidAt('/span/fromStop')],
    ['an unknown field', asks({ discount: 100 }), invalidAt('/discount')],
    ['metadata that is a list', asks({ metadata: [] }), invalidAt('/metadata')],
  ]),
  ...rows('/api/v1/slots/bad-trip/bookings', [
    ['stops the wrong way round', onTrip({ fromStop: 'south', toStop: 'north' }), spanInvalid('/span/toStop')],
    ['from a stop to itself', onTrip({ fromStop: 'north', toStop: 'north' }), spanInvalid('/span/toStop')],
    ['a stop that the trip does not call at', onTrip({ fromStop: 'north', toStop: 'moon' }), spanInvalid('/span/toStop')],
    ['instants on a trip', onTrip({ from: '2027-01-15T08:00:00Z', to: '2027-01-15T09:00:00Z' }), spanInvalid('/span')],
    ['half a span', onTrip({ fromStop: 'north' }), invalidAt('/span/toStop')],
  ]),
  ...rows('/api/v1/slots/bad-cars/bookings', [
    ['no span', { customerId: 'c-17', units: ['car-7'] }, problem(400, 'span-required')],
    ['a span inside out', onCars({ from: '2027-01-15T12:00:00Z', to: '2027-01-15T10:00:00Z' }), spanInvalid('/span/to')],
    ['a span of no length', onCars({ from: '2027-01-15T12:00:00Z', to: '2027-01-15T12:00:00Z' }), spanInvalid('/span/to')],
    ['a span while closed', onCars({ from: '2027-01-16T12:00:00Z', to: '2027-01-16T13:00:00Z' }), spanInvalid('/span/from')],
    ['a span in the past', onCars({ from: '2020-01-15T12:00:00Z', to: '2020-01-15T13:00:00Z' }), problem(422, 'in-the-past')],
    ['30 February', onCars({ from: '2027-02-30T12:00:00Z', to: '2027-03-01T12:00:00Z' }), invalidAt('/span/from')],
    [
      'three fields of two kinds',
      onCars({ from: '2027-01-15T12:00:00Z', to: '2027-01-15T13:00:00Z', toStop: 'x' }),
      invalidAt('/span/toStop'),
    ],
  ]),
  ...rows('/api/v1/slots/nowhere/bookings', [['a slot that is not there', asks({}), problem(404, 'slot-not-found')]]),
  { name: 'a booking without a key', method: 'POST', path: SHOW, body: asks({}), ...problem(400, 'idempotency-key-required') },
  {
    name: 'a key of 256 characters',
    method: 'POST',
    path: SHOW,
    headers: { 'Idempotency-Key': 'k'.repeat(256) },
    body: asks({}),
    ...invalidHeader('Idempotency-Key'),
  },
  {
    name: 'an empty key',
    method: 'POST',
    path: SHOW,
    headers: { 'Idempotency-Key': '""' },
    body: asks({}),
    ...invalidHeader('Idempotency-Key'),
  },
  {
    name: 'two keys',
    method: 'POST',
    path: SHOW,
    headers: { 'Idempotency-Key': ['a', 'b'] },
    body: asks({}),
    ...invalidHeader('Idempotency-Key'),
  },
  {
    name: 'a key with a lone surrogate in UTF-8',
    method: 'POST',
    path: SHOW,
    headers: { 'Idempotency-Key': 'a\u0085' },
    body: asks({}),
    ...invalidHeader('Idempotency-Key'),
  },
];

export const BAD_BOOKING_WRITES: readonly BadRequest[] = [
  ...rows('/api/v1/bookings/{booking}/confirm', [
    ['no payment', {}, invalidAt('/paymentReference')],
    ['a payment that is a number', { paymentReference: 9 }, invalidAt('/paymentReference')],
    ['a part of nothing', { paymentReference: 'p', units: [] }, invalidAt('/units')],
    ['a unit that the booking does not have', { paymentReference: 'p', units: ['A2'] }, problem(422, 'unknown-unit')],
    ['an unknown field', { paymentReference: 'p', amount: 1 }, invalidAt('/amount')],
  ]),
  ...rows('/api/v1/bookings/{booking}/cancel', [
    ['a unit twice', { units: ['A1', 'A1'] }, invalidAt('/units/1')],
    ['a reason that is a number', { reason: 4 }, invalidAt('/reason')],
  ]),
  ...rows('/api/v1/bookings/{booking}/extend-hold', [
    ['no seconds', {}, invalidAt('/seconds')],
    ['seconds below zero', { seconds: -5 }, invalidAt('/seconds')],
    ['half a second', { seconds: 0.5 }, invalidAt('/seconds')],
    ['a year', { seconds: 31_536_000 }, invalidAt('/seconds')],
    ['more time at the cap', { seconds: 7_200 }, problem(422, 'hold-cap-reached')],
  ]),
  ...rows('/api/v1/bookings/{booking}/change', [
    ['nothing to change', {}, invalidAt('/add')],
    ['a unit added twice', { add: ['A2', 'A2'] }, invalidAt('/add/1')],
    ['a unit dropped that is not there', { drop: ['Z9'] }, problem(422, 'unknown-unit')],
    ['units that are an object', { add: { unitId: 'A2' } }, invalidAt('/add')],
  ]),
  ...rows('/api/v1/bookings/bad-show.nope/confirm', [
    ['a booking that is not there', { paymentReference: 'p' }, problem(404, 'booking-not-found')],
  ]),
  ...rows('/api/v1/bookings/nowhere.nope/cancel', [['a slot that is not there', {}, problem(404, 'booking-not-found')]]),
  ...rows('/api/v1/bookings/nonsense/cancel', [['an id that no booking has', {}, problem(404, 'booking-not-found')]]),
];
