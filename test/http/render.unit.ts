import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Booking } from '../../src/domain/slot/booking.ts';
import type { SlotSummary } from '../../src/domain/slot/summary.ts';
import { renderSeat, renderSummary, slotTag } from '../../src/http/render.ts';
import { bookingText, renderBooking } from '../../src/http/render-booking.ts';

const AT = Date.UTC(2027, 0, 15, 19, 30);

const SLOT: SlotSummary = {
  slotId: 'trip',
  category: 'bus',
  title: 'North to South',
  venue: null,
  startsAt: AT,
  endsAt: null,
  timeZone: 'UTC',
  currency: 'USD',
  status: 'OPEN',
  salesFrom: null,
  salesUntil: AT + 1,
  reference: null,
  metadata: {},
  axis: {
    type: 'stops',
    stops: [
      { stopId: 'a', departsAt: AT },
      { stopId: 'b', arrivesAt: AT + 60_000 },
    ],
  },
  layoutId: null,
  policy: { holdSeconds: 600, maxHoldSeconds: 1800, maxUnitsPerBooking: 10, orphanSeats: 'allow', acceptPast: false },
  version: 12,
  counts: { capacity: 4, free: 1, held: 1, sold: 1, blocked: 1 },
};

const BOOKING: Booking = {
  bookingId: 'trip.x',
  slotId: 'trip',
  customerId: 'c-17',
  status: 'CONFIRMED',
  version: 9,
  adjacent: false,
  claims: [
    { unitId: '12C', quantity: 1, from: 0, to: 1, price: 200, amount: 200 },
    { unitId: 'bike', quantity: 2, from: 0, to: 1, price: 50, amount: 100 },
  ],
  released: [{ unitId: '12D', quantity: 1, reason: 'not-confirmed', at: AT }],
  span: { fromStop: 'a', toStop: 'b' },
  requestedAt: AT,
  expiresAt: AT + 600_000,
  maxExpiresAt: AT + 1_800_000,
  confirmedAt: AT + 1_500,
  paymentReference: 'pay-9',
  reference: 'order-81',
  metadata: { note: 'window' },
};

describe('a booking in an answer', () => {
  const answer = renderBooking(BOOKING, 'USD');

  it('has claims with their span in the words of the customer, and no coordinates', () => {
    expect(answer.claims).to.deep.equal([
      { unitId: '12C', quantity: 1, price: 200, amount: 200, span: { fromStop: 'a', toStop: 'b' } },
      { unitId: 'bike', quantity: 2, price: 50, amount: 100, span: { fromStop: 'a', toStop: 'b' } },
    ]);
  });

  it('adds its claims up', () => expect(answer.total).to.deep.equal({ amount: 300, currency: 'USD' }));

  it('has instants in Z, with a fraction only where there is one', () => {
    expect(answer).to.include({
      requestedAt: '2027-01-15T19:30:00Z',
      confirmedAt: '2027-01-15T19:30:01.500Z',
      expiresAt: '2027-01-15T19:40:00Z',
    });
  });

  it('has the span of a fleet as instants, and none for the whole slot', () => {
    const onTime = renderBooking({ ...BOOKING, span: { from: AT, to: AT + 3_600_000 } }, 'USD');
    expect(onTime).to.have.nested.property('claims[0].span').that.deep.equals({ from: '2027-01-15T19:30:00Z', to: '2027-01-15T20:30:00Z' });
    expect(renderBooking({ ...BOOKING, span: null }, 'USD')).to.not.have.nested.property('claims[0].span');
  });
});

const words = fc.constantFrom('A1', '"', '\\', 'ü\n', '', 'null', ']}');
const instants = fc.constantFrom(AT, AT + 1, AT + 1_500, 0);
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const anyBooking: fc.Arbitrary<Booking> = fc.record({
  bookingId: words,
  slotId: words,
  customerId: words,
  status: fc.constantFrom('HELD', 'CONFIRMED', 'EXPIRED', 'CANCELLED'),
  version: fc.nat(),
  adjacent: fc.boolean(),
  claims: fc.array(fc.record({ unitId: words, quantity: fc.nat(9), from: fc.nat(), to: fc.nat(), price: fc.nat(), amount: fc.nat() }), {
    maxLength: 3,
  }),
  released: fc.array(fc.record({ unitId: words, quantity: fc.nat(9), reason: fc.constantFrom('expired', 'changed'), at: instants }), {
    maxLength: 2,
  }),
  span: orNull(fc.oneof(fc.record({ fromStop: words, toStop: words }), fc.record({ from: instants, to: instants }))),
  requestedAt: instants,
  expiresAt: instants,
  maxExpiresAt: instants,
  confirmedAt: orNull(instants),
  paymentReference: orNull(words),
  reference: orNull(words),
  metadata: fc.dictionary(words, words, { maxKeys: 2 }),
});

describe('a booking that is written as a text', () => {
  it('is what JSON makes of it', () => {
    fc.assert(
      fc.property(anyBooking, orNull(fc.constant('USD')), (booking, currency) => {
        expect(bookingText(booking, currency)).to.equal(JSON.stringify(renderBooking(booking, currency)));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a slot in an answer', () => {
  it('has its stops and times in RFC 3339, and null where nothing is set', () => {
    expect(renderSummary(SLOT)).to.deep.include({
      startsAt: '2027-01-15T19:30:00Z',
      endsAt: null,
      salesUntil: '2027-01-15T19:30:00.001Z',
      axis: {
        type: 'stops',
        stops: [
          { stopId: 'a', departsAt: '2027-01-15T19:30:00Z' },
          { stopId: 'b', arrivesAt: '2027-01-15T19:31:00Z' },
        ],
      },
    });
  });

  it('is tagged by its version, and on time by its counts too, which move with the clock', () => {
    expect(slotTag(SLOT)).to.equal('"12"');
    expect(slotTag({ ...SLOT, axis: { type: 'time', bufferMinutes: 0 } })).to.equal('"12.1-1-1-1"');
  });
});

describe('a seat in an answer', () => {
  const seat = {
    unit: { unitId: 'A1', category: 'gold', price: 1 },
    price: 4500,
    status: 'held' as const,
    heldUntil: AT,
    quantities: null,
  };

  it('has the price that a new claim pays, and until when it is held', () => {
    expect(renderSeat(seat)).to.deep.equal({
      unitId: 'A1',
      category: 'gold',
      price: 4500,
      status: 'held',
      heldUntil: '2027-01-15T19:30:00Z',
    });
    expect(renderSeat({ ...seat, status: 'free', heldUntil: null })).to.not.have.property('heldUntil');
  });

  it('has four numbers when it has a quantity, and is sold before it is held before it is blocked', () => {
    const yard = (free: number, held: number, sold: number, blocked: number) =>
      renderSeat({ ...seat, status: null, heldUntil: null, quantities: { free, held, sold, blocked } });
    expect(yard(1, 2, 3, 4)).to.include({ status: 'free', free: 1, held: 2, sold: 3, blocked: 4 });
    expect([yard(0, 1, 1, 1).status, yard(0, 1, 0, 1).status, yard(0, 0, 0, 1).status]).to.deep.equal(['sold', 'held', 'blocked']);
  });
});
