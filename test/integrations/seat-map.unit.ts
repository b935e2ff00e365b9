import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { seatingPlan } from '../../src/domain/seating-plan.ts';
import { InputError } from '../../src/integrations/input-error.ts';
import { type FlightSlot, flightSlot } from '../../src/integrations/seat-map/flight-slot.ts';
import { parseSeatMaps } from '../../src/integrations/seat-map/seat-map-file.ts';
import { searchSeats } from '../support/found-seats.ts';
import { expectSlotBody } from '../support/import-bodies.ts';
import { sharedData } from '../support/shared-data.ts';

const DEPARTURE = '2027-01-15T09:00:00Z';

function flightsIn(text: string): FlightSlot[] {
  return parseSeatMaps(text).map((map) => flightSlot(map, DEPARTURE));
}

/** What was counted in the files once: designated seats, those with a price, restricted places; a line for each map. */
const FILES = [
  [
    'off_1.json',
    [
      [192, 76, 0],
      [192, 76, 0],
    ],
  ],
  ['seat_map_qantas.json', [[289, 152, 79]]],
  ['seat_map_with_restricted_seat_general.json', [[132, 12, 30]]],
] as const;

describe('the seat maps of a flight-booking API', () => {
  for (const [file, figures] of FILES) {
    it(`sell every seat that ${file} sells, at its price, and block the others`, function () {
      const text = readFileSync(sharedData(this, `seat-maps/${file}`), 'utf8');
      const content: unknown = JSON.parse(text);
      const maps = Array.isArray(content) ? content : [content];
      const flights = flightsIn(text);
      expect(flights).to.have.lengthOf(figures.length);
      for (const [index, { slot, blocked }] of flights.entries()) {
        const { seats, prices, restricted } = searchSeats(maps[index]);
        expect([seats.length, prices.size, restricted]).to.deep.equal(figures[index]);
        const { units } = expectSlotBody(slot);
        expect(units).to.have.lengthOf(seats.length + restricted);
        const off = new Set([...blocked.values()].flat());
        const onSale = units.filter(({ unitId }) => !off.has(unitId));
        expect(new Map(onSale.map(({ unitId, price }) => [unitId, price]))).to.deep.equal(prices);
        expect(blocked.get('restricted') ?? []).to.have.lengthOf(restricted);
        expect(blocked.get('not offered')).to.have.members(seats.filter((seat) => !prices.has(seat)));
      }
    });
  }

  it('have slot ids that differ and stay the same', function () {
    const text = readFileSync(sharedData(this, 'seat-maps/off_1.json'), 'utf8');
    const ids = flightsIn(text).map(({ slot }) => slot.slotId);
    expect(new Set(ids).size).to.equal(2);
    expect(flightsIn(text).map(({ slot }) => slot.slotId)).to.deep.equal(ids);
  });
});

describe('ids of seat maps that cannot stand in a slot id', () => {
  const slotIdOf = (id: string) =>
    flightsIn(JSON.stringify({ ...JSON.parse(map([[seat('1A', offers('5.00'))]])), id }))[0]?.slot.slotId ?? '';

  it('give ids that are safe, distinct and always the same', () => {
    const ids = ['BA-117-A', 'BA 117/A', 'x'.repeat(64), 'x'.repeat(65), `${'x'.repeat(65)}y`];
    const slotIds = ids.map(slotIdOf);
    expect(new Set(slotIds).size).to.equal(ids.length);
    for (const slotId of slotIds) expect(slotId).to.match(/^[A-Za-z0-9_-]{1,64}$/);
    expect([slotIds[0], slotIds[2]]).to.deep.equal([ids[0], ids[2]]);
    expect(ids.map(slotIdOf)).to.deep.equal(slotIds);
  });
});

const seat = (designator: string | null, more: Record<string, unknown> = {}) => ({
  type: 'seat',
  id: `ele-${designator}`,
  designator,
  name: null,
  disclosures: [],
  available_services: [],
  ...more,
});
const offers = (...amounts: string[]) => ({ available_services: amounts.map((total_amount) => ({ total_amount, total_currency: 'GBP' })) });
const other = (type: string, id = type) => ({ type, id, designator: null });
const map = (...rows: unknown[][][]) =>
  JSON.stringify({
    id: 'sea_1',
    segment_id: 'seg_1',
    cabins: [
      {
        cabin_class: 'economy',
        deck: 0,
        aisles: 1,
        rows: rows.map((sections) => ({ sections: sections.map((elements) => ({ elements })) })),
      },
    ],
  });

describe('a seat map', () => {
  it('is not taken twice from a file that has it twice', () => {
    const one = map([[seat('1A', offers('5.00'))]]);
    expect(() => flightsIn(`[${one},${one}]`)).to.throw(InputError, 'there are two seat maps "sea_1"');
  });

  it('has a gap at aisles, holes and the ends of sections, and places seats in a grid', () => {
    const [flight] = flightsIn(
      map([
        [seat('1A', offers('5.00')), seat('1B'), other('empty'), seat('1C')],
        [seat('1D'), seat('1E')],
      ]),
    );
    const units = flight?.slot.units ?? [];
    expect(units.map(({ unitId, gapAfter, x }) => [unitId, gapAfter ?? false, x])).to.deep.equal([
      ['1A', false, 0],
      ['1B', true, 1],
      ['1C', true, 3],
      ['1D', false, 5],
      ['1E', true, 6],
    ]);
    expect(units.every(({ row, section, y }) => row === '1' && section === 'economy' && y === 0)).to.equal(true);
  });

  it('keeps names and disclosures, and makes a category of a special name', () => {
    const [flight] = flightsIn(
      map([
        [
          seat('1A', { name: 'SEAT ASSIGNMENT', ...offers('5.00') }),
          seat('1B', { name: 'EXTRA LEGROOM', disclosures: ['Adults only', 'No pets'] }),
        ],
      ]),
    );
    const [plain, special] = flight?.slot.units ?? [];
    expect(plain?.category).to.equal('economy');
    expect(special?.category).to.equal('economy-extra-legroom');
    expect(special?.metadata).to.deep.equal({ name: 'EXTRA LEGROOM', disclosures: 'Adults only; No pets' });
  });

  it('sells a seat at the lowest of the prices that passengers are offered', () => {
    const [flight] = flightsIn(map([[seat('1A', offers('7.50', '5.05', '6'))]]));
    expect(flight?.slot.units?.[0]?.price).to.equal(505);
  });

  it('gives blocked seats the highest price of their category, else of the map', () => {
    const [flight] = flightsIn(map([[seat('1A', offers('5.00')), seat('1B', offers('6.00')), seat('1C'), seat('1D', { name: 'EXIT' })]]));
    expect(flight?.slot.units?.map(({ price }) => price)).to.deep.equal([500, 600, 600, 600]);
    expect(flight?.blocked.get('not offered')).to.deep.equal(['1C', '1D']);
  });

  it('names restricted seats by their row and column where both are certain, else by their own id', () => {
    const [flight] = flightsIn(
      map(
        [[seat('1A', offers('5.00')), seat('1B')]],
        [[seat('2A'), other('restricted_seat_general', 'known')]],
        [[other('restricted_seat_general', 'row-unknown'), other('lavatory')]],
        [[other('restricted_seat_general', 'column-unknown'), other('empty'), seat('4C')]],
      ),
    );
    expect(flight?.blocked.get('restricted')).to.deep.equal(['2B', 'row-unknown', 'column-unknown']);
  });

  /** Every two seats that the engine would sell as sitting side by side. */
  const neighboursIn = (...rows: unknown[][][]) => {
    const [flight] = flightsIn(map(...rows));
    const { units } = expectSlotBody(flight?.slot ?? { slotId: '' });
    return seatingPlan(units).lines.flatMap(({ units: line }) =>
      Array.from(line.slice(1), (index, before) => `${units[line[before] ?? -1]?.unitId} ${units[index]?.unitId}`),
    );
  };

  it('seats nobody beside somebody on the other side of a seat without a designator', () => {
    const nameless = other('restricted_seat_general', 'nameless');
    // Two seats of the next row at that place tell two letters, so that the one without is named by its id.
    const others = [[seat('13A'), seat('13B'), seat('13C')]];
    const more = [[seat('14A'), seat('14D'), seat('14E')]];
    expect(neighboursIn([[seat('12A', offers('5.00')), nameless, seat('12C')]], others, more)).to.include.members([
      '12A nameless',
      'nameless 12C',
    ]);
    expect(neighboursIn([[seat('12A', offers('5.00')), seat(null, { id: 'free' }), seat('12C')]])).to.deep.equal(['12A free', 'free 12C']);
  });

  it('seats nobody beside somebody across a seat of another row, or where the row has no one number', () => {
    const nameless = other('restricted_seat_general', 'nameless');
    expect(neighboursIn([[seat('12A', offers('5.00')), seat('13B'), seat('12C')]])).to.deep.equal([]);
    expect(neighboursIn([[seat('12A', offers('5.00')), nameless, seat('12C'), seat('12D'), seat('13E')]])).to.deep.equal(['12C 12D']);
  });

  it('is refused when it is no seat map, names a seat twice, mixes currencies or sells nothing', () => {
    expect(() => flightsIn('{')).to.throw(InputError, /no JSON/);
    expect(() => flightsIn('[{"id":"x","cabins":[{}]}]')).to.throw(InputError, /no seat map at \/0\/cabins\/0/);
    expect(() => flightsIn(map([[seat('1A', offers('1')), seat('1A')]]))).to.throw(InputError, /two seats 1A/);
    expect(() => flightsIn(map([[seat('1A')]]))).to.throw(InputError, /sells no seat/);
    expect(() => flightsIn(map([[seat('1A', offers('1.005'))]]))).to.throw(InputError, /not an amount in GBP/);
    const euros = { available_services: [{ total_amount: '1', total_currency: 'EUR' }] };
    expect(() => flightsIn(map([[seat('1A', offers('1')), seat('1B', euros)]]))).to.throw(InputError, /several currencies/);
  });
});
