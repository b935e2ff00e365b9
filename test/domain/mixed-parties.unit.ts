import { expect } from 'chai';
import fc from 'fast-check';
import { type SeatingPlan, seatingPlan } from '../../src/domain/seating-plan.ts';
import { allocate } from '../../src/domain/slot/allocation.ts';
import { createFreeRuns } from '../../src/domain/slot/free-runs.ts';
import { fewestMixedGroups } from '../../src/domain/slot/mixed-groups.ts';
import { ANY, type Party } from '../../src/domain/slot/party.ts';
import type { Unit } from '../../src/domain/unit.ts';
import { bestByTrying } from './allocation-oracle.ts';
import { anyFocus, anyHall, policies } from './any-hall.ts';

/** One row per string: `.` an ordinary seat, `w` an accessible one, `x` an ordinary one that is taken. */
function rows(...drawn: readonly string[]): { readonly units: readonly Unit[]; readonly taken: ReadonlySet<number> } {
  const marks = drawn.flatMap((row, y) => [...row].map((mark, x) => ({ mark, x, y })));
  const units = marks.map(
    ({ mark, x, y }): Unit => ({ unitId: `${y}-${x}`, row: `${y}`, category: 'gold', accessible: mark === 'w', x, y }),
  );
  return { units, taken: new Set([...marks.keys()].filter((index) => marks[index]?.mark === 'x')) };
}

/** Whose units are taken that are in `taken`; of a quantity unit three places are free. */
function party(size: number, accessible: number, units: readonly Unit[], taken: ReadonlySet<number> = new Set()): Party {
  const plan = seatingPlan(units);
  const freeOf = (index: number) => (taken.has(index) ? 0 : units[index]?.capacity === undefined ? 1 : 3);
  return { plan, runs: createFreeRuns(plan), freeOf, size, category: ANY, accessible };
}

describe('a party with wheelchairs', () => {
  it('is known to need a group for each window that could be part of it', () => {
    const groups = (size: number, accessible: number, ...drawn: readonly string[]) => {
      const { units, taken } = rows(...drawn);
      return fewestMixedGroups(party(size, accessible, units, taken), 1);
    };

    expect(groups(4, 2, '...ww...')).to.equal(1);
    expect(groups(4, 2, '..w...w..')).to.equal(2);
    expect(groups(5, 3, '..w...w..', 'w........')).to.equal(3);
    expect(groups(5, 3, '..w...w..', 'ww.......'), 'a pair in another row').to.equal(2);
    expect(groups(4, 2, '.xwxwx...'), 'what is taken parts them').to.equal(3);
    expect(groups(4, 2, 'w', 'w', '.', '.'), 'nobody has a neighbour').to.equal(4);
  });

  it('may have several places of one quantity unit in a group', () => {
    const platform: Unit = { unitId: 'platform', category: 'gold', capacity: 3, accessible: true };
    const yard: Unit = { unitId: 'yard', category: 'gold', capacity: 3 };

    expect(fewestMixedGroups(party(6, 3, [platform, yard]), 1)).to.equal(2);
    expect(fewestMixedGroups(party(8, 3, [platform, yard, yard]), 1)).to.equal(3);
  });

  it('is seated as well as by trying every choice there is', () => {
    const together = new Set<boolean>();
    const mixed = fc
      .integer({ min: 2, max: 4 })
      .chain((quantity) => fc.record({ quantity: fc.constant(quantity), accessible: fc.integer({ min: 1, max: quantity - 1 }) }));
    fc.assert(
      fc.property(anyHall({ minLength: 14, maxLength: 18 }), mixed, policies, anyFocus, (hall, wheelchairs, orphanPolicy, focus) => {
        const { units, free, withdrawn } = hall;
        const request = { ...wheelchairs, category: null, adjacent: null };
        const found = allocate(seatingPlan(units, focus, withdrawn), request, (index) => free[index]!, { orphanPolicy });
        if (found.kind === 'allocated') together.add(found.adjacent);
        expect(found).to.deep.equal(bestByTrying(units, free, request, orphanPolicy, focus));
      }),
      { numRuns: 500 },
    );
    expect([...together]).to.have.members([true, false]);
  });

  it('is not looked for in the whole of a stadium where the wheelchairs stand apart', () => {
    const { units } = rows(...Array.from({ length: 200 }, () => `w${'.'.repeat(49)}`.repeat(2)));
    for (const [quantity, accessible] of [
      [4, 2],
      [5, 3],
    ] as const) {
      const { plan, asked } = counted(seatingPlan(units, { x: 0, y: 0 }));
      const request = { quantity, accessible, category: null, adjacent: null };

      const found = allocate(plan, request, () => 1, { orphanPolicy: 'allow' });

      expect(found.kind).to.equal('allocated');
      expect(asked.size, 'seats whose distance was asked for, of 20,000').to.be.below(2_000);
    }
  });
});

/** The plan, and of which units somebody has asked how far they are. */
function counted(plan: SeatingPlan): { readonly plan: SeatingPlan; readonly asked: ReadonlySet<string> } {
  const asked = new Set<string>();
  const distanceOf = new Proxy(plan.distanceOf, {
    get: (target, index: string) => {
      asked.add(index);
      return target[Number(index)];
    },
  });
  return { plan: { ...plan, distanceOf }, asked };
}
