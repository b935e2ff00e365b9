import { expect } from 'chai';
import { conservationFaults } from '../../../src/domain/slot/conservation.ts';
import type { SlotEvent } from '../../../src/domain/slot/events.ts';
import { at, fold } from '../../support/slot.ts';
import { cancelled, claim, confirmed, HOUR, held, NOW, opened, seat, yard } from '../../support/slot-builders.ts';
import { blocked, unblocked, withdrawn } from '../../support/unit-builders.ts';

const faultsOf = (...events: readonly (SlotEvent | readonly SlotEvent[])[]) =>
  conservationFaults(fold(events.flat().map((event) => at(NOW, event))));
const one = [claim('A1')];
const block = { unitId: 'A1', quantity: 1, from: 0, to: 1 };

describe('a log that was tampered with', () => {
  it('shows a seat sold twice', () => {
    expect(faultsOf(opened(), held('b1', one), held('b2', one))).to.deep.equal([
      { unitId: 'A1', at: 0, held: 2, sold: 0, blocked: 0, capacity: 1 },
    ]);
  });

  it('shows places beyond the capacity, however they are taken', () => {
    const five = [claim('yard', { quantity: 5 })];
    const mixed = [opened({ units: [yard(11)] }), held('b1', five), held('b2', five), confirmed('b2', five)];
    expect(faultsOf(...mixed, blocked({ ...block, unitId: 'yard' }))).to.deep.equal([]);
    expect(faultsOf(...mixed, blocked({ ...block, unitId: 'yard', quantity: 2 }))).to.have.length(1);
  });

  it('shows what was given back twice', () => {
    const sold = [opened(), held('b1', one), confirmed('b1', one)];
    expect(faultsOf(opened(), held('b1', one), cancelled('b1', one), cancelled('b1', one))).to.have.nested.property('0.held', -1);
    expect(faultsOf(...sold, cancelled('b1', one, 'CONFIRMED'), cancelled('b1', one, 'CONFIRMED'))).to.have.nested.property('0.sold', -1);
    expect(faultsOf(opened(), unblocked(block))).to.have.nested.property('0.blocked', -1);
  });

  it('shows a held seat that is gone', () => {
    expect(faultsOf(opened(), held('b1', one), withdrawn({ unitId: 'A1', quantity: 1 }))).to.deep.equal([
      { unitId: '#0', at: 0, held: 1, sold: 0, blocked: 0, capacity: 0 },
    ]);
  });

  it('shows a rental to come of a vehicle that is gone, and not one that is over', () => {
    const fleet = opened({ axis: { type: 'time', bufferMinutes: 0 }, units: [seat('A1')] });
    const rented = (from: number, to: number) =>
      faultsOf(fleet, held('b1', [claim('A1', { from, to })]), withdrawn({ unitId: 'A1', quantity: 1 }));
    expect(rented(NOW - HOUR, NOW)).to.deep.equal([]);
    expect(rented(NOW - HOUR, NOW + 1)).to.have.length(1);
    expect(rented(NOW + HOUR, NOW + 2 * HOUR)).to.have.length(1);
  });
});
