import type { LayoutInput } from '../../commands/schemas/layouts.ts';
import { InputError } from '../input-error.ts';
import { addDays } from '../wall-clock.ts';
import { readServiceCalendar } from './calendar.ts';
import { readDepartures } from './departures.ts';
import { feedCurrency } from './feed-currency.ts';
import type { FeedFiles } from './feed-files.ts';
import { readRoutes, readStopNames } from './network.ts';
import { noAlightingAt, noBoardingAt } from './restricted-stops.ts';
import { coachLayout } from './seats.ts';
import { eachRow, primaryKey, type TableRow } from './table.ts';
import type { SellableTrip, TripOptions } from './trip.ts';
import { type Call, readTripCalls } from './trip-calls.ts';
import { MAX_METADATA, type TripSlot, tripSlot } from './trip-slot.ts';

export interface Timetable {
  /** The seats that all trips share: the body of `POST /layouts`. */
  readonly layout: LayoutInput;
  /** How many slots there will be. */
  readonly total: number;
  /** The bodies of `POST /slots`, day by day, made as they are taken. */
  slots(layoutId: string): Iterable<TripSlot>;
  /** Trips of these days that cannot be sold, each with the reason. */
  readonly skipped: readonly { readonly tripId: string; readonly reason: string }[];
}

const MIN_STOPS = 2;
const MAX_STOPS = 500;

/**
 * Turns a feed into one slot for each trip on each of its service days.
 * @throws InputError when the feed is malformed or names no currency.
 */
export function readTimetable(feed: FeedFiles, options: TripOptions): Timetable {
  const calendar = readServiceCalendar(feed);
  const dates = Array.from({ length: options.days }, (_, day) => addDays(options.from, day));
  const tripOf = primaryKey('trip_id');
  const running: TableRow[] = [];
  eachRow(feed, 'trips.txt', ['route_id', 'service_id', 'trip_id'], (row) => {
    tripOf(row);
    const serviceId = row.required('service_id');
    if (!calendar.has(serviceId)) {
      throw row.fault('service_id', `neither calendar.txt nor calendar_dates.txt has a service ${JSON.stringify(serviceId)}`);
    }
    if (dates.some((date) => calendar.runsOn(serviceId, date))) running.push(row);
  });
  const { trips, skipped } = sellableTrips(feed, running);
  const currency = options.currency ?? feedCurrency(feed);
  if (currency === null) throw new InputError('the feed does not say the currency of its fares: name it with --currency');

  const runs = dates.map((date) => ({ date, trips: trips.filter(({ serviceId }) => calendar.runsOn(serviceId, date)) }));
  return {
    layout: coachLayout(options.seatsPerTrip),
    total: runs.reduce((sum, day) => sum + day.trips.reduce((count, { departures }) => count + departures.length, 0), 0),
    *slots(layoutId) {
      for (const { date, trips: today } of runs) {
        for (const trip of today) {
          for (const departure of trip.departures) yield tripSlot({ trip, departure, date, currency, layoutId, options });
        }
      }
    },
    skipped,
  };
}

function sellableTrips(
  feed: FeedFiles,
  rows: readonly TableRow[],
): { trips: SellableTrip[]; skipped: { tripId: string; reason: string }[] } {
  const routes = readRoutes(feed);
  const wanted = new Set(rows.map((row) => row.required('trip_id')));
  const calls = readTripCalls(feed, readStopNames(feed), (tripId) => wanted.has(tripId));
  const departuresOf = readDepartures(feed);
  const trips: SellableTrip[] = [];
  const skipped: { tripId: string; reason: string }[] = [];
  for (const row of rows) {
    const tripId = row.required('trip_id');
    const route = routes.get(row.required('route_id'));
    if (route === undefined) throw row.fault('route_id', `routes.txt has no route ${JSON.stringify(row.text('route_id'))}`);
    const found = calls.get(tripId) ?? { calls: [], start: 0 };
    const fault = 'fault' in found ? found.fault : stopsFault(found.calls);
    if (fault !== null || 'fault' in found) {
      skipped.push({ tripId, reason: fault ?? '' });
      continue;
    }
    const runs = departuresOf(tripId, found.start);
    if ('fault' in runs) {
      skipped.push({ tripId, reason: runs.fault });
      continue;
    }
    trips.push({
      tripId,
      serviceId: row.required('service_id'),
      route,
      headsign: row.text('trip_headsign') || (found.calls[0]?.headsign ?? ''),
      shortName: row.text('trip_short_name'),
      calls: found.calls,
      departures: runs.departures,
    });
  }
  return { trips, skipped };
}

function stopsFault(calls: readonly Call[]): string | null {
  if (calls.length < MIN_STOPS) return `has ${calls.length} stops for passengers, and a journey needs ${MIN_STOPS}`;
  if (calls.length > MAX_STOPS) return `has ${calls.length} stops, more than the ${MAX_STOPS} that a slot may have`;
  const isTellable = Math.max(noBoardingAt(calls).length, noAlightingAt(calls).length) <= MAX_METADATA;
  return isTellable ? null : `forbids boarding or alighting at more stops than ${MAX_METADATA} characters can name`;
}
