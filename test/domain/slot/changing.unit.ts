import { expect } from 'chai';
import type { Booking } from '../../../src/domain/slot/booking.ts';
import type { Claim, SlotEvent } from '../../../src/domain/slot/events.ts';
import { type Given, given } from '../../support/slot.ts';
import {
  bookBest,
  cancel,
  cancelled,
  change,
  claim,
  confirm,
  confirmed,
  expired,
  held,
  MINUTE,
  NOW,
  opened,
  POLICY,
  seat,
  seats,
  yard,
} from '../../support/slot-builders.ts';

const changed = (added: readonly Claim[], dropped: readonly Claim[], adjacent = true): SlotEvent => ({
  type: 'BookingChanged',
  bookingId: 'b1',
  customerId: 'c-17',
  added,
  dropped,
  adjacent,
  expiresAt: NOW + 10 * MINUTE,
});

const bookingIn = ({ state }: Given) => state.bookings.get('b1') as Booking;

describe('a held booking that changes', () => {
  const slot = given(opened(), held('b1', [claim('A1'), claim('A2')]), held('b2', [claim('A4')]));

  it('swaps seats in one step and keeps its id and its expiry', () => {
    slot
      .when(change('b1', { add: ['A3'], drop: ['A1'] }), { now: NOW + MINUTE })
      .then(changed([claim('A3')], [claim('A1')]))
      .andBooking('b1', {
        claims: [claim('A2'), claim('A3')],
        released: [{ unitId: 'A1', quantity: 1, reason: 'changed', at: NOW + MINUTE }],
        expiresAt: NOW + 10 * MINUTE,
      });
  });

  it('changes nothing when one of the new seats is taken, and is shown as it stands', () => {
    slot
      .when(change('b1', { add: ['A3', 'A4'], drop: ['A1'] }))
      .thenRefused({
        kind: 'seats-taken',
        unavailable: [{ unitId: 'A4', status: 'held' }],
        booking: bookingIn(slot),
      })
      .andBooking('b1', { claims: [claim('A1'), claim('A2')] });
  });

  it('gives up seats, but never the last one', () => {
    slot.when(change('b1', { drop: ['A1'] })).then(changed([], [claim('A1')]));
    slot.when(change('b1', { drop: ['A1', 'A2'] })).thenRefused({ kind: 'invalid-input' });
  });

  it('may take another seat for its only one, or the same again', () => {
    const only = given(opened(), held('b1', [claim('A1')]));
    only.when(change('b1', { add: ['A2'], drop: ['A1'] })).then(changed([claim('A2')], [claim('A1')]));
    only.when(change('b1', { add: ['A1'], drop: ['A1'] })).then(changed([claim('A1')], [claim('A1')]));
  });

  it('refuses a seat that it has already, and one that it has not', () => {
    slot
      .when(change('b1', { add: ['A1'] }))
      .thenRefused({ kind: 'invalid-input', fault: { pointer: '/add/0', message: 'the booking has this unit already' } });
    slot
      .when(change('b1', { drop: ['A3'] }))
      .thenRefused({ kind: 'unknown-unit', fault: { pointer: '/drop/0', message: 'the booking has no unit "A3"' } });
    slot.when(change('b1', { add: ['Z1'] })).thenRefused({ kind: 'unknown-unit' });
  });

  it('is refused beyond the limit, counted after the change', () => {
    const limited = given(opened({ policy: { ...POLICY, maxUnitsPerBooking: 2 } }), held('b1', [claim('A1'), claim('A2')]));
    limited.when(change('b1', { add: ['A3'] })).thenRefused({ kind: 'limit-exceeded', limit: 2 });
    limited.when(change('b1', { add: ['A3'], drop: ['A2'] })).then(changed([claim('A3')], [claim('A2')], false));
  });

  it('may give up seats also where it has more than the limit since it was lowered, but not take others', () => {
    const three = [claim('A1'), claim('A2'), claim('A3')];
    const lowered = given(opened(), held('b1', three), { type: 'SlotChanged', changes: { policy: { ...POLICY, maxUnitsPerBooking: 1 } } });
    lowered.when(change('b1', { drop: ['A3'] })).then(changed([], [claim('A3')]));
    lowered.when(change('b1', { drop: ['A3'], add: ['A4'] })).thenRefused({ kind: 'limit-exceeded', limit: 1 });
  });

  it('is refused another total than the customer expects', () => {
    slot
      .when(change('b1', { add: ['A3'], expectedTotal: 9000 }))
      .thenRefused({ kind: 'price-changed', expectedTotal: 9000, total: 13_500 });
    slot.when(change('b1', { add: ['A3'], expectedTotal: 13_500 })).then(changed([claim('A3')], []));
  });

  it('keeps the price of what it has; new seats come at the price of today', () => {
    const dear = (unitId: string) => ({ unitId, category: 'gold', price: 9900 });
    const repriced = given(opened({ units: [...seats(4), yard(10)] }), held('b1', [claim('A1'), claim('yard', { quantity: 2 })]), {
      type: 'UnitsChanged',
      changes: [dear('A1'), dear('A2'), { unitId: 'yard', category: 'standing', price: 900, capacity: 10 }],
    });
    repriced
      .when(change('b1', { add: ['A2', ['yard', 3]] }))
      .then(changed([claim('A2', { price: 9900 }), claim('yard', { quantity: 3 })], [], false))
      .andBooking('b1', { claims: [claim('A1'), claim('yard', { quantity: 5 }), claim('A2', { price: 9900 })] });
  });

  it('may drop and add of one quantity unit, as much as is free with what it gives back', () => {
    const full = given(opened(), held('b1', [claim('yard', { quantity: 4 })]), held('b2', [claim('yard', { quantity: 5 })]));
    full
      .when(change('b1', { add: [['yard', 5]], drop: [['yard', 4]] }))
      .then(changed([claim('yard', { quantity: 5 })], [claim('yard', { quantity: 4 })]))
      .andBooking('b1', { claims: [claim('yard', { quantity: 5 })] });
    full.when(change('b1', { add: [['yard', 6]], drop: [['yard', 4]] })).thenRefused({ kind: 'seats-taken' });
    full.when(change('b1', { drop: [['yard', 5]] })).thenRefused({ kind: 'invalid-input' });
    full
      .when(change('b1', { add: [['yard', 1]], drop: ['yard'] }))
      .then(changed([claim('yard')], [claim('yard', { quantity: 4 })]))
      .andBooking('b1', { claims: [claim('yard')] });
  });
});

describe('a held booking with the longest ids there are', () => {
  /** As long as the edge lets them be: a claim of one takes 573 bytes of JSON, the comma behind it included. */
  const ids = Array.from({ length: 500 }, (_, index) => `${'🎫'.repeat(125)}${String(index).padStart(3, '0')}`);
  const units = ids.map((unitId) => seat(unitId, { capacity: 2 }));
  const slot = opened({ units, policy: { ...POLICY, maxUnitsPerBooking: 500 } });
  const claimsOf = (from: number, to: number) => ids.slice(from, to).map((unitId) => claim(unitId));
  const heldOf = (count: number) => given(slot, held('b1', claimsOf(0, count)));
  const changeOf = (from: number, to: number, drop: readonly string[] = []) => change('b1', { add: ids.slice(from, to), drop });
  const tooLarge = (bytes: number) => ({
    kind: 'limit-exceeded' as const,
    limit: 245_760,
    fault: { pointer: '/add', message: `the units of a booking take at most 245760 bytes of JSON, not ${bytes}` },
  });

  it('grows as far as its units fit into one event, and stays as it was when asked for more', () => {
    const grown = heldOf(364);
    grown
      .when(changeOf(364, 429))
      .thenRefused(tooLarge(429 * 573 + 1))
      .andBooking('b1', { claims: bookingIn(grown).claims });
    grown.when(changeOf(364, 428)).then(changed(claimsOf(364, 428), [], false));
    grown.when(changeOf(364, 429, ids.slice(0, 1))).then(changed(claimsOf(364, 429), claimsOf(0, 1), false));
  });

  it('may be as large as the largest one that can be asked for at once', () => {
    // 96 KiB of names, in as many units as a booking can have.
    const shorter = Array.from({ length: 500 }, (_, index) => seat(`${'x'.repeat(166)}${String(index).padStart(3, '0')}`));
    const names = shorter.map(({ unitId }) => unitId);
    given(
      opened({ units: shorter, policy: { ...POLICY, maxUnitsPerBooking: 500 } }),
      held(
        'b1',
        names.slice(0, 1).map((unitId) => claim(unitId)),
      ),
    )
      .when(change('b1', { add: names.slice(1) }))
      .andBooking('b1', { version: 4 });
  });

  it('is not held in the first place when it is larger', () => {
    const best = given({ ...slot, units: ids.map((unitId) => seat(unitId)) });
    best
      .when(bookBest('b1', 429))
      .thenRefused({ ...tooLarge(429 * 573 + 1), fault: { ...tooLarge(429 * 573 + 1).fault, pointer: '/bestAvailable/quantity' } });
    best.when(bookBest('b1', 428)).andBooking('b1', { version: 3 });
  });

  it('takes more of what it has, which needs no more room', () => {
    heldOf(428)
      .when(changeOf(0, 72))
      .then(changed(claimsOf(0, 72), [], false));
  });

  it('gives units up even when it is too large already', () => {
    const overgrown = heldOf(450);
    overgrown.when(changeOf(0, 0, ids.slice(0, 1))).then(changed([], claimsOf(0, 1), false));
    overgrown.when(changeOf(450, 451, ids.slice(0, 1))).thenRefused(tooLarge(450 * 573 + 1));
  });
});

describe('a booking that cannot change any more', () => {
  const one = [claim('A1')];
  const add = change('b1', { add: ['A2'] });

  it('is confirmed, cancelled, lapsed, or its slot is', () => {
    given(opened(), held('b1', one), confirmed('b1', one)).when(add).thenRefused({ kind: 'already-confirmed' });
    given(opened(), held('b1', one), cancelled('b1', one)).when(add).thenRefused({ kind: 'already-released' });
    given(opened(), held('b1', one))
      .when(add, { now: NOW + 10 * MINUTE })
      .thenRefused({ kind: 'hold-expired' }, expired('b1', one));
    given(opened(), held('b1', one), { type: 'SlotCancelled', reason: null }).when(add).thenRefused({ kind: 'slot-cancelled' });
    given(opened()).when(add).thenRefused({ kind: 'booking-not-found' });
  });
});

describe('a held booking of a slot that sells nothing more', () => {
  const closed = given(opened(), held('b1', [claim('A1'), claim('A2')]), { type: 'SlotClosed', reason: 'storm' });
  const past = given(opened({ salesUntil: NOW + MINUTE }), held('b1', [claim('A1'), claim('A2')]));
  const begun = given(opened({ startsAt: NOW - MINUTE, endsAt: NOW + MINUTE }), held('b1', [claim('A1'), claim('A2')]));

  it('takes no seat more, and is shown as it stands', () => {
    closed.when(change('b1', { add: ['A3'], drop: [] })).thenRefused({ kind: 'slot-closed', booking: bookingIn(closed) });
    past
      .when(change('b1', { add: ['A3'], drop: [] }), { now: NOW + MINUTE })
      .thenRefused({ kind: 'not-on-sale', booking: bookingIn(past) });
    begun.when(change('b1', { add: ['A3'], drop: [] }), { now: NOW + MINUTE }).thenRefused({ kind: 'in-the-past' });
  });

  it('can still give seats up', () => {
    closed.when(change('b1', { add: [], drop: ['A1'] })).then(changed([], [claim('A1')]));
    past.when(change('b1', { add: [], drop: ['A1'] }), { now: NOW + MINUTE }).then(changed([], [claim('A1')]));
    begun.when(change('b1', { add: [], drop: ['A1'] }), { now: NOW + MINUTE }).then(changed([], [claim('A1')]));
  });
});

describe('a held booking that has given up a thousand times', () => {
  const toAndFro = Array.from({ length: 500 }, () => [changed([claim('A2')], [claim('A1')]), changed([claim('A1')], [claim('A2')])]).flat();
  const refusal = (pointer: string) =>
    ({
      kind: 'limit-exceeded',
      limit: 1_000,
      fault: { pointer, message: 'a booking that has given up units 1000 times changes no more' },
    }) as const;
  const restless = given(opened(), held('b1', [claim('A1')]), toAndFro);

  it('changes no more, since it is shown with all of them', () => {
    restless.when(change('b1', { add: ['A2'], drop: ['A1'] })).thenRefused(refusal('/drop'));
    restless.when(change('b1', { add: ['A2'] })).thenRefused(refusal('/add'));
    given(opened(), held('b1', [claim('A1')]), toAndFro.slice(0, -1))
      .when(change('b1', { add: ['A1'], drop: ['A2'] }))
      .then(changed([claim('A1')], [claim('A2')]));
  });

  it('can be confirmed, extended and cancelled, and lapses', () => {
    restless.when(confirm('b1')).then(confirmed('b1', [claim('A1')]));
    restless.when(cancel('b1')).then(cancelled('b1', [claim('A1')]));
    restless.when({ type: 'ExtendHold', bookingId: 'b1', seconds: 900 }).andBooking('b1', { expiresAt: NOW + 15 * MINUTE });
    restless.when(bookBest('b2', 1), { now: NOW + 10 * MINUTE }).andBooking('b1', { status: 'EXPIRED' });
  });

  it('is read from a log in which it changed more often', () => {
    const { released } = bookingIn(given(opened(), held('b1', [claim('A1')]), toAndFro, toAndFro));
    expect(released).to.have.length(2_000);
  });
});
