import { expect } from 'chai';
import fc from 'fast-check';
import { slotIdOfBooking } from '../../../src/commands/schemas/booking-id.ts';
import { formatInstant, parseInstant } from '../../../src/commands/schemas/instants.ts';
import type { Mapped } from '../../../src/commands/schemas/mapped.ts';
import type { OpenSlotInput } from '../../../src/commands/schemas/slots.ts';
import { toChangeBooking, toRequestBooking } from '../../../src/commands/schemas/to-booking.ts';
import { toOpenSlot } from '../../../src/commands/schemas/to-slot.ts';
import { toSlotChanges } from '../../../src/commands/schemas/to-slot-changes.ts';
import { toBlockUnits } from '../../../src/commands/schemas/to-units.ts';

const SHOW: OpenSlotInput = { category: 'theatre', title: 'Hamlet', startsAt: '2027-01-15T20:30:00+01:00', currency: 'GBP' };

function made<Value>(mapped: Mapped<Value>): Value {
  if (mapped.kind === 'faulty') throw new Error(JSON.stringify(mapped.faults));
  return mapped.value;
}

function pointers(mapped: Mapped<unknown>): readonly string[] {
  return mapped.kind === 'faulty' ? mapped.faults.map((fault) => fault.pointer) : [];
}

describe('an instant', () => {
  it('is read with any offset and written in Z, with a fraction only when there is one', () => {
    expect(formatInstant(parseInstant('2027-01-15T20:30:00+01:00')!)).to.equal('2027-01-15T19:30:00Z');
    expect(formatInstant(parseInstant('2027-01-15t19:30:00.25z')!)).to.equal('2027-01-15T19:30:00.250Z');
    expect(formatInstant(parseInstant('2027-01-15T14:00:00.0009-05:30')!)).to.equal('2027-01-15T19:30:00Z');
  });

  it('comes back as it was written, over all that can be written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) - 1 }), (instant) => {
        expect(parseInstant(formatInstant(instant))).to.equal(instant);
      }),
    );
  });

  for (const text of [
    '2027-02-29T00:00:00Z',
    '2027-13-01T00:00:00Z',
    '2027-01-15T19:30Z',
    '2027-01-15 19:30:00Z',
    '1969-12-31T23:59:59Z',
    '',
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => expect(parseInstant(text)).to.equal(null));
  }
});

describe('a slot that is opened with the least', () => {
  const slot = made(toOpenSlot(SHOW, 'hamlet'));

  it('gets the defaults of the contract', () => {
    expect(slot.policy).to.deep.equal({
      holdSeconds: 600,
      maxHoldSeconds: 1800,
      maxUnitsPerBooking: 10,
      orphanSeats: 'allow',
      acceptPast: false,
    });
    expect(slot).to.include({ slotId: 'hamlet', status: 'OPEN', startsAt: Date.UTC(2027, 0, 15, 19, 30), endsAt: null, layoutId: null });
    expect(slot.axis).to.deep.equal({ type: 'whole' });
  });

  it('gets a cap that its hold fits under', () => {
    expect(made(toOpenSlot({ ...SHOW, policy: { holdSeconds: 7_200 } }, 'x')).policy.maxHoldSeconds).to.equal(7_200);
  });
});

describe('a trip that calls at a stop several times', () => {
  const stops = ['a', 'b', 'a', 'a~2', 'a'].map((stopId) => ({ stopId }));
  const slot = made(toOpenSlot({ ...SHOW, axis: { type: 'stops', stops } }, 'trip'));

  it('names each call apart', () => {
    expect(slot.axis.type === 'stops' && slot.axis.stops.map((stop) => stop.stopId)).to.deep.equal(['a', 'b', 'a~2', 'a~2~2', 'a~3']);
  });

  it('starts at its first departure and ends at its last arrival', () => {
    const timed = [
      { stopId: 'a', departsAt: '2027-01-15T08:00:00Z' },
      { stopId: 'b', arrivesAt: '2027-01-15T09:00:00Z' },
    ];
    const trip = made(toOpenSlot({ category: 'bus', title: 'x', currency: 'USD', axis: { type: 'stops', stops: timed } }, 'trip'));
    expect([trip.startsAt, trip.endsAt]).to.deep.equal([Date.UTC(2027, 0, 15, 8), Date.UTC(2027, 0, 15, 9)]);
  });
});

describe('a trip that ends in the minute in which it starts', () => {
  const at = '2027-01-15T08:00:00Z';
  const axis = {
    type: 'stops' as const,
    stops: [
      { stopId: 'a', departsAt: at },
      { stopId: 'b', arrivesAt: at },
    ],
  };
  const trip = { category: 'bus', title: 'x', currency: 'USD', axis };

  it('has no end', () => {
    const { startsAt, endsAt } = made(toOpenSlot(trip, 'trip'));
    expect([startsAt, endsAt]).to.deep.equal([Date.UTC(2027, 0, 15, 8), null]);
  });

  it('may not be said to start later', () => {
    const startsAt = '2027-01-15T08:00:01Z';
    const faults = [{ pointer: '/startsAt', message: 'must not be later than the last arrival' }];
    expect(toOpenSlot({ ...trip, startsAt }, 'trip')).to.deep.equal({ kind: 'faulty', faults });
  });
});

describe('a description that is too large', () => {
  const stops = Array.from({ length: 500 }, (_, index) => ({ stopId: `${index}-${'s'.repeat(100)}`, name: 'n'.repeat(100) }));
  const trip = { category: 'bus', title: 'x', currency: 'USD', layoutId: 'coach', axis: { type: 'stops' as const, stops } };
  const pointersWith = (prices: Record<string, number>) => {
    const mapped = toOpenSlot({ ...trip, prices }, 'trip');
    return mapped.kind === 'faulty' ? mapped.faults.map(({ pointer }) => pointer) : [];
  };

  it('is blamed on the greater part of it', () => {
    expect(pointersWith({ seat: 100 })).to.deep.equal(['/axis']);
    const many = Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [`category-${index}-${'c'.repeat(30)}`, 100]));
    expect(pointersWith(many)).to.deep.equal(['/prices']);
  });
});

describe('a booking that is asked for', () => {
  it('takes a unit by its name as one of it', () => {
    const { selection } = made(
      toRequestBooking({ customerId: 'c', units: ['A1', { unitId: 'yard', quantity: 3 }, { unitId: 'B1' }] }, 'hamlet'),
    );
    expect(selection).to.deep.equal({
      kind: 'units',
      units: [
        { unitId: 'A1', quantity: 1 },
        { unitId: 'yard', quantity: 3 },
        { unitId: 'B1', quantity: 1 },
      ],
    });
  });

  it('gets an id of its own', () => {
    const ids = Array.from({ length: 3 }, () => made(toRequestBooking({ customerId: 'c', units: ['A1'] }, 'hamlet_2-x')).bookingId);
    expect([new Set(ids).size, ...ids.map(slotIdOfBooking)]).to.deep.equal([3, 'hamlet_2-x', 'hamlet_2-x', 'hamlet_2-x']);
  });

  it('keeps what the best available is not told as a preference', () => {
    const { selection } = made(toRequestBooking({ customerId: 'c', bestAvailable: { quantity: 2 } }, 'hamlet'));
    expect(selection).to.deep.equal({ kind: 'bestAvailable', quantity: 2, category: null, adjacent: null, accessible: 0 });
  });

  it('is refused with a unit twice, or with nothing to do', () => {
    expect(pointers(toRequestBooking({ customerId: 'c', units: ['A1', { unitId: 'A1', quantity: 1 }] }, 'hamlet'))).to.deep.equal([
      '/units/1/unitId',
    ]);
    expect(pointers(toChangeBooking({ add: [], drop: [] }, 'hamlet.x'))).to.deep.equal(['/add']);
  });
});

describe('units that an operator names', () => {
  it('mean all of a unit when no quantity is given', () => {
    const { units } = made(toBlockUnits({ units: ['A1', { unitId: 'yard', quantity: 5 }] }));
    expect(units).to.deep.equal([{ unitId: 'A1' }, { unitId: 'yard', quantity: 5 }]);
  });
});

describe('a merge patch', () => {
  it('is handed on as it is, to be merged when the slot decides it, with instants as the engine has them', () => {
    const nested = { venue: { city: null, venueId: 'globe' }, metadata: { a: null, c: '3' }, policy: { holdSeconds: 60 } };

    expect(toSlotChanges({ ...nested, reference: null, startsAt: '2027-01-15T20:30:00+01:00', salesFrom: null })).to.deep.equal({
      ...nested,
      reference: null,
      startsAt: Date.UTC(2027, 0, 15, 19, 30),
      salesFrom: null,
    });
  });
});
