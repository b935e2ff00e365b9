import { expect } from 'chai';
import type { Block } from '../../../src/domain/slot/events.ts';
import { evolve } from '../../../src/domain/slot/evolve.ts';
import { summaryOf } from '../../../src/domain/slot/summary.ts';
import type { UnitTable } from '../../../src/domain/unit-table.ts';
import { at, given, givenOn } from '../../support/slot.ts';
import { book, claim, confirmed, held, NOW, opened, requested, seat, seatsHeld } from '../../support/slot-builders.ts';
import { block, blocked, changeUnits, unblock, unblocked, withdraw, withdrawn } from '../../support/unit-builders.ts';

const whole = (unitId: string, quantity = 1): Block => ({ unitId, quantity, from: 0, to: 1 });

describe('a slot whose units are free', () => {
  it('takes more units, and sells them', () => {
    given(opened())
      .when({ type: 'AddUnits', units: [seat('A5')] })
      .then({ type: 'UnitsAdded', units: [seat('A5')] })
      .when(book('b1', ['A4', 'A5']))
      .then(requested('b1', [claim('A4'), claim('A5')]), seatsHeld('b1', [claim('A4'), claim('A5')]));
  });

  it('refuses units that it has, that come twice, or that have no price', () => {
    const add = (...units: Parameters<typeof seat>[0][]) => ({ type: 'AddUnits', units: units.map((unitId) => seat(unitId)) }) as const;
    given(opened()).when(add('A1')).thenRefused({ kind: 'invalid-input' });
    given(opened()).when(add('A8', 'A8')).thenRefused({ kind: 'invalid-input' });
    given(opened())
      .when({ type: 'AddUnits', units: [{ unitId: 'A9', category: 'gold' }] })
      .thenRefused({ kind: 'invalid-input' });
  });

  it('changes price, category and capacity, and tells all of the unit', () => {
    const changes = [{ unitId: 'yard', category: 'pit', price: 500, capacity: 12 }];
    given(opened())
      .when(changeUnits({ unitId: 'yard', category: 'pit', capacity: 12 }))
      .then({ type: 'UnitsChanged', changes })
      .when(changeUnits({ unitId: 'yard', capacity: 12 }))
      .then();
  });

  it('takes all that one event changes or withdraws in one step, whose cost is that of the whole table', () => {
    const { state } = given(opened());
    const replaced: UnitTable[] = [];
    const replaceUnits = state.replaceUnits.bind(state);
    state.replaceUnits = (units) => {
      replaced.push(units);
      replaceUnits(units);
    };
    evolve(state, at(NOW, { type: 'UnitsChanged', changes: ['A1', 'A2', 'A3'].map((unitId) => ({ unitId, category: 'gold', price: 7 })) }));
    expect(replaced).to.have.lengthOf(1);
    expect([0, 1, 2].map((index) => state.units.priceAt(index))).to.deep.equal([7, 7, 7]);
    const units = ['A1', 'A2', 'yard', 'yard'].map((unitId) => ({ unitId, quantity: 1 }));
    evolve(state, at(NOW, { type: 'UnitsWithdrawn', units, reason: null }));
    expect(replaced).to.have.lengthOf(2);
    expect(['A1', 'A2', 'A3'].map((unitId) => state.units.indexOf(unitId))).to.deep.equal([undefined, undefined, 2]);
    expect(state.units.at(state.units.indexOf('yard') as number)).to.include({ capacity: 8 });
  });

  it('refuses a capacity for a numbered unit, and an unknown unit', () => {
    given(opened())
      .when(changeUnits({ unitId: 'A1', capacity: 2 }))
      .thenRefused({ kind: 'invalid-input' });
    given(opened())
      .when(changeUnits({ unitId: 'Z1', price: 1 }))
      .thenRefused({ kind: 'unknown-unit' });
  });

  it('blocks all of a unit, and what is left of it', () => {
    given(opened())
      .when(block({ unitId: 'A1' }, { unitId: 'yard', quantity: 4 }))
      .then(blocked(whole('A1'), whole('yard', 4)))
      .when(block({ unitId: 'A1' }, { unitId: 'yard' }))
      .then(blocked(whole('yard', 6)))
      .when(block({ unitId: 'A1' }, { unitId: 'yard' }))
      .then();
  });

  it('counts every unit once: free, held, sold or blocked', () => {
    const { state } = given(
      opened(),
      held('b1', [claim('A1'), claim('yard', { quantity: 3 })]),
      held('b2', [claim('A2')]),
      confirmed('b2', [claim('A2')]),
      blocked(whole('A4'), whole('yard', 2)),
    );
    expect(summaryOf(state, NOW).counts).to.deep.equal({ capacity: 14, free: 6, held: 4, sold: 1, blocked: 3 });
  });
});

describe('blocked units', () => {
  it('cannot be booked, and are named with their status', () => {
    given(opened(), blocked(whole('A1'), whole('yard', 10)))
      .when(book('b1', ['A1', 'A2', ['yard', 1]]))
      .thenRefused({
        kind: 'seats-taken',
        unavailable: [
          { unitId: 'A1', status: 'blocked' },
          { unitId: 'yard', status: 'blocked' },
        ],
      });
  });

  it('leave the rest of a quantity unit on sale, to the last place', () => {
    const six = [claim('yard', { quantity: 6 })];
    given(opened(), blocked(whole('yard', 4)))
      .when(book('b1', [['yard', 6]]))
      .then(requested('b1', six), seatsHeld('b1', six));
    given(opened(), blocked(whole('yard', 4)))
      .when(book('b1', [['yard', 7]]))
      .thenRefused({ kind: 'seats-taken' });
  });

  it('are unblocked whole or in part, and never more than is blocked', () => {
    given(opened(), blocked(whole('yard', 4)))
      .when(unblock({ unitId: 'yard', quantity: 3 }))
      .then(unblocked(whole('yard', 3)))
      .when(unblock({ unitId: 'yard', quantity: 2 }))
      .thenRefused({ kind: 'invalid-input' })
      .when(unblock({ unitId: 'yard' }))
      .then(unblocked(whole('yard', 1)))
      .when(unblock({ unitId: 'yard' }))
      .then();
  });

  it('go with their unit when it is withdrawn', () => {
    given(opened(), blocked(whole('A1')))
      .when(withdraw({ unitId: 'A1' }))
      .then(withdrawn({ unitId: 'A1', quantity: 1 }))
      .when(book('b1', ['A1']))
      .thenRefused({ kind: 'unknown-unit', fault: { pointer: '/units/0', message: 'the slot has no unit "A1"' } });
  });

  it('stand in the way of withdrawing a part only where they are', () => {
    const five = given(opened(), blocked(whole('yard', 6)));
    five
      .when(withdraw({ unitId: 'yard', quantity: 5 }))
      .thenRefused({ kind: 'seats-taken', unavailable: [{ unitId: 'yard', status: 'blocked' }] });
    five.when(withdraw({ unitId: 'yard', quantity: 4 })).then(withdrawn({ unitId: 'yard', quantity: 4 }));
  });
});

describe('claimed units', () => {
  const taken = given(
    opened(),
    held('b1', [claim('A1')]),
    held('b2', [claim('yard', { quantity: 7 })]),
    confirmed('b2', [claim('yard', { quantity: 7 })]),
  );
  const unavailable = [
    { unitId: 'A1', status: 'held' },
    { unitId: 'yard', status: 'sold' },
  ] as const;

  it('cannot be blocked', () => {
    taken.when(block({ unitId: 'A1' }, { unitId: 'A2' }, { unitId: 'yard' })).thenRefused({ kind: 'seats-taken', unavailable });
  });

  it('can be blocked as far as they are free', () => {
    taken.when(block({ unitId: 'yard', quantity: 3 })).then(blocked(whole('yard', 3)));
    taken
      .when(block({ unitId: 'yard', quantity: 4 }))
      .thenRefused({ kind: 'seats-taken', unavailable: [{ unitId: 'yard', status: 'sold' }] });
  });

  it('cannot be withdrawn', () => {
    taken.when(withdraw({ unitId: 'A1' }, { unitId: 'A2' }, { unitId: 'yard' })).thenRefused({ kind: 'seats-taken', unavailable });
  });

  it('can be withdrawn as far as they are free', () => {
    taken.when(withdraw({ unitId: 'yard', quantity: 3 })).then(withdrawn({ unitId: 'yard', quantity: 3 }));
    taken.when(withdraw({ unitId: 'yard', quantity: 4 })).thenRefused({ kind: 'seats-taken' });
  });

  it('keep a capacity that holds them', () => {
    taken
      .when(changeUnits({ unitId: 'yard', capacity: 6 }))
      .thenRefused({ kind: 'seats-taken', unavailable: [{ unitId: 'yard', status: 'sold' }] });
    taken
      .when(changeUnits({ unitId: 'yard', capacity: 7 }))
      .then({ type: 'UnitsChanged', changes: [{ unitId: 'yard', category: 'standing', price: 500, capacity: 7 }] });
  });

  it('keep their price when the unit gets another, and what is sold next has the new one', () => {
    const dear = { unitId: 'yard', category: 'standing', price: 900, capacity: 10 };
    const next = [claim('yard', { price: 900 })];
    taken
      .when(changeUnits({ unitId: 'yard', price: 900 }))
      .then({ type: 'UnitsChanged', changes: [dear] })
      .andBooking('b2', { claims: [claim('yard', { quantity: 7 })] })
      .when(book('b3', ['yard']))
      .then(requested('b3', next), seatsHeld('b3', next));
  });

  it('are free to withdraw once their hold has lapsed, which is recorded with it', () => {
    taken
      .when(withdraw({ unitId: 'A1' }), { now: NOW + 600_000 })
      .then(
        { type: 'BookingExpired', bookingId: 'b1', customerId: 'c-17', claims: [claim('A1')], expiresAt: NOW + 600_000 },
        withdrawn({ unitId: 'A1', quantity: 1 }),
      );
  });

  it('do not count when the unit withdrawn is more than there is', () => {
    taken.when(withdraw({ unitId: 'yard', quantity: 11 })).thenRefused({ kind: 'invalid-input' });
    taken.when(withdraw({ unitId: 'Z9' })).thenRefused({ kind: 'unknown-unit' });
  });
});

describe("a layout's unit that moves to another category", () => {
  const hall = { layoutId: 'hall', name: 'Hall', units: [{ unitId: 'B1', category: 'silver' }] };
  const slot = givenOn([hall], opened({ layoutId: 'hall', prices: { silver: 2000, gold: 9900 }, units: [] }));

  it("takes the slot's price of that category", () => {
    slot
      .when(changeUnits({ unitId: 'B1', category: 'gold' }))
      .then({ type: 'UnitsChanged', changes: [{ unitId: 'B1', category: 'gold', price: 9900 }] });
  });

  it('keeps its price in a category that the slot does not price, whatever that is called', () => {
    for (const category of ['bronze', 'constructor', 'toString', '__proto__']) {
      slot.when(changeUnits({ unitId: 'B1', category })).then({ type: 'UnitsChanged', changes: [{ unitId: 'B1', category, price: 2000 }] });
    }
  });
});
