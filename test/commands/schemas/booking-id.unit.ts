import { expect } from 'chai';
import { newBookingId, slotIdOfBooking } from '../../../src/commands/schemas/booking-id.ts';

const AT = Date.parse('2027-01-15T19:30:00Z');

describe('ids of bookings', () => {
  it('tell their slot, and differ however many are made in one millisecond', () => {
    const ids = Array.from({ length: 2_000 }, () => newBookingId('hamlet_2-x', AT));
    expect(new Set(ids).size).to.equal(ids.length);
    expect(new Set(ids.map(slotIdOfBooking))).to.deep.equal(new Set(['hamlet_2-x']));
  });

  it('come in the order of their instants, to the last one of the year 2108', () => {
    const instants = [0, 1, 63, 64, 4_095, 4_096, AT, AT + 0.9, AT + 1, AT + 10_000, Date.UTC(2109, 0, 1) - 1];
    const ids = instants.map((instant) => newBookingId('hamlet', instant));
    const order = (made: readonly string[]) => made.map((id) => id.slice(0, 'hamlet.'.length + 7));
    expect(order([...ids].sort())).to.deep.equal(order(ids));
    expect(new Set(order(ids)).size).to.equal(instants.length - 1);
  });

  it('are as long whatever the instant', () => {
    expect(new Set([0, AT, Date.UTC(2108, 0, 1)].map((instant) => newBookingId('hamlet', instant).length)).size).to.equal(1);
  });

  it('are none of what no booking can be called', () => {
    expect(['hamlet', '.x', 'hamlet.', 'ham let.x', `${'h'.repeat(65)}.x`].map(slotIdOfBooking)).to.deep.equal([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});
