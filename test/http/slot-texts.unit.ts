import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Unit } from '../../src/domain/unit.ts';
import { renderSeatMap } from '../../src/http/render.ts';
import { seatMapText } from '../../src/http/slot-texts.ts';
import type { SeatView } from '../../src/queries/answers.ts';

const id = fc.constantFrom('A1', ']', '"units":[]', 'ü]}', '\\', '12-C');
const seatUnits: readonly Unit[] = ['A1', ']', 'ü', '"'].map((unitId) => ({ unitId, category: 'gold', x: 1, availableFrom: 0 }));
const yard: Unit = { unitId: 'yard', category: 'standing', capacity: 9 };

const numbered: fc.Arbitrary<SeatView> = fc.record({
  // The very same units again and again, as they are shared by versions and slots.
  unit: fc.constantFrom(...seatUnits),
  price: fc.constantFrom(0, 4_500),
  status: fc.constantFrom('free', 'held', 'sold', 'blocked'),
  heldUntil: fc.constantFrom(null, 0, 600_000),
  quantities: fc.constant(null),
});
const quantity: fc.Arbitrary<SeatView> = fc.record({
  unit: fc.constant(yard),
  price: fc.constantFrom(0, 500),
  status: fc.constant(null),
  heldUntil: fc.constant(null),
  quantities: fc.record({ free: fc.nat(9), held: fc.nat(9), sold: fc.nat(9), blocked: fc.nat(9) }),
});
const map = fc.record({ slotId: id, version: fc.nat(), units: fc.array(fc.oneof(numbered, quantity), { maxLength: 6 }) });

describe('a seat map that is written seat by seat', () => {
  it('is what JSON makes of the whole of it, whatever was written of its seats before', () => {
    fc.assert(
      fc.property(map, fc.boolean(), (seats, unitsStay) => {
        expect(seatMapText(seats, unitsStay)).to.equal(JSON.stringify(renderSeatMap(seats)));
      }),
      { numRuns: 1_000 },
    );
  });
});
