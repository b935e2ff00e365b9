import { expect } from 'chai';
import type { Claim, SlotEvent } from '../../../src/domain/slot/events.ts';
import { given } from '../../support/slot.ts';
import {
  book,
  bookBest,
  claim,
  confirmed,
  ENDS,
  HOUR,
  held,
  MINUTE,
  NOW,
  opened,
  POLICY,
  requested,
  STARTS,
  seat,
  seats,
  seatsHeld,
} from '../../support/slot-builders.ts';

const hold = (bookingId: string, claims: readonly Claim[], adjacent = true): readonly SlotEvent[] => [
  requested(bookingId, claims),
  seatsHeld(bookingId, claims, { adjacent }),
];

describe('a show on sale', () => {
  it('holds the named seats until the hold lapses, at their price', () => {
    const two = [claim('A1'), claim('A2')];
    given(opened())
      .when(book('b1', ['A1', 'A2'], { expectedTotal: 9000, reference: 'order-81', metadata: { seatFor: 'Ann' } }))
      .then(
        requested('b1', two, { expectedTotal: 9000, reference: 'order-81', personal: { metadata: { seatFor: 'Ann' } } }),
        seatsHeld('b1', two, { requestedAt: NOW, expiresAt: NOW + 10 * MINUTE, maxExpiresAt: NOW + 30 * MINUTE }),
      )
      .andBooking('b1', {
        status: 'HELD',
        version: 3,
        claims: two,
        reference: 'order-81',
        metadata: { seatFor: 'Ann' },
        confirmedAt: null,
      });
  });

  it('holds a quantity without numbers, up to the last place', () => {
    const ten = [claim('yard', { quantity: 10 })];
    given(opened())
      .when(book('b1', [['yard', 10]]))
      .then(hold('b1', ten))
      .when(book('b2', ['yard']))
      .thenRefused({ kind: 'seats-taken', unavailable: [{ unitId: 'yard', status: 'held' }] });
  });

  it('holds all of what is asked for or nothing, and names every unit that is taken', () => {
    given(opened(), held('b1', [claim('A1')]), held('b2', [claim('A3')]), confirmed('b2', [claim('A3')]))
      .when(book('b3', ['A1', 'A2', 'A3']))
      .thenRefused({
        kind: 'seats-taken',
        unavailable: [
          { unitId: 'A1', status: 'held' },
          { unitId: 'A3', status: 'sold' },
        ],
      })
      .when(book('b4', ['A2']))
      .then(hold('b4', [claim('A2')]));
  });

  it('says whether the named seats are adjacent', () => {
    given(opened())
      .when(book('b1', ['A4', 'A2']))
      .then(hold('b1', [claim('A4'), claim('A2')], false));
  });

  it('holds and confirms in one decision', () => {
    given(opened())
      .when(book('b1', ['A1'], { confirm: { paymentReference: 'pay-1' } }))
      .then(hold('b1', [claim('A1')]), confirmed('b1', [claim('A1')]))
      .andBooking('b1', { status: 'CONFIRMED', paymentReference: 'pay-1', confirmedAt: NOW, version: 4 });
  });

  it('refuses another total than the customer expects, and tells the right one', () => {
    given(opened())
      .when(book('b1', ['A1'], { expectedTotal: 4499 }))
      .thenRefused({ kind: 'price-changed', expectedTotal: 4499, total: 4500 });
  });

  it('lets a free seat be expected to cost nothing', () => {
    const free = [claim('A1', { price: 0, amount: 0 })];
    given(opened({ units: [seat('A1', { price: 0 })] }))
      .when(book('b1', ['A1'], { expectedTotal: 0 }))
      .then(requested('b1', free, { expectedTotal: 0 }), seatsHeld('b1', free));
  });

  it('refuses unknown units, and more of a unit than it has', () => {
    given(opened())
      .when(book('b1', ['A1', 'Z1']))
      .thenRefused({ kind: 'unknown-unit', fault: { pointer: '/units/1', message: 'the slot has no unit "Z1"' } });
    given(opened())
      .when(book('b1', [['A1', 2]]))
      .thenRefused({ kind: 'invalid-input', fault: { pointer: '/units/0/quantity', message: 'a numbered unit is one' } });
    given(opened({ policy: { ...POLICY, maxUnitsPerBooking: 100 } }))
      .when(book('b1', [['yard', 11]]))
      .thenRefused({ kind: 'invalid-input', fault: { pointer: '/units/0/quantity', message: 'the unit has only 10' } });
  });

  it('refuses more units than its policy allows, in numbers or in quantity', () => {
    const slot = given(opened({ policy: { ...POLICY, maxUnitsPerBooking: 3 } }));
    const message = 'a booking has at most 3 units here';
    slot.when(book('b1', ['A1', ['yard', 3]])).thenRefused({ kind: 'limit-exceeded', limit: 3, fault: { pointer: '/units', message } });
    slot.when(bookBest('b1', 4)).thenRefused({ kind: 'limit-exceeded', limit: 3, fault: { pointer: '/bestAvailable/quantity', message } });
    slot.when(book('b1', ['A1', ['yard', 2]])).then(hold('b1', [claim('A1'), claim('yard', { quantity: 2 })], false));
  });

  it('refuses a price beyond what money is counted in', () => {
    const price = 9_007_199_254_740_991;
    given(opened({ units: seats(2, { price }) }))
      .when(book('b1', ['A1', 'A2']))
      .thenRefused({ kind: 'invalid-input' });
  });

  it('refuses a span: it is sold as a whole', () => {
    given(opened())
      .when(book('b1', ['A1'], { span: { from: NOW, to: NOW + HOUR } }))
      .thenRefused({ kind: 'span-invalid' });
  });
});

describe('the sale of a show', () => {
  const slot = given(opened({ salesFrom: NOW, salesUntil: NOW + HOUR }));
  const one = [claim('A1')];

  it('has not begun before salesFrom', () => {
    slot.when(book('b1', ['A1']), { now: NOW - 1 }).then(hold('b1', one));
    // Stream time does not run backwards: the slot was opened at NOW.
    given({ event: opened({ salesFrom: NOW }), at: NOW - HOUR, commandId: null, commandHash: null })
      .when(book('b1', ['A1']), { now: NOW - 1 })
      .thenRefused({ kind: 'not-on-sale' });
  });

  it('is on from salesFrom until just before salesUntil', () => {
    const last = NOW + HOUR - 1;
    slot.when(book('b1', ['A1'])).then(hold('b1', one));
    slot
      .when(book('b1', ['A1']), { now: last })
      .then(
        requested('b1', one),
        seatsHeld('b1', one, { requestedAt: last, expiresAt: last + 10 * MINUTE, maxExpiresAt: last + 30 * MINUTE }),
      );
    slot.when(book('b1', ['A1']), { now: last + 1 }).thenRefused({ kind: 'not-on-sale' });
  });

  it('goes on while the show plays, until it ends', () => {
    expect(given(opened()).when(book('b1', ['A1']), { now: STARTS + MINUTE }).decision.outcome.kind).to.equal('accepted');
    expect(given(opened()).when(book('b1', ['A1']), { now: ENDS - 1 }).decision.outcome.kind).to.equal('accepted');
    given(opened())
      .when(book('b1', ['A1']), { now: ENDS })
      .thenRefused({ kind: 'in-the-past' });
  });

  it('goes on for ever where old feeds are imported', () => {
    const old = given(opened({ policy: { ...POLICY, acceptPast: true } }));
    expect(old.when(book('b1', ['A1']), { now: ENDS + HOUR }).decision.outcome.kind).to.equal('accepted');
  });
});

describe('a seat with a limited availability', () => {
  const units = [
    seat('A1', { availableFrom: STARTS, availableUntil: ENDS }),
    seat('A2', { availableFrom: STARTS + 1 }),
    seat('A3', { availableUntil: ENDS - 1 }),
  ];

  it('is sold when the show lies inside of it', () => {
    given(opened({ units }))
      .when(book('b1', ['A1']))
      .then(hold('b1', [claim('A1')]));
  });

  it('is not sold when the show begins too early or ends too late', () => {
    const unavailable = [
      { unitId: 'A2', status: 'blocked' },
      { unitId: 'A3', status: 'blocked' },
    ] as const;
    given(opened({ units }))
      .when(book('b1', ['A2', 'A3']))
      .thenRefused({ kind: 'seats-taken', unavailable });
  });

  it('follows the show to another time', () => {
    given(opened({ units }))
      .when(bookBest('b0', 2))
      .thenRefused({ kind: 'sold-out' })
      .when({ type: 'ChangeSlot', changes: { startsAt: STARTS + 1 } })
      .then({ type: 'SlotChanged', changes: { startsAt: STARTS + 1 } })
      .when(book('b1', ['A2']))
      .then(hold('b1', [claim('A2')]));
  });
});
