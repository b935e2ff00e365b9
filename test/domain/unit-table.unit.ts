import { expect } from 'chai';
import type { Layout } from '../../src/domain/layout.ts';
import type { SlotEvent } from '../../src/domain/slot/events.ts';
import type { SlotState } from '../../src/domain/slot/state.ts';
import { givenOn, throughSnapshot } from '../support/slot.ts';
import { book, opened, seat, seats, yard } from '../support/slot-builders.ts';
import { withdrawn } from '../support/unit-builders.ts';

const HALL: Layout = { layoutId: 'hall', name: 'Hall', units: [...seats(4), yard(10)] };

function onHall(...more: readonly SlotEvent[]): SlotState {
  return givenOn([HALL], opened({ layoutId: 'hall', units: [] }), ...more).state;
}

const changed = (unitId: string, more: { price?: number; category?: string; capacity?: number }): SlotEvent => ({
  type: 'UnitsChanged',
  changes: [{ unitId, category: unitId === 'yard' ? 'standing' : 'gold', ...more }],
});
const gone = withdrawn({ unitId: 'A1', quantity: 1 });
const backAs = (row: string): SlotEvent => ({ type: 'UnitsAdded', units: [seat('A1', { row })] });

describe('the units of a slot on a layout', () => {
  it("are the layout's own while the slot has changed none, also when its state comes from a snapshot", () => {
    const state = givenOn([HALL], opened({ layoutId: 'hall', units: [] })).when(book('b1', ['A1'])).state;
    expect(state.units.units).to.equal(HALL.units);
    expect(throughSnapshot(state).units.units).to.equal(HALL.units);
  });

  for (const [told, events, places] of [
    ['have another price', [changed('A1', { price: 1 }), changed('A1', { price: 2 })], 'shared'],
    ['have another capacity', [changed('yard', { price: 1, capacity: 7 })], 'shared'],
    ['have another category', [changed('A1', { category: 'silver' })], 'own'],
    ['were withdrawn', [gone], 'own'],
    ['were withdrawn in part', [withdrawn({ unitId: 'yard', quantity: 3 })], 'shared'],
    ['came back into another row', [gone, backAs('B')], 'own'],
    ['were added', [{ type: 'UnitsAdded', units: [seat('A5')] }], 'own'],
    ['changed their price after others were withdrawn', [gone, changed('A2', { price: 1 })], 'own'],
  ] as const) {
    it(`have ${places === 'own' ? 'places of their own' : "the layout's places"} once some ${told}`, () => {
      const state = onHall(...events);
      for (const { units } of [state, throughSnapshot(state)]) {
        expect(units.units, 'units of its own').to.not.equal(HALL.units);
        if (places === 'shared') expect(units.places).to.equal(HALL.units);
        else expect(units.places).to.equal(units.units);
      }
    });
  }

  it('have its places again in a snapshot once what was withdrawn is back in its place', () => {
    expect(throughSnapshot(onHall(gone, backAs('A'))).units.places).to.equal(HALL.units);
  });
});

describe('a withdrawn unit', () => {
  it('is known as it was until it comes back, also when the state comes from a snapshot', () => {
    const added: SlotEvent = { type: 'UnitsAdded', units: [seat('A5'), seat('A6')] };
    const state = onHall(added, gone, withdrawn({ unitId: 'A5', quantity: 1 }), withdrawn({ unitId: 'A6', quantity: 1 }), backAs('B'));
    for (const { units } of [state, throughSnapshot(state)]) {
      expect([...units.withdrawn]).to.deep.equal([
        [5, seat('A5')],
        [6, seat('A6')],
      ]);
      expect(['A1', 'A5', 'A6'].map((unitId) => [units.placeOf(unitId), units.indexOf(unitId)])).to.deep.equal([
        [0, 0],
        [5, undefined],
        [6, undefined],
      ]);
    }
  });
});

describe('how many units a slot has for itself', () => {
  it('is all of them without a layout, and with one those that were changed or added', () => {
    expect(givenOn([], opened()).state.units.ownCount).to.equal(5);
    expect(onHall().units.ownCount).to.equal(0);
    const state = onHall(changed('A1', { price: 1 }), { type: 'UnitsAdded', units: [seat('A5')] });
    expect([state.units.ownCount, throughSnapshot(state).units.ownCount]).to.deep.equal([2, 2]);
  });
});
