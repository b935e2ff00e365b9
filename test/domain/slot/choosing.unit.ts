import { expect } from 'chai';
import type { Claim, SlotEvent } from '../../../src/domain/slot/events.ts';
import { given } from '../../support/slot.ts';
import {
  book,
  bookBest,
  claim,
  expired,
  held,
  MINUTE,
  NOW,
  opened,
  POLICY,
  quantities,
  requested,
  seat,
  seats,
  seatsHeld,
  yard,
} from '../../support/slot-builders.ts';
import { withdrawn } from '../../support/unit-builders.ts';

const hold = (bookingId: string, claims: readonly Claim[], adjacent = true): readonly SlotEvent[] => [
  requested(bookingId, claims),
  seatsHeld(bookingId, claims, { adjacent }),
];

describe('the best available of a show', () => {
  const rows = opened({ units: [...seats(6), yard(3, { section: 'Stalls' })] });
  const asked = { kind: 'bestAvailable', category: null, adjacent: null, accessible: 0 } as const;
  const best = (bookingId: string, quantity: number, claims: readonly Claim[], adjacent = true, more = {}): readonly SlotEvent[] => [
    requested(bookingId, claims, { asked: { ...asked, quantity, ...more } }),
    seatsHeld(bookingId, claims, { adjacent }),
  ];

  it('is adjacent and in the middle of the row', () => {
    given(rows)
      .when(bookBest('b1', 2))
      .then(best('b1', 2, [claim('A3'), claim('A4')]));
  });

  it('is scattered only when nothing adjacent is left, and never on demand', () => {
    const slot = given(opened({ units: seats(5) }), held('b1', [claim('A2'), claim('A4')]));
    slot.when(bookBest('b2', 2, { adjacent: true })).thenRefused({ kind: 'not-adjacent' });
    slot.when(bookBest('b2', 4)).thenRefused({ kind: 'sold-out' });
    const { events } = slot.when(bookBest('b2', 3));
    expect(events[1]).to.deep.include({ claims: [claim('A1'), claim('A3'), claim('A5')], adjacent: false });
  });

  it('is not adjacent across a seat that was withdrawn, added later or not', () => {
    given(
      opened({ units: [...seats(3), seat('B1')] }),
      { type: 'UnitsAdded', units: [seat('A4'), seat('A5')] },
      withdrawn({ unitId: 'A4', quantity: 1 }),
      held('b1', [claim('A1'), claim('A2')]),
    )
      .when(bookBest('b2', 2, { adjacent: true }))
      .thenRefused({ kind: 'not-adjacent' });
  });

  it('is adjacent as before beside a withdrawn seat of another row', () => {
    const { events } = given(
      opened({ units: [...seats(3), seat('B1'), seat('B2')] }),
      { type: 'UnitsAdded', units: [seat('A4')] },
      withdrawn({ unitId: 'B2', quantity: 1 }),
      held('b1', [claim('A1'), claim('A2')]),
    ).when(bookBest('b2', 2, { adjacent: true }));
    expect(events[1]).to.deep.include({ claims: [claim('A3'), claim('A4')], adjacent: true });
  });

  it('is not adjacent across a withdrawn seat in a hall that was declared column by column', () => {
    const columns = [1, 2, 3].flatMap((number) => [seat(`A${number}`), seat(`B${number}`)]);
    given(opened({ units: columns }), withdrawn({ unitId: 'A2', quantity: 1 }), held('b1', [claim('B1'), claim('B2'), claim('B3')]))
      .when(bookBest('b2', 2, { adjacent: true }))
      .thenRefused({ kind: 'not-adjacent' });
  });

  it('keeps to the category', () => {
    given(rows)
      .when(bookBest('b1', 3, { category: 'standing' }))
      .then(best('b1', 3, [claim('yard', { quantity: 3 })], true, { category: 'standing' }))
      .when(bookBest('b2', 1, { category: 'standing' }))
      .thenRefused({ kind: 'sold-out' });
    given(rows)
      .when(bookBest('b1', 1, { category: 'box' }))
      .thenRefused({ kind: 'sold-out' });
  });

  it('takes accessible seats only for those who ask for them', () => {
    const units = [seat('A1', { accessible: true }), seat('A2')];
    given(opened({ units })).when(bookBest('b1', 2)).thenRefused({ kind: 'sold-out' });
    given(opened({ units }))
      .when(bookBest('b1', 2, { accessible: 1 }))
      .then(best('b1', 2, [claim('A1'), claim('A2')], true, { accessible: 1 }));
  });

  it('is held at the expected total or not at all', () => {
    given(rows)
      .when(bookBest('b1', 2, {}, { expectedTotal: 8000 }))
      .thenRefused({ kind: 'price-changed', expectedTotal: 8000, total: 9000 });
  });

  it('counts holds that lapse at this very moment as free', () => {
    const all = seats(6).map((unit) => claim(unit.unitId));
    const now = NOW + 10 * MINUTE;
    given(opened({ units: seats(6) }), held('b1', all))
      .when(bookBest('b2', 2), { now })
      .then(
        expired('b1', all),
        requested('b2', [claim('A3'), claim('A4')], { asked: { ...asked, quantity: 2 } }),
        seatsHeld('b2', [claim('A3'), claim('A4')], {
          requestedAt: now,
          expiresAt: now + 10 * MINUTE,
          maxExpiresAt: now + 30 * MINUTE,
        }),
      );
  });
});

describe('a show that forbids single seats left over', () => {
  const forbid = opened({ units: seats(5), policy: { ...POLICY, orphanSeats: 'forbid' } });

  it('refuses named seats that would leave one, and names it', () => {
    given(forbid)
      .when(book('b1', ['A2', 'A3']))
      .thenRefused({ kind: 'would-leave-orphan', orphans: ['A1'] });
  });

  it('sells named seats that leave none', () => {
    given(forbid)
      .when(book('b1', ['A1', 'A2']))
      .then(hold('b1', [claim('A1'), claim('A2')]));
  });

  it('avoids them when it chooses', () => {
    const { events } = given(forbid).when(bookBest('b1', 2));
    expect(events[1])
      .to.have.property('claims')
      .deep.equal([claim('A1'), claim('A2')]);
    given(forbid)
      .when(bookBest('b1', 4, { adjacent: true }))
      .thenRefused({ kind: 'would-leave-orphan', orphans: ['A5'] });
  });

  it('judges a change by the seats that it frees', () => {
    const last = [claim('A4'), claim('A5')];
    const { events } = given(forbid, held('b1', last)).when({
      type: 'ChangeBooking',
      bookingId: 'b1',
      add: quantities(['A1', 'A2']),
      drop: quantities(['A4']),
      expectedTotal: null,
    });
    expect(
      events.map((event) => event.type),
      'A3 and A4 are free together',
    ).to.deep.equal(['BookingChanged']);
    given(forbid, held('b1', [claim('A1')]))
      .when({ type: 'ChangeBooking', bookingId: 'b1', add: quantities(['A2']), drop: quantities(['A1']), expectedTotal: null })
      .thenRefused({ kind: 'would-leave-orphan', orphans: ['A1'] });
  });
});
