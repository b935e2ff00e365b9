import { expect } from 'chai';
import { howItWasLeft } from '../../src/cli/half-opened.ts';
import type { NamedSlot, StoredEvent } from '../../src/cli/import-target.ts';

const SLOT: NamedSlot = {
  slotId: 'flight-1',
  category: 'flight',
  title: 'Flight 1',
  currency: 'GBP',
  metadata: { seatMapId: 'map' },
  units: [
    { unitId: '1A', category: 'economy', price: 1 },
    { unitId: '1B', category: 'economy', price: 1 },
  ],
};
const BLOCKED = new Map([['restricted', ['1B']]]);

const units = (...unitIds: string[]) => unitIds.map((unitId) => ({ unitId }));
const opened = (...unitIds: string[]): StoredEvent => ({
  type: 'SlotOpened',
  data: { category: 'flight', title: 'Flight 1', metadata: { seatMapId: 'map' }, status: 'CLOSED', units: units(...unitIds) },
});
const added = (...unitIds: string[]): StoredEvent => ({ type: 'UnitsAdded', data: { units: units(...unitIds) } });
const blocked = (reason: string | null, ...unitIds: string[]): StoredEvent => ({
  type: 'UnitsBlocked',
  data: { blocks: units(...unitIds), reason },
});

describe('a slot that is there', () => {
  const cases: readonly [string, readonly StoredEvent[], string][] = [
    ['was opened closed, and nothing else', [opened('1A', '1B')], 'half-way'],
    ['was opened in several events, being large', [opened('1A'), added('1B')], 'half-way'],
    ['was blocked by the import', [opened('1A', '1B'), blocked('restricted', '1B')], 'half-way'],
    ['was blocked for another reason', [opened('1A', '1B'), blocked('broken', '1B')], 'left-alone'],
    ['was blocked without one', [opened('1A', '1B'), blocked(null, '1B')], 'left-alone'],
    ['was dealt with otherwise', [opened('1A', '1B'), { type: 'SlotChanged', data: {} }], 'left-alone'],
    ['has other units', [opened('1A', '1C')], 'other-content'],
    ['has more units', [opened('1A', '1B'), added('1C')], 'other-content'],
    ['has other units blocked', [opened('1A', '1B'), blocked('restricted', '1A', '1B')], 'other-content'],
    ['has no event that can be read', [{ type: 'SlotOpened', data: 'damaged' }], 'other-content'],
    ['has a block that cannot be read', [opened('1A', '1B'), { type: 'UnitsBlocked', data: {} }], 'other-content'],
    ['has no events', [], 'other-content'],
  ];
  for (const [what, events, leaving] of cases) {
    it(`and ${what} is ${leaving}`, () => expect(howItWasLeft(events, SLOT, BLOCKED)).to.equal(leaving));
  }
});
