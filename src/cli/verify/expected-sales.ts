import type { Booking } from '../../domain/slot/booking.ts';
import type { FaultList } from './faults.ts';

/** What the days of a slot add up to: what became of its bookings, and what is sold of it by now. */
export interface SalesSums {
  readonly bookingsHeld: number;
  readonly bookingsConfirmed: number;
  readonly bookingsExpired: number;
  readonly bookingsCancelled: number;
  readonly unitsSold: number;
  readonly amountSold: number;
}

const NOTHING: SalesSums = {
  bookingsHeld: 0,
  bookingsConfirmed: 0,
  bookingsExpired: 0,
  bookingsCancelled: 0,
  unitsSold: 0,
  amountSold: 0,
};

/** Each sum in words, and how it is made of the columns of `daily_sales`. */
const SUMS: Readonly<Record<keyof SalesSums, readonly [inWords: string, bySql: string]>> = {
  bookingsHeld: ['bookings held', 'sum(bookings_held)'],
  bookingsConfirmed: ['bookings confirmed', 'sum(bookings_confirmed)'],
  bookingsExpired: ['bookings expired', 'sum(bookings_expired)'],
  bookingsCancelled: ['bookings cancelled', 'sum(bookings_cancelled)'],
  unitsSold: ['units sold', 'sum(units_sold - units_given_back)'],
  amountSold: ['amount sold', 'sum(amount_sold - amount_given_back)'],
};

/** The sums of each slot with rows there, in the order of the slots. @param table `daily_sales` of a build. */
export function salesSumsQuery(table: string): string {
  const sums = Object.entries(SUMS).map(([name, [, sql]]) => `${sql}::float8 AS "${name}"`);
  return `SELECT slot_id AS "slotId", ${sums.join(', ')} FROM ${table} GROUP BY slot_id ORDER BY slot_id`;
}

/** @param bookings all that the slot ever had, as they are now. */
export function salesOf(bookings: readonly Booking[]): SalesSums {
  const sums = { ...NOTHING };
  for (const { status, confirmedAt, claims } of bookings) {
    sums.bookingsHeld += 1;
    if (confirmedAt !== null) sums.bookingsConfirmed += 1;
    if (status === 'EXPIRED') sums.bookingsExpired += 1;
    if (status === 'CANCELLED') sums.bookingsCancelled += 1;
    if (status !== 'CONFIRMED') continue;
    for (const { quantity, amount } of claims) {
      sums.unitsSold += quantity;
      sums.amountSold += amount;
    }
  }
  return sums;
}

/** @param said what the read model has of the slot; undefined when it has nothing. */
export function compareSales(
  slotId: string,
  expected: SalesSums,
  said: Readonly<Record<string, unknown>> | undefined,
  faults: FaultList,
): void {
  const differences = (Object.keys(SUMS) as (keyof SalesSums)[]).flatMap((name) => {
    const [inWords] = SUMS[name];
    const sum = said?.[name] ?? 0;
    return sum === expected[name] ? [] : [`${inWords} add up to ${sum}, the bookings say ${expected[name]}`];
  });
  if (differences.length > 0) faults.add('read-models', `daily_sales ${slotId}`, differences.join('; '));
}
