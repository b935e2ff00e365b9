import { expect } from 'chai';
import fc from 'fast-check';
import { seatingPlan } from '../../src/domain/seating-plan.ts';
import type { Allocation, AllocationRequest } from '../../src/domain/slot/allocation.ts';
import { allocate, orphansLeft } from '../../src/domain/slot/allocation.ts';
import type { OrphanPolicy } from '../../src/domain/slot/events.ts';
import { createFreeRuns } from '../../src/domain/slot/free-runs.ts';
import type { Unit } from '../../src/domain/unit.ts';
import { bestByTrying } from './allocation-oracle.ts';
import { anyFocus, anyHall, policies } from './any-hall.ts';

/** One row per string: `.` free, `x` taken, `w` free and accessible, `s` free and silver, `|` a gap after the seat before it. */
function hall(...drawn: readonly string[]): { units: Unit[]; free: number[] } {
  const units: Unit[] = [];
  const free: number[] = [];
  drawn.forEach((row, y) => {
    for (const [x, mark] of [...row].entries()) {
      if (mark === '|') continue;
      const gap = row[x + 1] === '|' ? { gapAfter: true } : {};
      const accessible = mark === 'w' ? { accessible: true } : {};
      units.push({ unitId: `${y}-${x}`, row: `${y}`, category: mark === 's' ? 'silver' : 'gold', ...gap, ...accessible });
      free.push(mark === 'x' ? 0 : 1);
    }
  });
  return { units, free };
}

interface Ask extends Partial<AllocationRequest> {
  readonly policy?: OrphanPolicy;
}

function ask({ units, free }: { units: readonly Unit[]; free: readonly number[] }, wish: Ask): Allocation {
  const request = { quantity: 1, category: null, adjacent: null, accessible: 0, ...wish };
  return allocate(seatingPlan(units), request, (index) => free[index]!, { orphanPolicy: wish.policy ?? 'allow' });
}

function seats(...indexes: number[]): { index: number; quantity: number }[] {
  return indexes.map((index) => ({ index, quantity: 1 }));
}

describe('best available in a hall', () => {
  it('takes the middle of the first row that has room', () => {
    const empty = hall('.....', '.....');
    expect(ask(empty, { quantity: 3 })).to.deep.equal({ kind: 'allocated', units: seats(1, 2, 3), adjacent: true });
    expect(ask(hall('.x.x.', '.....'), { quantity: 2 })).to.deep.equal({ kind: 'allocated', units: seats(6, 7), adjacent: true });
  });

  it('splits a party that only prefers adjacency into the fewest groups', () => {
    expect(ask(hall('.x..', '...x'), { quantity: 5 })).to.deep.equal({ kind: 'allocated', units: seats(2, 3, 4, 5, 6), adjacent: false });
  });

  it('refuses a party that demands adjacency, and says sold out only when too few are free', () => {
    expect(ask(hall('..|..', 'x.x.'), { quantity: 3, adjacent: true })).to.deep.equal({ kind: 'not-adjacent' });
    expect(ask(hall('..|..', 'x.x.'), { quantity: 7, adjacent: true })).to.deep.equal({ kind: 'sold-out' });
    expect(ask(hall('..s'), { quantity: 3, category: 'gold' })).to.deep.equal({ kind: 'sold-out' });
    expect(ask(hall('...'), { category: 'bronze' })).to.deep.equal({ kind: 'sold-out' });
  });

  it('takes the nearest units for a party that does not care', () => {
    expect(ask(hall('.x..x', '.....'), { quantity: 3, adjacent: false })).to.deep.equal({
      kind: 'allocated',
      units: seats(0, 2, 3),
      adjacent: false,
    });
  });

  it('prefers the unit that was declared first among equally near ones, also when it is found last', () => {
    const row = (name: string, ways: readonly number[]) =>
      ways.map((x): Unit => ({ unitId: `${name}${x}`, category: 'gold', row: name, x, y: 0 }));
    const units = [...row('A', [10]), ...row('B', [0, 10, 20, 30, 40, 50, 60, 70])];
    const request = { quantity: 2, category: null, adjacent: false, accessible: 0 };
    const found = allocate(seatingPlan(units, { x: 0, y: 0 }), request, () => 1, { orphanPolicy: 'allow' });
    expect(found).to.deep.equal({ kind: 'allocated', units: seats(0, 1), adjacent: false });
  });

  it('keeps accessible units for those who ask for them', () => {
    expect(ask(hall('.w.'), { quantity: 2 })).to.deep.equal({ kind: 'allocated', units: seats(0, 2), adjacent: false });
    expect(ask(hall('.w.'), { quantity: 3 })).to.deep.equal({ kind: 'sold-out' });
    expect(ask(hall('....', '..w.'), { quantity: 2, accessible: 1 })).to.deep.equal({
      kind: 'allocated',
      units: seats(5, 6),
      adjacent: true,
    });
    expect(ask(hall('ww.'), { quantity: 2, accessible: 2 })).to.deep.include({ units: seats(0, 1) });
  });

  it('finds places for hundreds with many accessible ones among them, without holding up everybody else', () => {
    const large = hall(...Array.from({ length: 100 }, () => 'w.'.repeat(50)));
    const isAccessible = (index: number) => large.units[index]?.accessible === true;
    for (const policy of ['allow', 'avoid', 'forbid'] as const) {
      const started = process.cpuUsage();
      const found = ask(large, { quantity: 500, accessible: 250, policy });
      expect(process.cpuUsage(started).user, 'microseconds of computing').to.be.below(1_500_000);
      if (found.kind !== 'allocated') throw new Error(`${found.kind} under ${policy}`);
      const indexes = found.units.map(({ index }) => index);
      expect(new Set(indexes).size).to.equal(500);
      expect(indexes.filter(isAccessible)).to.have.length(250);
      const left = orphansLeft(seatingPlan(large.units), (index) => large.free[index]!, new Set(indexes));
      if (policy === 'forbid') expect(left).to.deep.equal([]);
    }
    const few = hall(...Array.from({ length: 100 }, () => 'w....'));
    expect(ask(few, { quantity: 200, accessible: 101 }).kind).to.equal('sold-out');
    expect(ask(few, { quantity: 450, accessible: 20, adjacent: false }).kind).to.equal('sold-out');
  });

  it('seats a group within one quantity unit together, and fills several for a larger one', () => {
    const units: Unit[] = ['yard', 'floor'].map((unitId) => ({ unitId, category: 'standing', capacity: 100 }));
    expect(ask({ units, free: [3, 10] }, { quantity: 5 })).to.deep.equal({
      kind: 'allocated',
      units: [{ index: 1, quantity: 5 }],
      adjacent: true,
    });
    expect(ask({ units, free: [3, 10] }, { quantity: 12 })).to.deep.equal({
      kind: 'allocated',
      units: [
        { index: 0, quantity: 3 },
        { index: 1, quantity: 9 },
      ],
      adjacent: false,
    });
  });

  it('throws on a request that no one may make, and on free runs of another plan', () => {
    expect(() => ask(hall('...'), { quantity: 0 })).to.throw(RangeError);
    expect(() => ask(hall('www'), { quantity: 1, accessible: 2 })).to.throw(RangeError);
    const [one, other] = [seatingPlan(hall('..').units), seatingPlan(hall('..').units)];
    const request = { quantity: 1, category: null, adjacent: null, accessible: 0 };
    expect(() => allocate(one, request, () => 1, { orphanPolicy: 'allow', freeRuns: createFreeRuns(other) })).to.throw('another');
  });
});

describe('seats left alone', () => {
  it('are allowed, avoided by a farther window, or forbidden', () => {
    const rows = hall('xxx...xxx', 'xxx..xxxx');
    expect(ask(rows, { quantity: 2, policy: 'allow' })).to.deep.include({ units: seats(3, 4) });
    expect(ask(rows, { quantity: 2, policy: 'avoid' })).to.deep.include({ units: seats(12, 13) });
    expect(ask(hall('x...x'), { quantity: 2, policy: 'avoid' })).to.deep.include({ kind: 'allocated', units: seats(1, 2) });
    expect(ask(hall('x...x'), { quantity: 2, policy: 'forbid' })).to.deep.equal({ kind: 'would-leave-orphan', orphans: [3] });
    expect(ask(hall('x...x'), { quantity: 2, policy: 'forbid', adjacent: true })).to.deep.equal({
      kind: 'would-leave-orphan',
      orphans: [3],
    });
  });

  it('split a party under forbid rather than refuse it, when that leaves none', () => {
    expect(ask(hall('...', '.xx'), { quantity: 2, policy: 'forbid' })).to.deep.equal({
      kind: 'allocated',
      units: seats(0, 3),
      adjacent: false,
    });
  });

  it('do not refuse a large party with wheelchairs, whose places are searched kind by kind, where taking both leaves none', () => {
    const pairs = hall(...Array.from({ length: 12 }, () => 'w.'));
    const all = { quantity: 24, accessible: 12, policy: 'forbid' } as const;
    const found = ask(pairs, all);
    if (found.kind !== 'allocated') throw new Error(found.kind);
    expect(found.units).to.have.deep.members(seats(...pairs.units.keys()));
    expect(found.adjacent).to.equal(false);
    const allButOne = ask(pairs, { ...all, quantity: 23 });
    expect(allButOne, 'the seat beside a wheelchair is left').to.have.property('kind', 'would-leave-orphan');
    expect(allButOne).to.have.property('orphans').with.length(1);
  });

  it('are told for named units: at row ends, at gaps and between taken units, but not where they were alone before', () => {
    const left = (drawn: string, ...taken: number[]) => {
      const { units, free } = hall(drawn);
      return orphansLeft(seatingPlan(units), (index) => free[index]!, new Set(taken));
    };
    expect(left('.....', 1)).to.deep.equal([0]);
    expect(left('....|....', 2, 5)).to.deep.equal([3, 4]);
    expect(left('x...x', 2)).to.deep.equal([1, 3]);
    expect(left('.x...', 2, 3, 4)).to.deep.equal([]);
    expect(left('.....', 2)).to.deep.equal([]);
  });
});

function anyRequest(most: number): fc.Arbitrary<AllocationRequest> {
  return fc
    .record({
      quantity: fc.integer({ min: 1, max: most }),
      category: fc.constantFrom(null, null, 'gold', 'silver'),
      adjacent: fc.constantFrom(true, null, null, false),
      accessible: fc.constantFrom(0, 0, 0, 1, 2),
    })
    .filter(({ quantity, accessible }) => accessible <= quantity);
}

describe('any hall', () => {
  // Large parties in small halls, and small parties in halls so large that not all of them is searched.
  for (const { seats: size, party, runs } of [
    { seats: { minLength: 1, maxLength: 11 }, party: 5, runs: 2_000 },
    { seats: { minLength: 20, maxLength: 30 }, party: 2, runs: 1_000 },
    { seats: { minLength: 16, maxLength: 20 }, party: 3, runs: 500 },
  ]) {
    it(`of up to ${size.maxLength} units is searched for up to ${party} as well as by trying every choice there is`, () => {
      const kinds = new Set<string>();
      fc.assert(
        fc.property(anyHall(size), anyRequest(party), policies, anyFocus, ({ units, free, withdrawn }, request, orphanPolicy, focus) => {
          const found = allocate(seatingPlan(units, focus, withdrawn), request, (index) => free[index]!, { orphanPolicy });
          kinds.add(found.kind);
          expect(found).to.deep.equal(bestByTrying(units, free, request, orphanPolicy, focus));
        }),
        { numRuns: runs },
      );
      expect([...kinds]).to.include.members(['allocated', 'sold-out', 'not-adjacent']);
    });
  }

  it('gives the same choice with remembered free runs, however units were taken, released and rolled back', () => {
    const rows = Array.from({ length: 12 }, (_, row) => '.'.repeat(8 + (row % 5)));
    const { units } = hall(...rows);
    const plan = seatingPlan(units, undefined);
    const steps = fc.array(
      fc.record({
        request: anyRequest(5),
        policy: policies,
        afterwards: fc.constantFrom('keep', 'keep', 'keep', 'rollback'),
        release: fc.nat(),
      }),
      { minLength: 20, maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (sequence) => {
        const free = units.map(() => 1);
        const freeRuns = createFreeRuns(plan);
        const change = (index: number, to: number) => {
          free[index] = to;
          freeRuns.invalidate(index);
        };
        for (const { request, policy: orphanPolicy, afterwards, release } of sequence) {
          const wish = { ...request, category: null, accessible: 0 };
          const found = allocate(plan, wish, (index) => free[index]!, { orphanPolicy, freeRuns });
          expect(found).to.deep.equal(allocate(plan, wish, (index) => free[index]!, { orphanPolicy }));
          if (found.kind !== 'allocated') continue;
          for (const { index } of found.units) change(index, 0);
          // Choosing in between makes the runs as of now remembered; taking it back must make them forgotten.
          if (afterwards === 'rollback') {
            allocate(plan, { ...wish, quantity: 40 }, (index) => free[index]!, { orphanPolicy, freeRuns });
            for (const { index } of found.units) change(index, 1);
          } else if (release % 3 === 0) change(release % units.length, 1);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is sold to the last unit by a crowd that only prefers adjacency', () => {
    const { units } = hall(...Array.from({ length: 20 }, () => '.........|........'));
    const plan = seatingPlan(units);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 200, maxLength: 300 }), policies, (parties, policy) => {
        const free = units.map(() => 1);
        const freeRuns = createFreeRuns(plan);
        const orphanPolicy = policy === 'forbid' ? 'avoid' : policy;
        for (const wanted of parties) {
          const left = free.reduce((sum, one) => sum + one, 0);
          const request = { quantity: wanted, category: 'gold', adjacent: null, accessible: 0 };
          const found = allocate(plan, request, (index) => free[index]!, { orphanPolicy, freeRuns });
          expect(found.kind).to.equal(wanted <= left ? 'allocated' : 'sold-out');
          for (const { index } of found.kind === 'allocated' ? found.units : []) {
            expect(free[index]).to.equal(1);
            free[index] = 0;
            freeRuns.invalidate(index);
          }
        }
        // Whoever came last and alone takes what is left over.
        for (let left = free.reduce((sum, one) => sum + one, 0); left > 0; left--) {
          const found = allocate(plan, { quantity: 1, category: null, adjacent: null, accessible: 0 }, (index) => free[index]!, {
            orphanPolicy,
            freeRuns,
          });
          if (found.kind !== 'allocated') throw new Error(found.kind);
          free[found.units[0]!.index] = 0;
          freeRuns.invalidate(found.units[0]!.index);
        }
        expect(free).to.deep.equal(units.map(() => 0));
      }),
      { numRuns: 20 },
    );
  });
});
