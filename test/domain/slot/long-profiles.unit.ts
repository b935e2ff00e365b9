import { expect } from 'chai';
import { type Change, withUsages } from '../../../src/domain/profile.ts';
import { decide } from '../../../src/domain/slot/decide.ts';
import type { SlotState } from '../../../src/domain/slot/state.ts';
import { heapInUse } from '../../support/heap-in-use.ts';
import { at, contentsOf, fold } from '../../support/slot.ts';
import { claim, DAY, HOUR, held, MINUTE, NOW, opened } from '../../support/slot-builders.ts';

const RENTALS = 10_000;
const HOLDS = 300;
const MIB = 2 ** 20;

describe('a car park with ten thousand rentals', () => {
  let state: SlotState;

  /** Rentals of two hours, one beginning each minute; and holds among them, that lapse all together. */
  beforeEach(() => {
    const from = (index: number) => NOW + DAY + index * MINUTE;
    const rentals = Array.from({ length: RENTALS }, (_, index): Change => {
      return { span: { from: from(index), to: from(index) + 2 * HOUR + index }, usage: 'sold', quantity: 1 };
    });
    const holds = Array.from({ length: HOLDS }, (_, index) =>
      held(`b${index}`, [claim('lot', { from: from(index * 30) + 1, to: from(index * 30) + HOUR })]),
    );
    const lot = { unitId: 'lot', category: 'standing', price: 500, capacity: 5_000 };
    const opening = opened({ axis: { type: 'time', bufferMinutes: 0 }, units: [lot] });
    state = fold([opening, ...holds.flat()].map((event) => at(NOW, event)));
    state.profiles.set(0, withUsages(state.profiles.get(0) ?? [], rentals));
  });

  const lapse = () => {
    const command = { type: 'ReleaseExpired', limit: HOLDS } as const;
    return decide(state, { command, now: NOW + 20 * MINUTE, commandId: null, commandHash: null, ifMatch: null }).facts;
  };

  it('does not remember what was taken of it before each of the holds that lapse at once', () => {
    state.begin();
    const before = heapInUse();

    expect(lapse()).to.have.length(HOLDS);

    // Each of them would be 160 kB.
    expect((heapInUse() - before) / MIB).to.be.lessThan(8);
  });

  it('is as before when that is taken back', () => {
    const before = contentsOf(state);
    state.begin();
    lapse();
    expect(contentsOf(state)).to.not.deep.equal(before);

    state.rollback();

    expect(contentsOf(state)).to.deep.equal(before);
    expect(lapse()).to.have.length(HOLDS);
  });
});
