import { bookings } from '../../projections/bookings/bookings.ts';
import { BOOKINGS } from '../../projections/bookings/tables.ts';
import type { LiveBuilds } from '../../projections/builds/live-builds.ts';
import { sales } from '../../projections/sales/sales.ts';
import { DAILY_SALES } from '../../projections/sales/tables.ts';
import type { FaultList } from './faults.ts';
import type { DatabaseMoment } from './snapshot.ts';

const PAGE_ROWS = 1_000;

/** What is counted twice: by the day in daily_sales, and out of the bookings themselves. */
const SUMS: Readonly<Record<string, readonly [bySales: string, byBookings: string]>> = {
  'bookings held': ['sum(bookings_held)', 'count(*)'],
  'bookings confirmed': ['sum(bookings_confirmed)', 'count(confirmed_at)'],
  'bookings expired': ['sum(bookings_expired)', "count(*) FILTER (WHERE status = 'EXPIRED')"],
  'bookings cancelled': ['sum(bookings_cancelled)', "count(*) FILTER (WHERE status = 'CANCELLED')"],
  'units sold': ['sum(units_sold - units_given_back)', "coalesce(sum(units) FILTER (WHERE status = 'CONFIRMED'), 0)"],
  'amount sold': ['sum(amount_sold - amount_given_back)', "coalesce(sum(total) FILTER (WHERE status = 'CONFIRMED'), 0)"],
};

/**
 * Compares what daily_sales adds up to, slot by slot, with the bookings, which are compared with the
 * log elsewhere. Where the two are not as of one position, nothing can be said.
 */
export async function checkSales(moment: DatabaseMoment, live: LiveBuilds, faults: FaultList): Promise<void> {
  const bySales = await live.current(sales);
  const byBookings = await live.current(bookings);
  const { same } = await moment.one<{ same: boolean }>(`SELECT ${bySales.position} = ${byBookings.position} AS same`);
  if (!same) return;
  const columns = (side: 0 | 1) => Object.values(SUMS).map((sum, index) => `${sum[side]} AS sum${index}`);
  const sql = `
    SELECT slot_id AS "slotId", array[${columnsOf('s')}]::float8[] AS said, array[${columnsOf('b')}]::float8[] AS expected
      FROM (SELECT slot_id, ${columns(0).join(', ')} FROM ${bySales.table(DAILY_SALES)} GROUP BY slot_id) AS s
      FULL JOIN (
        SELECT slot_id, ${columns(1).join(', ')} FROM (
          SELECT *, (SELECT sum((claim ->> 'quantity')::bigint) FROM jsonb_array_elements(claims) AS claim) AS units
            FROM ${byBookings.table(BOOKINGS)} WHERE status <> 'REQUESTED') AS booked
         GROUP BY slot_id) AS b USING (slot_id)
     WHERE (${columnsOf('s')}) IS DISTINCT FROM (${columnsOf('b')}) ORDER BY 1`;
  for await (const { slotId, said, expected } of moment.rows<{ slotId: string; said: readonly number[]; expected: readonly number[] }>(
    sql,
    PAGE_ROWS,
  )) {
    const differences = Object.keys(SUMS).flatMap((what, index) =>
      said[index] === expected[index]
        ? []
        : [`${what} add up to ${said[index] ?? 'nothing'}, the bookings say ${expected[index] ?? 'nothing'}`],
    );
    faults.add('read-models', `daily_sales ${slotId}`, differences.join('; '));
  }
}

function columnsOf(alias: string): string {
  return Object.keys(SUMS)
    .map((_, index) => `coalesce(${alias}.sum${index}, 0)`)
    .join(', ');
}
