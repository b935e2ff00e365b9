import { PerformanceObserver } from 'node:perf_hooks';
import { expect } from 'chai';
import type { LayoutEvent } from '../../src/domain/layout.ts';
import { layouts } from '../../src/projections/inventory/layouts.ts';
import { priceRange } from '../../src/projections/inventory/price-counts.ts';
import { slots } from '../../src/projections/inventory/slots.ts';
import { LAYOUTS, SLOT_UNITS, SLOTS, type SlotRow } from '../../src/projections/inventory/tables.ts';
import { columnsOfUnit } from '../../src/projections/inventory/unit-columns.ts';
import type { Key, Lookup, Row, Table } from '../../src/projections/projection.ts';
import { opened, seat } from '../support/slot-builders.ts';
import { feedOf, type Told } from '../support/views.ts';

const UNITS = 16_000;
const units = Array.from({ length: UNITS }, (_, index) => seat(`A${index + 1}`, { price: 1_000 + index }));
/** One collection of what is young makes room for some megabytes; copies of all prices, one for each unit, come to gigabytes. */
const FEW_COLLECTIONS = 20;

describe(`a slot with ${UNITS} units, each at a price of its own`, () => {
  it('has its prices counted in one copy, not in one for each unit', async () => {
    let row: SlotRow | undefined;
    const collections = await collectionsDuring(() => {
      row = evolved(undefined, opened({ units }));
    });
    expect(Object.keys(row?.priceCounts ?? {})).to.have.lengthOf(UNITS);
    expect(row).to.include({ priceFrom: 1_000, priceTo: 1_000 + UNITS - 1 });
    expect(collections).to.be.at.most(FEW_COLLECTIONS);
  });

  it('has them counted so when all of its units are changed, and withdrawn', async () => {
    const before = evolved(undefined, opened({ units }));
    let row: SlotRow | undefined;
    const collections = await collectionsDuring(() => {
      const changes = units.map(({ unitId, price = 0 }) => ({ unitId, price: price + 1, capacity: 3 }));
      row = evolved(before, { type: 'UnitsChanged', changes });
    });
    expect(row).to.deep.include({ capacity: 3 * UNITS, priceFrom: 1_001, priceTo: 1_000 + UNITS });
    expect(Object.keys(row?.priceCounts ?? {})).to.have.lengthOf(UNITS);
    expect(collections).to.be.at.most(FEW_COLLECTIONS);

    const others = await collectionsDuring(() => {
      const gone = units.map(({ unitId }) => ({ unitId, quantity: 1 }));
      row = evolved(before, { type: 'UnitsWithdrawn', units: gone, reason: null });
    });
    expect(row).to.deep.include({ capacity: 0, priceFrom: null, priceTo: null, priceCounts: {} });
    expect(others).to.be.at.most(FEW_COLLECTIONS);
  });

  it('has those of its layout counted so, too', async () => {
    const events: LayoutEvent[] = [
      { type: 'LayoutDefined', layoutId: 'hall', name: 'Hall', unitCount: UNITS },
      { type: 'LayoutUnitsAdded', layoutId: 'hall', units },
    ];
    const [defined, added] = feedOf({ streamId: 'layout-hall', events });
    const collections = await collectionsDuring(() => {
      const layout = layouts.evolve(layouts.evolve(undefined, defined!, ['hall'], nothing), added!, ['hall'], nothing);
      const inHall = evolved(undefined, opened({ layoutId: 'hall', units: [] }), (table) => (table === LAYOUTS ? layout : undefined));
      expect(Object.keys(inHall.priceCounts)).to.have.lengthOf(UNITS);
    });
    expect(collections).to.be.at.most(FEW_COLLECTIONS);
  });

  it('has its range of prices told however many there are', () => {
    const counts = Object.fromEntries(Array.from({ length: 200_000 }, (_, price) => [price + 1, 1]));
    expect(priceRange(counts)).to.deep.equal({ priceFrom: 1, priceTo: 200_000 });
  });
});

/** The slot's row after the event; other rows are as `beside` has them, or as they were opened. */
function evolved(before: SlotRow | undefined, told: Told, beside: (table: Table<Row>) => Row | undefined = () => undefined): SlotRow {
  const lookup = (table: Table<Row>, [, unitId]: Key) => {
    if (table === SLOTS) return before;
    return table === SLOT_UNITS ? unitRows.get(String(unitId)) : beside(table);
  };
  const [event] = feedOf(told);
  return slots.evolve(before, event!, ['hamlet'], lookup as Lookup) as SlotRow;
}

const unitRows = new Map(units.map((unit) => [unit.unitId, { ...columnsOfUnit(unit), inherited: false, withdrawn: false, blocks: [] }]));

function nothing(): undefined {
  return undefined;
}

/** How often garbage was collected while the work was done. */
async function collectionsDuring(work: () => void): Promise<number> {
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  work();
  // What is observed is written down in a turn of its own, and handed over in the next one.
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
  observer.disconnect();
  return collections;
}
