import { expect } from 'chai';
import { sales } from '../../src/projections/sales/sales.ts';
import { withDatabase } from '../support/postgres.ts';
import { RandomHistory } from '../support/random-history.ts';
import { PROJECTIONS, type ReadSide, startReadSide } from '../support/read-side.ts';

/** Events of the history; `npm run verify:reads` asks for 200,000. */
const EVENTS = Number(process.env.HOLDFAST_HISTORY_EVENTS ?? 6_000);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const BOUND_MS = 60_000 + EVENTS * 3;
const COMPARED = [...PROJECTIONS, sales];

const DAY_OF = (instant: string) => `(b.${instant} AT TIME ZONE s.time_zone)::date`;
const BOOKINGS = "holdfast_views.bookings b JOIN holdfast_views.slots s USING (slot_id) WHERE b.status <> 'REQUESTED'";
const SOLD = 'units_sold - units_given_back AS units, amount_sold - amount_given_back AS amount';

/** Two ways of counting the same, row by row. */
const AGREEMENTS: readonly (readonly [what: string, bySales: string, byBookings: string])[] = [
  [
    'bookings made on each day',
    'SELECT slot_id, day, bookings_held FROM holdfast_views.daily_sales WHERE bookings_held > 0',
    `SELECT slot_id, ${DAY_OF('requested_at')}, count(*) FROM ${BOOKINGS} GROUP BY 1, 2`,
  ],
  [
    'bookings confirmed on each day',
    'SELECT slot_id, day, bookings_confirmed FROM holdfast_views.daily_sales WHERE bookings_confirmed > 0',
    `SELECT slot_id, ${DAY_OF('confirmed_at')}, count(*) FROM ${BOOKINGS} AND b.confirmed_at IS NOT NULL GROUP BY 1, 2`,
  ],
  ...(['expired', 'cancelled'] as const).map(
    (end) =>
      [
        `bookings that ended as ${end}`,
        `SELECT slot_id, sum(bookings_${end}) FROM holdfast_views.daily_sales GROUP BY 1 HAVING sum(bookings_${end}) > 0`,
        `SELECT slot_id, count(*) FROM ${BOOKINGS} AND b.status = '${end.toUpperCase()}' GROUP BY 1`,
      ] as const,
  ),
  [
    'units and amounts that are sold in the end',
    `SELECT * FROM (SELECT slot_id, sum(units) AS units, sum(amount) AS amount FROM (SELECT slot_id, ${SOLD} FROM holdfast_views.daily_sales) AS net
       GROUP BY 1) AS slots WHERE units > 0`,
    `SELECT slot_id, sum((c ->> 'quantity')::int), sum((c ->> 'amount')::int) FROM holdfast_views.bookings, jsonb_array_elements(claims) AS c
      WHERE status = 'CONFIRMED' GROUP BY 1`,
  ],
  [
    'a day and its categories',
    'SELECT slot_id, day, units_sold, amount_sold, units_given_back, amount_given_back FROM holdfast_views.daily_sales WHERE units_sold + units_given_back > 0',
    `SELECT slot_id, day, sum(units_sold), sum(amount_sold), sum(units_given_back), sum(amount_given_back) FROM holdfast_views.daily_category_sales
      GROUP BY 1, 2`,
  ],
];

describe(`daily sales after ${EVENTS} random events (seed ${SEED})`, function () {
  this.timeout(2 * BOUND_MS);
  const database = withDatabase();
  let side: ReadSide;

  before(async () => {
    side = startReadSide(database(), undefined, COMPARED);
    const head = await new RandomHistory(side.store, SEED).grow(EVENTS);
    for (const projection of COMPARED) expect(await side.runner.watch.waitFor(projection, head, BOUND_MS)).to.include({ reached: true });
  });
  after(() => side.close());

  for (const [what, bySales, byBookings] of AGREEMENTS) {
    it(`agree with the bookings: ${what}`, async () => {
      const count = async (sql: string) => Number((await side.pool.query(`SELECT count(*) AS n FROM (${sql}) AS counted`)).rows[0].n);
      expect(await count(`(${bySales}) EXCEPT (${byBookings})`), 'counted too much').to.equal(0);
      expect(await count(`(${byBookings}) EXCEPT (${bySales})`), 'counted too little').to.equal(0);
      expect(await count(bySales)).to.be.greaterThan(0);
    });
  }
});
