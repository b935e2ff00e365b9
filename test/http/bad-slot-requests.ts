import { type BadRequest, invalidAt, problem } from './bad-request.ts';

const UNIT = { unitId: 'A1', category: 'gold', price: 4500 };
const SHOW = { category: 'theatre', title: 'Hamlet', startsAt: '2027-01-15T19:30:00Z', currency: 'GBP', units: [UNIT] };

type Row = readonly [name: string, body: unknown, expected: ReturnType<typeof problem>];

const rows = (path: string, list: readonly Row[]): readonly BadRequest[] =>
  list.map(([name, body, expected]) => ({ name: `${path}: ${name}`, method: 'POST', path, body, ...expected }));

const show = (change: object) => ({ ...SHOW, ...change });
const unit = (change: object) => show({ units: [{ ...UNIT, ...change }] });
const stops = (list: readonly unknown[]) => ({ ...SHOW, startsAt: undefined, axis: { type: 'stops', stops: list } });
const opening = (change: object) => show({ axis: { type: 'time', opening: [{ days: ['MO'], from: '08:00', to: '20:00', ...change }] } });
const many = <Item>(count: number, item: (index: number) => Item) => Array.from({ length: count }, (_, index) => item(index));

/** Slots that cannot be opened. */
export const BAD_OPENINGS: readonly BadRequest[] = [
  ...rows('/api/v1/slots', [
    ['a list for a body', [SHOW], invalidAt('')],
    ['null for a body', null, invalidAt('')],
    ['a string for a body', 'slot', invalidAt('')],
    ['a number for a body', 12, invalidAt('')],
    ['an unknown field', show({ colour: 'red' }), invalidAt('/colour')],
    ['an unknown field whose name needs escaping', show({ 'a/b~c': 1 }), invalidAt('/a~1b~0c')],
    ['a field called constructor', show({ constructor: {} }), invalidAt('/constructor')],
    ['no title', { ...SHOW, title: undefined }, invalidAt('/title')],
    ['a title that is a number', show({ title: 7 }), invalidAt('/title')],
    ['an empty title', show({ title: '' }), invalidAt('/title')],
    ['a title without end', show({ title: 'x'.repeat(301) }), invalidAt('/title')],
    ['no category', { ...SHOW, category: undefined }, invalidAt('/category')],
    ['SQL for an id', show({ slotId: "x'; DROP TABLE holdfast.events; --" }), invalidAt('/slotId')],
    ['an id of 65 characters', show({ slotId: 'x'.repeat(65) }), invalidAt('/slotId')],
    ['an empty id', show({ slotId: '' }), invalidAt('/slotId')],
    ['an id that climbs folders', show({ slotId: '../x' }), invalidAt('/slotId')],
    ['an id beyond ASCII', show({ slotId: 'köln' }), invalidAt('/slotId')],
    ['an id that is an object', show({ slotId: { $gt: '' } }), invalidAt('/slotId')],
    ['an id that is taken', show({ slotId: 'bad-show' }), problem(409, 'slot-exists')],
    ['no currency', { ...SHOW, currency: undefined }, invalidAt('/currency')],
    ['a currency in small letters', show({ currency: 'gbp' }), invalidAt('/currency')],
    ['a currency that is none', show({ currency: 'ZZZ' }), invalidAt('/currency')],
    ['a time zone that is none', show({ timeZone: 'Mars/Olympus' }), invalidAt('/timeZone')],
    ['an offset for a time zone', show({ timeZone: '+01:00' }), invalidAt('/timeZone')],
    ['no start', { ...SHOW, startsAt: undefined }, invalidAt('/startsAt')],
    ['30 February', show({ startsAt: '2027-02-30T19:30:00Z' }), invalidAt('/startsAt')],
    ['29 February of a common year', show({ startsAt: '2027-02-29T19:30:00Z' }), invalidAt('/startsAt')],
    ['a local time', show({ startsAt: '2027-01-15T19:30:00' }), invalidAt('/startsAt')],
    ['a day for an instant', show({ startsAt: '2027-01-15' }), invalidAt('/startsAt')],
    ['epoch milliseconds', show({ startsAt: 1800041400000 }), invalidAt('/startsAt')],
    ['hour 24', show({ startsAt: '2027-01-15T24:00:00Z' }), invalidAt('/startsAt')],
    ['second 60', show({ startsAt: '2027-01-15T19:30:60Z' }), invalidAt('/startsAt')],
    ['an offset of 30 hours', show({ startsAt: '2027-01-15T19:30:00+30:00' }), invalidAt('/startsAt')],
    ['the year 1', show({ startsAt: '0001-01-01T00:00:00Z' }), invalidAt('/startsAt')],
    ['the year 9999', show({ startsAt: '9999-12-31T23:59:59Z' }), invalidAt('/startsAt')],
    ['the furthest date of the language', show({ startsAt: '+275760-09-13T00:00:00Z' }), invalidAt('/startsAt')],
    ['a start in the past', show({ startsAt: '2020-01-15T19:30:00Z' }), { ...problem(422, 'in-the-past'), at: { pointer: '/startsAt' } }],
    ['an end before the start', show({ endsAt: '2027-01-15T19:00:00Z' }), invalidAt('/endsAt')],
    [
      'sales that end before they begin',
      show({ salesFrom: '2027-01-02T00:00:00Z', salesUntil: '2027-01-01T00:00:00Z' }),
      invalidAt('/salesUntil'),
    ],
    ['an unknown status', show({ status: 'SOLD' }), invalidAt('/status')],
    ['a reference of 65 characters', show({ reference: 'x'.repeat(65) }), invalidAt('/reference')],
    ['a reference with characters that nobody sees', show({ reference: 'a\u202eb' }), invalidAt('/reference')],
    ['a venue that is a string', show({ venue: 'Globe' }), invalidAt('/venue')],
    ['an unknown field of the venue', show({ venue: { zip: '1' } }), invalidAt('/venue/zip')],
    ['51 keys of metadata', show({ metadata: Object.fromEntries(many(51, (index) => [`k${index}`, 'v'])) }), invalidAt('/metadata')],
    ['metadata that is a number', show({ metadata: { season: 2027 } }), invalidAt('/metadata/season')],
    ['metadata of 501 characters', show({ metadata: { note: 'x'.repeat(501) } }), invalidAt('/metadata/note')],
    ['a metadata key of 41 characters', show({ metadata: { ['k'.repeat(41)]: 'v' } }), invalidAt(`/metadata/${'k'.repeat(41)}`)],
    ['a hold of no time', show({ policy: { holdSeconds: 0 } }), invalidAt('/policy/holdSeconds')],
    ['a hold of a year', show({ policy: { holdSeconds: 31_536_000 } }), invalidAt('/policy/holdSeconds')],
    ['a cap below the hold', show({ policy: { holdSeconds: 600, maxHoldSeconds: 300 } }), invalidAt('/policy/maxHoldSeconds')],
    ['an unknown policy', show({ policy: { refunds: 'never' } }), invalidAt('/policy/refunds')],
    ['an unknown rule for orphans', show({ policy: { orphanSeats: 'maybe' } }), invalidAt('/policy/orphanSeats')],
    ['an unknown axis', show({ axis: { type: 'space' } }), invalidAt('/axis/type')],
    ['an axis that is a string', show({ axis: 'whole' }), invalidAt('/axis')],
    ['an axis that is a list', show({ axis: [] }), invalidAt('/axis')],
    ['an axis without a type', show({ axis: {} }), invalidAt('/axis/type')],
    ['stops on the whole axis', show({ axis: { type: 'whole', stops: [] } }), invalidAt('/axis/stops')],
    ['a trip of one stop', stops([{ stopId: 'a' }]), invalidAt('/axis/stops')],
    ['a trip of 501 stops', stops(many(501, (index) => ({ stopId: `s${index}` }))), invalidAt('/axis/stops')],
    ['a stop without an id', stops([{ stopId: 'a' }, { name: 'b' }]), invalidAt('/axis/stops/1/stopId')],
    [
      'a trip back in time',
      stops([
        { stopId: 'a', departsAt: '2027-01-15T09:00:00Z' },
        { stopId: 'b', arrivesAt: '2027-01-15T08:00:00Z' },
        { stopId: 'c', arrivesAt: '2027-01-15T10:00:00Z' },
      ]),
      invalidAt('/axis/stops/1/arrivesAt'),
    ],
    ['opening hours that end before they begin', opening({ to: '07:00' }), invalidAt('/axis/opening/0/to')],
    ['opening at 25 o’clock', opening({ from: '25:00' }), invalidAt('/axis/opening/0/from')],
    ['an unknown day', opening({ days: ['XX'] }), invalidAt('/axis/opening/0/days/0')],
    ['no day', opening({ days: [] }), invalidAt('/axis/opening/0/days')],
    ['a buffer below zero', show({ axis: { type: 'time', bufferMinutes: -1 } }), invalidAt('/axis/bufferMinutes')],
    ['a layout beside units', show({ layoutId: 'x' }), invalidAt('/units')],
    ['a layout that is not there', { ...SHOW, units: undefined, layoutId: 'nope' }, invalidAt('/layoutId')],
    ['prices without a layout', show({ prices: { gold: 1 } }), invalidAt('/prices')],
    [
      'a price below zero in a price list',
      { ...SHOW, units: undefined, layoutId: 'nope', prices: { gold: -1 } },
      invalidAt('/prices/gold'),
    ],
  ]),
  ...rows('/api/v1/slots', [
    ['units that are an object', show({ units: { A1: UNIT } }), invalidAt('/units')],
    ['a unit that is null', show({ units: [null] }), invalidAt('/units/0')],
    ['a unit without an id', show({ units: [{ category: 'gold', price: 1 }] }), invalidAt('/units/0/unitId')],
    ['two units of one id', show({ units: [UNIT, { ...UNIT, price: 1 }] }), invalidAt('/units/1/unitId')],
    ['a unit id of 129 characters', unit({ unitId: 'x'.repeat(129) }), invalidAt('/units/0/unitId')],
    ['a unit id with a line break', unit({ unitId: 'A\n1' }), invalidAt('/units/0/unitId')],
    ['a unit without a price', show({ units: [{ unitId: 'A1' }] }), invalidAt('/units/0/price')],
    ['a price below zero', unit({ price: -1 }), invalidAt('/units/0/price')],
    ['a price with a fraction', unit({ price: 45.5 }), invalidAt('/units/0/price')],
    ['a price that is a string', unit({ price: '4500' }), invalidAt('/units/0/price')],
    ['a price beyond bounds', unit({ price: 1e13 }), invalidAt('/units/0/price')],
    ['a price beyond safe integers', unit({ price: 2 ** 60 }), invalidAt('/units/0/price')],
    ['a capacity of nothing', unit({ capacity: 0 }), invalidAt('/units/0/capacity')],
    ['a capacity beyond bounds', unit({ capacity: 1_000_001 }), invalidAt('/units/0/capacity')],
    ['half a place', unit({ capacity: 1.5 }), invalidAt('/units/0/capacity')],
    ['a coordinate beyond bounds', unit({ x: 1e300 }), invalidAt('/units/0/x')],
    ['yes for true', unit({ accessible: 'yes' }), invalidAt('/units/0/accessible')],
    ['an unknown price basis', unit({ priceBasis: 'minute' }), invalidAt('/units/0/priceBasis')],
    ['a price by the stop on the whole axis', unit({ priceBasis: 'stop' }), invalidAt('/units/0/priceBasis')],
    ['an unknown field of a unit', unit({ colour: 'red' }), invalidAt('/units/0/colour')],
    [
      'a unit that is never available',
      unit({ availableFrom: '2027-01-02T00:00:00Z', availableUntil: '2027-01-01T00:00:00Z' }),
      invalidAt('/units/0/availableUntil'),
    ],
    ['10,001 units', show({ units: many(10_001, (index) => ({ unitId: `u${index}`, price: 1 })) }), invalidAt('/units')],
    [
      'units too large for one append',
      show({ units: many(900, (index) => ({ unitId: `u${index}`, price: 1, metadata: { note: 'x'.repeat(500) } })) }),
      invalidAt('/units'),
    ],
  ]),
];

/** Layouts and operators' calls that cannot be done. */
export const BAD_SLOT_WRITES: readonly BadRequest[] = [
  ...rows('/api/v1/layouts', [
    ['no name', { units: [UNIT] }, invalidAt('/name')],
    ['no units', { name: 'Hall' }, invalidAt('/units')],
    ['an empty list of units', { name: 'Hall', units: [] }, invalidAt('/units')],
    ['two units of one id', { name: 'Hall', units: [UNIT, UNIT] }, invalidAt('/units/1/unitId')],
    ['half a focus', { name: 'Hall', focus: { x: 1 }, units: [UNIT] }, invalidAt('/focus/y')],
    ['an id of its own', { name: 'Hall', layoutId: 'x', units: [UNIT] }, invalidAt('/layoutId')],
    ['100,001 units', { name: 'Hall', units: many(100_001, (index) => ({ unitId: `u${index}` })) }, invalidAt('/units')],
  ]),
  ...rows('/api/v1/slots/bad-show/units', [
    ['no units', { units: [] }, invalidAt('/units')],
    ['a unit that is there', { units: [UNIT] }, invalidAt('/units/0/unitId')],
    [
      'a unit twice',
      {
        units: [
          { unitId: 'B1', price: 1 },
          { unitId: 'B1', price: 1 },
        ],
      },
      invalidAt('/units/1/unitId'),
    ],
  ]),
  ...rows('/api/v1/slots/bad-show/units/change', [
    ['nothing to change', { units: [{ unitId: 'A1' }] }, invalidAt('/units/0')],
    [
      'a unit that is not there',
      { units: [{ unitId: 'Z9', price: 1 }] },
      { ...problem(422, 'unknown-unit'), at: { pointer: '/units/0/unitId' } },
    ],
  ]),
  ...rows('/api/v1/slots/bad-show/units/block', [
    ['a unit twice', { units: ['A1', { unitId: 'A1' }], reason: 'x' }, invalidAt('/units/1/unitId')],
    ['a unit that is not there', { units: ['Z9'], reason: 'x' }, { ...problem(422, 'unknown-unit'), at: { pointer: '/units/0' } }],
    ['a reason that is a list', { units: ['A2'], reason: ['x'] }, invalidAt('/reason')],
    ['units that are sold or held', { units: ['A1'], reason: 'x' }, problem(409, 'seats-taken')],
    ['none of a quantity', { units: [{ unitId: 'yard', quantity: 0 }], reason: 'x' }, invalidAt('/units/0/quantity')],
  ]),
  ...rows('/api/v1/slots/bad-show/units/withdraw', [['a held unit', { units: ['A1'], reason: 'x' }, problem(409, 'seats-taken')]]),
  ...rows('/api/v1/slots/bad-show/close', [['an unknown field', { why: 'x' }, invalidAt('/why')]]),
  ...rows('/api/v1/slots/nowhere/close', [['a slot that is not there', {}, problem(404, 'slot-not-found')]]),
  ...rows('/api/v1/slots/bad-show/cancel', [['a reason of 501 characters', { reason: 'x'.repeat(501) }, invalidAt('/reason')]]),
];
