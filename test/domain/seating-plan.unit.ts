import { expect } from 'chai';
import { areAdjacent, seatingPlan } from '../../src/domain/seating-plan.ts';
import type { Unit } from '../../src/domain/unit.ts';

function seat(unitId: string, row: string | undefined, extra: Partial<Unit> = {}): Unit {
  return { unitId, category: 'gold', ...(row === undefined ? {} : { row }), ...extra };
}

function linesOf(units: readonly (Unit | undefined)[], withdrawn?: ReadonlyMap<number, Unit>): number[][] {
  return seatingPlan(units, undefined, withdrawn).lines.map((line) => [...line.units]);
}

describe('a seating plan', () => {
  it('puts the units of one row side by side in declared order, wherever they were declared', () => {
    expect(linesOf([seat('A1', 'A'), seat('A3', 'A'), seat('B1', 'B'), seat('A5', 'A')])).to.deep.equal([[0, 1, 3], [2]]);
  });

  it('tells rows of the same name in two sections apart', () => {
    expect(linesOf([seat('1', 'A', { section: 'left' }), seat('2', 'A', { section: 'right' })])).to.deep.equal([[0], [1]]);
  });

  it('breaks a row after a gap, and where a unit was withdrawn', () => {
    const units = [seat('1', 'A'), seat('2', 'A', { gapAfter: true }), seat('3', 'A'), undefined, seat('5', 'A'), seat('6', 'A')];
    expect(linesOf(units, new Map([[3, seat('4', 'A')]]))).to.deep.equal([[0, 1], [2], [4, 5]]);
  });

  it('breaks the row of a withdrawn unit and no other, wherever it was declared', () => {
    const units = [seat('A1', 'A'), seat('B1', 'B'), undefined, seat('B2', 'B'), seat('A3', 'A'), undefined, seat('A5', 'A')];
    const withdrawn = new Map([
      [2, seat('A2', 'A')],
      [5, seat('car', undefined)],
    ]);
    expect(linesOf(units, withdrawn)).to.deep.equal([[0], [1, 3], [4, 6]]);
    const apart = new Map([[1, seat('2', 'A', { section: 'left' })]]);
    expect(linesOf([seat('1', 'A'), undefined, seat('3', 'A')], apart), 'a row of another section').to.deep.equal([[0, 2]]);
  });

  it('leaves units without a row alone, and a quantity unit even within a row', () => {
    expect(linesOf([seat('car 1', undefined), seat('car 2', undefined)])).to.deep.equal([[0], [1]]);
    expect(linesOf([seat('1', 'A'), seat('standing', 'A', { capacity: 9 }), seat('2', 'A')])).to.deep.equal([[0], [1], [2]]);
  });

  it('is computed once for the same units and focus', () => {
    const units = [seat('1', 'A', { x: 0, y: 3 })];
    expect(seatingPlan(units)).to.equal(seatingPlan(units));
    expect(seatingPlan(units, { x: 0, y: 0 })).to.equal(seatingPlan(units, { x: 0, y: 0 }));
    expect(seatingPlan(units, { x: 0, y: 1 })).to.not.equal(seatingPlan(units, { x: 0, y: 0 }));
  });
});

describe('the distance of a unit', () => {
  it('is the way to the focus in 65,536 steps of the farthest way', () => {
    const units = [seat('far', 'A', { x: 6, y: 8 }), seat('near', 'A', { x: 3, y: 4 }), seat('there', 'A', { x: 0, y: 0 })];
    expect([...seatingPlan(units, { x: 0, y: 0 }).distanceOf]).to.deep.equal([65_536, 32_768, 0]);
  });

  it('without a focus puts earlier rows first, and the middle of a row before its ends', () => {
    const units = ['A', 'A', 'A', 'B', 'B'].map((row, index) => seat(`${index}`, row, { x: 1, y: 1 }));
    expect([...seatingPlan(units).distanceOf]).to.deep.equal([2, 0, 2, 4, 4]);
  });

  it('puts units without coordinates behind those that have them', () => {
    const { distanceOf } = seatingPlan([seat('1', 'A'), seat('2', 'A', { x: 9, y: 9 })], { x: 0, y: 0 });
    expect(distanceOf[0]).to.be.greaterThan(distanceOf[1]!);
  });
});

describe('lines for a party', () => {
  it('come with the nearest window first, leave out what is too short, and count a quantity unit as large enough', () => {
    const units = [
      seat('A1', 'A', { x: 1, y: 0 }),
      seat('B1', 'B', { x: 2, y: 0 }),
      seat('B2', 'B', { x: 3, y: 0 }),
      seat('floor', undefined, { capacity: 50, x: 4, y: 0 }),
    ];
    const plan = seatingPlan(units, { x: 0, y: 0 });
    expect([...plan.linesFor(1).lines]).to.deep.equal([0, 1, 2]);
    expect([...plan.linesFor(2).lines]).to.deep.equal([1, 2]);
    expect([...plan.linesFor(2).distances]).to.deep.equal([32_768 + 49_152, 2 * 65_536]);
    expect([...plan.linesFor(3).lines]).to.deep.equal([2]);
  });
});

describe('adjacency of named units', () => {
  const plan = seatingPlan([
    seat('1', 'A'),
    seat('2', 'A'),
    seat('3', 'A', { gapAfter: true }),
    seat('4', 'A'),
    seat('car 1', undefined),
    seat('car 2', undefined),
    seat('floor', undefined, { capacity: 9 }),
    undefined,
    undefined,
  ]);

  it('holds for neighbours in any order, and for one unit alone', () => {
    expect(areAdjacent(plan, [2, 0, 1])).to.equal(true);
    expect(areAdjacent(plan, [4])).to.equal(true);
    expect(areAdjacent(plan, [6, 6])).to.equal(true);
  });

  it('fails over a gap, with a unit left out, without rows, and for withdrawn units', () => {
    expect(areAdjacent(plan, [2, 3])).to.equal(false);
    expect(areAdjacent(plan, [0, 2])).to.equal(false);
    expect(areAdjacent(plan, [4, 5])).to.equal(false);
    expect(areAdjacent(plan, [3, 6])).to.equal(false);
    expect(areAdjacent(plan, [7, 8])).to.equal(false);
  });
});
