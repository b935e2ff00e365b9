import { expect } from 'chai';
import { TIME_AXIS } from '../../../src/domain/resolve-span.ts';
import type { UnitSelection } from '../../../src/domain/slot/commands.ts';
import type { Block, SlotEvent } from '../../../src/domain/slot/events.ts';
import { summaryOf } from '../../../src/domain/slot/summary.ts';
import { at, given, givenOn } from '../../support/slot.ts';
import {
  book,
  cancel,
  claim,
  confirmed,
  DAY,
  HOUR,
  held,
  NOW,
  opened,
  requested,
  seat,
  seatsHeld,
  stops,
  stopsAxis,
  yard,
} from '../../support/slot-builders.ts';

const block = (...units: readonly UnitSelection[]) => ({ type: 'BlockUnits', units, span: null, reason: 'crew' }) as const;
const unblock = (...units: readonly UnitSelection[]) => ({ type: 'UnblockUnits', units, span: null, reason: null }) as const;
const withdraw = (...units: readonly UnitSelection[]) => ({ type: 'WithdrawUnits', units, reason: null }) as const;
const whole = (unitId: string, quantity = 1): Block => ({ unitId, quantity, from: 0, to: 1 });
const blocked = (...blocks: readonly Block[]): SlotEvent => ({ type: 'UnitsBlocked', blocks, reason: 'crew' });
const unblocked = (...blocks: readonly Block[]): SlotEvent => ({ type: 'UnitsUnblocked', blocks, reason: null });
const withdrawn = (...units: readonly { unitId: string; quantity: number }[]): SlotEvent => ({
  type: 'UnitsWithdrawn',
  units,
  reason: null,
});
const changeUnits = (...changes: readonly { unitId: string; price?: number; category?: string; capacity?: number }[]) =>
  ({ type: 'ChangeUnits', changes }) as const;

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

describe('blocks on a trip', () => {
  const trip = { axis: stopsAxis(4), units: [seat('A1'), yard(10)] };

  it('take a seat off sale on their segments alone', () => {
    const middle: Block = { unitId: 'A1', quantity: 1, from: 1, to: 2 };
    const ends = [claim('A1', { from: 2, to: 3 })];
    given(opened(trip))
      .when({ ...block({ unitId: 'A1' }), span: stops(1, 2) })
      .then(blocked(middle))
      .when(book('b1', ['A1'], { span: stops(0, 2) }))
      .thenRefused({ kind: 'seats-taken', unavailable: [{ unitId: 'A1', status: 'blocked' }] })
      .when(book('b1', ['A1'], { span: stops(2, 3) }))
      .then(requested('b1', ends, { span: stops(2, 3) }), seatsHeld('b1', ends));
  });

  it('fill up what is not yet blocked, segment by segment', () => {
    given(opened(trip), blocked({ unitId: 'yard', quantity: 4, from: 1, to: 2 }))
      .when(block({ unitId: 'yard' }))
      .then(
        blocked(
          { unitId: 'yard', quantity: 10, from: 0, to: 1 },
          { unitId: 'yard', quantity: 6, from: 1, to: 2 },
          { unitId: 'yard', quantity: 10, from: 2, to: 3 },
        ),
      );
  });

  it('go only from the segments that are unblocked', () => {
    given(opened(trip), blocked({ unitId: 'yard', quantity: 4, from: 0, to: 3 }))
      .when({ ...unblock({ unitId: 'yard', quantity: 4 }), span: stops(1, 2) })
      .then(unblocked({ unitId: 'yard', quantity: 4, from: 1, to: 2 }))
      .when({ ...unblock({ unitId: 'yard', quantity: 1 }), span: stops(0, 3) })
      .thenRefused({ kind: 'invalid-input' })
      .when(unblock({ unitId: 'yard' }))
      .then(unblocked({ unitId: 'yard', quantity: 4, from: 0, to: 1 }, { unitId: 'yard', quantity: 4, from: 2, to: 3 }));
  });
});

describe('a fleet over time', () => {
  const fleet = opened({ axis: { type: 'time', bufferMinutes: 30 }, units: [seat('A1'), yard(3)] });
  const rental = [claim('A1', { from: NOW, to: NOW + 2 * HOUR })];
  const pool = [claim('yard', { quantity: 3, from: NOW, to: NOW + 2 * HOUR })];
  const later = NOW + DAY;

  it('is blocked at night too, and from now on when no span is given', () => {
    given(fleet)
      .when(block({ unitId: 'A1' }))
      .then(blocked({ unitId: 'A1', quantity: 1, from: NOW, to: TIME_AXIS.to }));
  });

  it('lets a vehicle go whose rentals are over, and take its history along', () => {
    given(fleet, held('b1', rental), confirmed('b1', rental))
      .when(withdraw({ unitId: 'A1' }), { now: NOW + 2.5 * HOUR - 1 })
      .thenRefused({ kind: 'seats-taken', unavailable: [{ unitId: 'A1', status: 'sold' }] });
    given(fleet, held('b1', rental), confirmed('b1', rental))
      .when(withdraw({ unitId: 'A1' }), { now: NOW + 2.5 * HOUR })
      .then(withdrawn({ unitId: 'A1', quantity: 1 }))
      .when(cancel('b1'), { now: later })
      .then({ type: 'BookingCancelled', bookingId: 'b1', customerId: 'c-17', claims: rental, previousStatus: 'CONFIRMED', reason: null });
  });

  it('lets a part of a pool go whose rentals are over', () => {
    given(fleet, held('b1', pool), confirmed('b1', pool))
      .when(withdraw({ unitId: 'yard', quantity: 1 }), { now: later })
      .then(withdrawn({ unitId: 'yard', quantity: 1 }));
  });

  it('takes a vehicle back that was withdrawn, whatever becomes of its old rentals', () => {
    given(fleet, held('b1', rental), confirmed('b1', rental), at(later, withdrawn({ unitId: 'A1', quantity: 1 })))
      .when({ type: 'AddUnits', units: [seat('A1')] }, { now: later })
      .then({ type: 'UnitsAdded', units: [seat('A1')] })
      .when(cancel('b1'), { now: later })
      .then({ type: 'BookingCancelled', bookingId: 'b1', customerId: 'c-17', claims: rental, previousStatus: 'CONFIRMED', reason: null });
  });
});
