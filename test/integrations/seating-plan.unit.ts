import { expect } from 'chai';
import { toLayoutContent } from '../../src/commands/schemas/to-units.ts';
import { seatingPlan } from '../../src/domain/seating-plan.ts';
import { InputError } from '../../src/integrations/input-error.ts';
import { seatingPlanLayout } from '../../src/integrations/seating-plan/seating-plan.ts';
import { expectLayoutBody } from '../support/import-bodies.ts';

const seat = (guid: string, more: Record<string, unknown> = {}) => ({ seat_guid: guid, seat_number: '1', ...more });
const plan = (...seats: unknown[]) => JSON.stringify({ name: 'Hall', zones: [{ name: 'Stalls', rows: [{ name: 'A', seats }] }] });
const unitsOf = (text: string) => seatingPlanLayout(text, 'file').units;

/** Every two seats that the engine would sell as sitting side by side. */
function neighboursIn(text: string): string[] {
  const layout = toLayoutContent(seatingPlanLayout(text, 'file'));
  if (layout.kind !== 'mapped') throw new Error(JSON.stringify(layout.faults));
  const { units } = layout.value;
  const { lines } = seatingPlan(units);
  return lines
    .flatMap((line) => Array.from(line.units.slice(1), (index, before) => [line.units[before], index]))
    .map((pair) => pair.map((index) => units[index ?? -1]?.unitId).join(' '))
    .sort();
}

describe('a seating plan', () => {
  it('becomes a layout with a unit for each seat, in the order of the plan', () => {
    const layout = seatingPlanLayout(
      JSON.stringify({
        name: 'Hall 7',
        focus: { x: 5, y: 0 },
        zones: [
          {
            name: 'Stalls',
            rows: [
              {
                name: 'A',
                seats: [
                  { seat_guid: 'g1', seat_number: '1', category: 'gold', position: { x: 1, y: 2 }, accessible: true },
                  { seat_guid: 'g2', seat_number: 2, category: 'gold', position: [2, 2], gap_after: true, price: 4500 },
                ],
              },
            ],
          },
          { name: 'Balcony', rows: [{ name: 'A', seats: [{ seat_guid: 'g3', seat_number: '1', category: 'silver' }] }] },
        ],
      }),
      'file',
    );
    expect(layout).to.deep.equal({
      name: 'Hall 7',
      focus: { x: 5, y: 0 },
      units: [
        { unitId: 'g1', category: 'gold', section: 'Stalls', row: 'A', number: '1', x: 1, y: 2, accessible: true },
        { unitId: 'g2', category: 'gold', section: 'Stalls', row: 'A', number: '2', x: 2, y: 2, gapAfter: true, price: 4500 },
        { unitId: 'g3', category: 'silver', section: 'Balcony', row: 'A', number: '1' },
      ],
    });
    expectLayoutBody(layout);
  });

  it('breaks a row that goes on elsewhere: two of one name, in one zone or in two, are not one row', () => {
    const row = (name: string, ...guids: string[]) => ({ name, seats: guids.map((guid) => seat(guid)) });
    const text = JSON.stringify({
      zones: [
        { name: 'Stalls', rows: [row('A', 'a1', 'a2'), row('B', 'b1', 'b2'), row('A', 'a3', 'a4')] },
        { name: 'Balcony', rows: [row('A', 'c1', 'c2')] },
        { name: 'Stalls', rows: [row('B', 'b3', 'b4'), row('A'), row('C', 'd1', 'd2')] },
      ],
    });
    expect(unitsOf(text).flatMap(({ unitId, gapAfter }) => (gapAfter === true ? [unitId] : []))).to.deep.equal(['a2', 'b2']);
    expect(neighboursIn(text)).to.deep.equal(['a1 a2', 'a3 a4', 'b1 b2', 'b3 b4', 'c1 c2', 'd1 d2']);
  });

  it('takes a category from the row or the zone where the seat has none', () => {
    const text = JSON.stringify({
      zones: [
        {
          zone: 'a',
          category: 'zone',
          rows: [
            { row: 1, seats: [seat('1', { category: 'seat' }), seat('2')] },
            { row: 2, category: 'row', seats: [seat('3')] },
          ],
        },
        { zone: 'b', rows: [{ seats: [seat('4')] }] },
      ],
    });
    expect(unitsOf(text).map(({ category }) => category)).to.deep.equal(['seat', 'zone', 'row', 'standard']);
  });

  it('may call zones and rows by other names, or number them, or say nothing', () => {
    const named = (zone: object, row: object) =>
      unitsOf(JSON.stringify({ zones: [{ ...zone, rows: [{ ...row, seats: [seat('1')] }] }] }))[0];
    expect(named({ zone_name: 'Z' }, { row_number: 12 })).to.include({ section: 'Z', row: '12' });
    expect(named({ id: 'Z' }, { row: 'B' })).to.include({ section: 'Z', row: 'B' });
    expect(named({}, {})).to.include({ section: '1', row: '1' });
  });

  it('may say of what it does not know that it is null', () => {
    const nothing = { category: null, position: null, accessible: null, gap_after: null, price: null };
    const row = { name: null, category: null, seats: [seat('1', nothing)] };
    const text = JSON.stringify({ name: null, focus: null, zones: [{ name: null, category: null, rows: [row] }] });
    const unit = { unitId: '1', category: 'standard', section: '1', row: '1', number: '1' };
    expect(seatingPlanLayout(text, 'file')).to.deep.equal({ name: 'file', units: [unit] });
  });

  it('is named after its file when it has no name', () => {
    expect(seatingPlanLayout(JSON.stringify({ zones: [{ rows: [{ seats: [seat('1')] }] }] }), 'file').name).to.equal('file');
  });

  it('is refused with the place of what is wrong', () => {
    expect(() => unitsOf('nonsense')).to.throw(InputError, /no JSON/);
    expect(() => unitsOf('{"zones": []}')).to.throw(InputError, /^\/zones: /);
    expect(() => unitsOf(plan({ seat_number: '1' }))).to.throw(InputError, /^\/zones\/0\/rows\/0\/seats\/0\/seat_guid: /);
    expect(() => unitsOf(plan(seat('1', { price: 1.5 })))).to.throw(InputError, /seats\/0\/price: /);
    expect(() => unitsOf(plan(seat('1'), seat('1')))).to.throw(InputError, /^\/zones\/0\/rows\/0\/seats\/1: seat_guid "1" is there twice/);
    expect(() => unitsOf(plan())).to.throw(InputError, /no seats/);
  });
});
