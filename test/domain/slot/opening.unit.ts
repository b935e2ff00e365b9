import { expect } from 'chai';
import type { Layout } from '../../../src/domain/layout.ts';
import { decide } from '../../../src/domain/slot/decide.ts';
import { given, givenOn } from '../../support/slot.ts';
import {
  book,
  claim,
  ENDS,
  MINUTE,
  NOW,
  opened,
  openSlot,
  POLICY,
  requested,
  STARTS,
  seat,
  seatsHeld,
  stopsAxis,
  yard,
} from '../../support/slot-builders.ts';

const HALL: Layout = { layoutId: 'hall', name: 'Hall', units: [seat('A1'), { unitId: 'B1', category: 'silver' }] };

describe('a slot that is not there', () => {
  it('opens with its units', () => {
    given().when(openSlot()).then(opened());
  });

  it('may open closed, so that nothing sells while it is loaded', () => {
    given()
      .when(openSlot({ status: 'CLOSED' }))
      .then(opened({ status: 'CLOSED' }))
      .when(book('b1', ['A1']))
      .thenRefused({ kind: 'slot-closed' });
  });

  it('opens without units and gets them later', () => {
    given()
      .when(openSlot({ units: [] }))
      .then(opened({ units: [] }))
      .when({ type: 'AddUnits', units: [seat('A1')] })
      .then({ type: 'UnitsAdded', units: [seat('A1')] });
  });

  it('is refused a start in the past, unless its policy accepts that', () => {
    given()
      .when(openSlot(), { now: STARTS + 1 })
      .thenRefused({ kind: 'in-the-past', fault: { pointer: '/startsAt', message: 'lies in the past' } });
    const policy = { ...POLICY, acceptPast: true };
    given()
      .when(openSlot({ policy }), { now: STARTS + 1 })
      .then(opened({ policy }));
  });

  it('may start at this very instant', () => {
    given().when(openSlot(), { now: STARTS }).then(opened());
  });

  for (const [what, pointer, wrong] of [
    ['an end before its start', '/endsAt', { endsAt: STARTS }],
    ['a sale that ends before it begins', '/salesUntil', { salesFrom: NOW, salesUntil: NOW }],
    ['a cap on holds below their length', '/policy/maxHoldSeconds', { policy: { ...POLICY, maxHoldSeconds: 599 } }],
    ['a unit without a price', '/units/1/price', { units: [seat('A1'), { unitId: 'A2', category: 'gold' }] }],
    ['one unit twice', '/units/1/unitId', { units: [seat('A1'), seat('A1')] }],
    ['a price per stop where there are none', '/units/0/priceBasis', { units: [seat('A1', { priceBasis: 'stop' })] }],
    ['a price per hour of a show', '/units/0/priceBasis', { units: [seat('A1', { priceBasis: 'hour' })] }],
    ['a price per day of a trip', '/units/0/priceBasis', { axis: stopsAxis(2), units: [seat('A1', { priceBasis: 'day' })] }],
    [
      'a trip that goes back in time',
      '/axis/stops/1/arrivesAt',
      {
        axis: {
          type: 'stops',
          stops: [
            { stopId: 'a', departsAt: STARTS },
            { stopId: 'b', arrivesAt: STARTS - 1 },
          ],
        },
      },
    ],
  ] as const) {
    it(`is refused ${what}`, () => {
      const { decision } = given().when(openSlot(wrong)).thenRefused({ kind: 'invalid-input' });
      expect(decision.outcome).to.have.nested.property('refusal.fault.pointer', pointer);
    });
  }

  it('may be sold from some instant on, or until one', () => {
    for (const window of [{ salesFrom: NOW }, { salesUntil: STARTS }, { salesFrom: NOW, salesUntil: STARTS }])
      given().when(openSlot(window)).then(opened(window));
  });

  it('may be a trip that leaves a stop the moment it arrives', () => {
    const stops = [
      { stopId: 'a', departsAt: STARTS },
      { stopId: 'b', arrivesAt: STARTS, departsAt: STARTS },
    ];
    given()
      .when(openSlot({ axis: { type: 'stops', stops } }))
      .then(opened({ axis: { type: 'stops', stops } }));
  });

  it('knows no other command', () => {
    given()
      .when(book('b1', ['A1']))
      .thenRefused({ kind: 'slot-not-found' });
    given().when({ type: 'CloseSlot', reason: null }).thenRefused({ kind: 'slot-not-found' });
  });

  it('splits what is too large for one event, and sells what came last', () => {
    const units = Array.from({ length: 500 }, (_, index) => seat(`A${index}`, { metadata: { note: 'x'.repeat(500) } }));
    const decided = given().when(openSlot({ units }));
    expect(decided.events.map((event) => event.type)).to.deep.equal(['SlotOpened', 'UnitsAdded']);
    for (const event of decided.events) expect(JSON.stringify(event).length).to.be.below(256 * 1024);
    expect(
      decided.events.flatMap((event) => (event.type === 'SlotOpened' || event.type === 'UnitsAdded' ? event.units : [])),
    ).to.deep.equal(units);
    const only = [claim('A499')];
    decided.when(book('b1', ['A499'])).then(requested('b1', only), seatsHeld('b1', only));
  });
});

describe('a slot on a layout', () => {
  const opening = { layoutId: 'hall', prices: { silver: 2000 }, units: [] };

  it('opens by naming the layout and pricing its categories', () => {
    givenOn([HALL]).when(openSlot(opening)).then(opened(opening));
  });

  it('is refused when a category has no price anywhere', () => {
    const { decision } = givenOn([HALL]).when(openSlot({ ...opening, prices: { gold: 1 } }));
    expect(decision.outcome).to.have.nested.property('refusal.fault.pointer', '/prices');
  });

  it("sells at the slot's price for the category before the layout's own", () => {
    const prices = { silver: 2000, gold: 9900 };
    const both = [claim('A1', { price: 9900 }), claim('B1', { price: 2000 })];
    givenOn([HALL], opened({ ...opening, prices }))
      .when(book('b1', ['A1', 'B1']))
      .then(requested('b1', both), seatsHeld('b1', both, { adjacent: false }));
  });

  it("sells at the layout's price where the slot has none", () => {
    givenOn([HALL], opened(opening))
      .when(book('b1', ['A1']))
      .then(requested('b1', [claim('A1')]), seatsHeld('b1', [claim('A1')]));
  });

  it('refuses to add a unit that the layout has', () => {
    givenOn([HALL], opened(opening))
      .when({ type: 'AddUnits', units: [seat('B1')] })
      .thenRefused({ kind: 'invalid-input', fault: { pointer: '/units/0/unitId', message: 'unit "B1" is there already' } });
  });

  it('has at most 100,000 units', () => {
    const units = Array.from({ length: 99_999 }, (_, index) => ({ unitId: `P${index}`, category: 'gold', price: 1 }));
    const stadium = givenOn([{ layoutId: 'stadium', name: 'Stadium', units }], opened({ layoutId: 'stadium', units: [] })).state;
    const add = (...names: readonly string[]) => {
      const command = { type: 'AddUnits', units: names.map((name) => seat(name)) } as const;
      return decide(stadium, { command, now: NOW, commandId: null, commandHash: null, ifMatch: null }).outcome;
    };
    expect(add('A1', 'A2')).to.have.nested.property('refusal.kind', 'limit-exceeded');
    expect(add('A1')).to.have.property('kind', 'accepted');
    expect(add('A2')).to.have.nested.property('refusal.limit', 100_000);

    const withdrawal = { type: 'WithdrawUnits', units: [{ unitId: 'P7' }, { unitId: 'A1' }], reason: null } as const;
    expect(decide(stadium, { command: withdrawal, now: NOW, commandId: null, commandHash: null, ifMatch: null }).outcome.kind).to.equal(
      'accepted',
    );
    expect(add('A2'), 'places of withdrawn units are kept for them').to.have.nested.property('refusal.kind', 'limit-exceeded');
    expect(add('P7', 'A2'), 'one of two has a place').to.have.nested.property('refusal.kind', 'limit-exceeded');
    expect(add('P7', 'A1'), 'withdrawn units come back').to.have.property('kind', 'accepted');
  });

  it('takes added units beside those of the layout, at their own price whatever the category', () => {
    const extra = yard(5, { category: 'silver', price: 700 });
    const three = [claim('yard', { quantity: 3, price: 700 })];
    givenOn([HALL], opened(opening))
      .when({ type: 'AddUnits', units: [extra] })
      .then({ type: 'UnitsAdded', units: [extra] })
      .when(book('b1', [['yard', 3]]))
      .then(requested('b1', three), seatsHeld('b1', three));
  });
});

describe('an open slot', () => {
  it('cannot be opened again', () => {
    given(opened()).when(openSlot()).thenRefused({ kind: 'slot-exists' });
  });

  it('takes changes of its description, and only what differs', () => {
    given(opened())
      .when({ type: 'ChangeSlot', changes: { title: 'Macbeth', endsAt: ENDS } })
      .then({ type: 'SlotChanged', changes: { title: 'Macbeth' } })
      .when({ type: 'ChangeSlot', changes: { title: 'Macbeth' } })
      .then();
  });

  it('refuses changes that make it impossible', () => {
    given(opened())
      .when({ type: 'ChangeSlot', changes: { endsAt: STARTS } })
      .thenRefused({ kind: 'invalid-input' });
    given(opened())
      .when({ type: 'ChangeSlot', changes: { startsAt: NOW - 1 } })
      .thenRefused({ kind: 'in-the-past' });
    given(opened())
      .when({ type: 'ChangeSlot', changes: { startsAt: null } })
      .thenRefused({ kind: 'invalid-input' });
    given(opened({ axis: stopsAxis(2) }))
      .when({ type: 'ChangeSlot', changes: { startsAt: null } })
      .then({ type: 'SlotChanged', changes: { startsAt: null } });
  });

  it('takes other changes after it has started', () => {
    given(opened())
      .when({ type: 'ChangeSlot', changes: { title: 'Macbeth' } }, { now: STARTS + MINUTE })
      .then({ type: 'SlotChanged', changes: { title: 'Macbeth' } });
  });

  it('applies a changed policy to holds from then on', () => {
    const policy = { ...POLICY, holdSeconds: 60 };
    given(opened(), { type: 'SlotChanged', changes: { policy } })
      .when(book('b1', ['A1']))
      .then(requested('b1', [claim('A1')]), seatsHeld('b1', [claim('A1')], { expiresAt: NOW + MINUTE }));
  });
});
