import { expect } from 'chai';
import { expectLayoutBody } from '../support/import-bodies.ts';
import { sharedData } from '../support/shared-data.ts';
import { STADIUM_CATEGORIES, stadiumLayout } from '../support/stadium.ts';

describe('a stadium known only by the places of its seats', () => {
  it('becomes a layout of 8,564 units whose neighbours sit side by side', function () {
    const layout = stadiumLayout(sharedData(this, 'seat-maps/stadium-8564.json'));
    expectLayoutBody(layout);
    expect(new Set(layout.units.map(({ unitId }) => unitId)).size).to.equal(8_564);
    expect(new Set(layout.units.map(({ category }) => category))).to.deep.equal(new Set(STADIUM_CATEGORIES));
    for (const [index, unit] of layout.units.entries()) {
      const next = layout.units[index + 1];
      if (next === undefined || next.section !== unit.section || next.row !== unit.row) continue;
      const away = Math.hypot((next.x ?? 0) - (unit.x ?? 0), (next.y ?? 0) - (unit.y ?? 0));
      expect(away, `${unit.unitId} to ${next.unitId}`).to.be.within(...((unit.gapAfter === true ? [6, 12] : [2, 6]) as [number, number]));
    }
  });
});
