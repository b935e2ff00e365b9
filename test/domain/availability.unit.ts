import { expect } from 'chai';
import { bookableUntil, extentAt, extentOf, freeOver, type SlotTerms, statusOver } from '../../src/domain/availability.ts';
import { NOTHING_TAKEN, type Usage, withUsage } from '../../src/domain/profile.ts';
import { resolveSpan, wholeAxis } from '../../src/domain/resolve-span.ts';
import { ENDS, HOUR, MINUTE, STARTS, seat, stopsAxis, yard } from '../support/slot-builders.ts';

const taken = (usage: Usage, quantity: number, from = 0, to = 1) => withUsage(NOTHING_TAKEN, { from, to }, usage, quantity);
const whole = { from: 0, to: 1 };

describe('a unit over a span', () => {
  it('is free when it can be booked over all of it', () => {
    const profile = taken('sold', 1, 1, 2);
    const status = (from: number, to: number) => statusOver(seat('A1'), profile, { from, to }, null);
    expect([status(0, 1), status(1, 2), status(0, 3), status(2, 3)]).to.deep.equal(['free', 'sold', 'sold', 'free']);
  });

  it('is sold before held before blocked', () => {
    let profile = taken('blocked', 1, 0, 1);
    const status = () => statusOver(seat('A1'), profile, { from: 0, to: 3 }, null);
    expect(status()).to.equal('blocked');
    profile = withUsage(profile, { from: 1, to: 2 }, 'held', 1);
    expect(status()).to.equal('held');
    profile = withUsage(profile, { from: 2, to: 3 }, 'sold', 1);
    expect(status()).to.equal('sold');
  });

  it('is free in quantity up to its tightest point', () => {
    const profile = withUsage(taken('held', 3, 0, 2), { from: 1, to: 3 }, 'blocked', 4);
    const free = (from: number, to: number) => freeOver(yard(10), profile, { from, to }, null);
    expect([free(0, 1), free(1, 2), free(2, 3), free(0, 3), free(3, 4)]).to.deep.equal([7, 3, 6, 3, 10]);
  });

  it('is not offered outside of its own times', () => {
    const unit = seat('A1', { availableFrom: STARTS, availableUntil: ENDS });
    expect(freeOver(unit, undefined, whole, { from: STARTS, to: ENDS })).to.equal(1);
    expect(freeOver(unit, undefined, whole, { from: STARTS - 1, to: ENDS })).to.equal(0);
    expect(freeOver(unit, undefined, whole, { from: STARTS, to: ENDS + 1 })).to.equal(0);
    expect(statusOver(unit, undefined, whole, { from: STARTS, to: ENDS + 1 })).to.equal('blocked');
    expect(freeOver(unit, undefined, whole, null), 'a slot without times').to.equal(1);
  });
});

describe('the time that a span takes', () => {
  it('of a show is the show', () => {
    const show = { axis: { type: 'whole' } as const, startsAt: STARTS, endsAt: ENDS };
    expect(extentOf(show, whole)).to.deep.equal({ from: STARTS, to: ENDS });
    expect(extentOf({ ...show, endsAt: null }, whole)).to.deep.equal({ from: STARTS, to: STARTS });
    expect(extentOf({ ...show, startsAt: null }, whole)).to.equal(null);
  });

  it('of a trip is from leaving the first stop to arriving at the last', () => {
    const trip = { axis: stopsAxis(4), startsAt: null, endsAt: null };
    expect(extentOf(trip, { from: 1, to: 3 })).to.deep.equal({ from: STARTS + HOUR, to: STARTS + 3 * HOUR - MINUTE });
    const bare = { axis: { type: 'stops', stops: [{ stopId: 'a' }, { stopId: 'b' }] } as const, startsAt: STARTS, endsAt: null };
    expect(extentOf(bare, whole)).to.deep.equal({ from: STARTS, to: STARTS });
  });
});

describe('the last instant at which a span can be booked', () => {
  const terms: Omit<SlotTerms, 'axis'> = { status: 'OPEN', startsAt: STARTS, endsAt: ENDS, policy: { acceptPast: false } };
  const lastOf = (slot: SlotTerms, span = whole) => bookableUntil(slot, span) - 1;
  const show: SlotTerms = { ...terms, axis: { type: 'whole' } };
  const trip: SlotTerms = { ...terms, axis: stopsAxis(4) };
  const fleet: SlotTerms = { ...terms, axis: { type: 'time', bufferMinutes: 30 } };

  it('of a show is before its end, of a trip when it leaves the stop, of a time five minutes after its start', () => {
    expect(lastOf(show)).to.equal(ENDS - 1);
    expect(lastOf({ ...show, endsAt: null })).to.equal(STARTS - 1);
    expect(lastOf(trip, { from: 1, to: 3 })).to.equal(STARTS + HOUR);
    expect(lastOf(fleet, { from: STARTS, to: ENDS })).to.equal(STARTS + 5 * MINUTE);
  });

  it('does not come where the past is accepted or nobody says when, nor with closing or the end of a sale; it is gone once cancelled', () => {
    for (const slot of [show, trip, fleet]) {
      expect(lastOf({ ...slot, policy: { acceptPast: true } })).to.equal(Number.POSITIVE_INFINITY);
      expect(lastOf({ ...slot, status: 'CLOSED' })).to.equal(lastOf(slot));
      expect(lastOf({ ...slot, status: 'CANCELLED' })).to.equal(Number.NEGATIVE_INFINITY);
    }
    expect(lastOf({ ...show, startsAt: null })).to.equal(Number.POSITIVE_INFINITY);
  });

  it('leaves nothing free behind it', () => {
    const free = (now: number) => freeOver(yard(10), undefined, whole, extentAt(show, whole, now));
    expect([free(ENDS - 1), free(ENDS)]).to.deep.equal([10, 0]);
    expect(statusOver(seat('A1'), undefined, whole, extentAt(show, whole, ENDS))).to.equal('blocked');
    expect(statusOver(seat('A1'), taken('sold', 1), whole, extentAt(show, whole, ENDS))).to.equal('sold');
  });
});

describe('a span in words', () => {
  it('is placed with the buffer behind it', () => {
    const axis = { type: 'time', bufferMinutes: 30 } as const;
    expect(resolveSpan({ axis, timeZone: 'UTC' }, { from: STARTS, to: ENDS })).to.deep.equal({
      kind: 'resolved',
      span: { from: STARTS, to: ENDS },
      occupied: { from: STARTS, to: ENDS + 30 * MINUTE },
    });
  });

  it('of a trip without words is all of it', () => {
    const axis = stopsAxis(4);
    expect(resolveSpan({ axis, timeZone: 'UTC' }, null)).to.deep.include({ span: { from: 0, to: 3 }, occupied: wholeAxis(axis) });
  });
});
