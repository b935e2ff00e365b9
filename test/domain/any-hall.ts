import fc from 'fast-check';
import type { OrphanPolicy } from '../../src/domain/slot/events.ts';
import type { Unit } from '../../src/domain/unit.ts';

export const policies = fc.constantFrom<OrphanPolicy>('allow', 'avoid', 'forbid');

const anyUnit = fc.record(
  {
    row: fc.constantFrom('A', 'A', 'A', 'B', 'C', 'D', undefined),
    category: fc.constantFrom('gold', 'gold', 'gold', 'silver'),
    accessible: fc.constantFrom(false, false, false, true),
    gapAfter: fc.constantFrom(false, false, false, false, true),
    capacity: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, undefined, undefined, 3),
    x: fc.nat(6),
    y: fc.nat(6),
    free: fc.constantFrom(0, 1, 1, 2),
    withdrawn: fc.constantFrom(false, false, false, false, false, false, false, false, true),
  },
  { noNullPrototype: true },
);

/** Rows stand one after another, because the oracle takes neighbours in the array for neighbours in the row. */
export function anyHall(size: {
  minLength: number;
  maxLength: number;
}): fc.Arbitrary<{ units: (Unit | undefined)[]; free: number[]; withdrawn: ReadonlyMap<number, Unit> }> {
  return fc.array(anyUnit, size).map((drawn) => {
    const inRows = [...drawn].sort((a, b) => (a.row ?? 'Z').localeCompare(b.row ?? 'Z'));
    const declared = inRows.map(({ free: _, withdrawn: __, row, capacity, ...rest }, index): Unit => {
      return { unitId: `u${index}`, ...rest, ...(row === undefined ? {} : { row }), ...(capacity === undefined ? {} : { capacity }) };
    });
    const units = declared.map((unit, index) => (inRows[index]?.withdrawn ? undefined : unit));
    const withdrawn = new Map([...declared.entries()].filter(([index]) => units[index] === undefined));
    return { units, withdrawn, free: inRows.map(({ free }, index) => (units[index] ? Math.min(free, units[index].capacity ?? 1) : 0)) };
  });
}

export const anyFocus = fc.option(fc.record({ x: fc.nat(6), y: fc.nat(6) }), { nil: undefined });
