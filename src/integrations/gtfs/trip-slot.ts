import { formatInstant } from '../../commands/schemas/instants.ts';
import type { OpenSlotInput } from '../../commands/schemas/slots.ts';
import { type CivilDate, compactDate, instantOfWallClock } from '../wall-clock.ts';
import type { Departure } from './departures.ts';
import { noAlightingAt, noBoardingAt } from './restricted-stops.ts';
import { SEAT_CATEGORY } from './seats.ts';
import { tripSlotId } from './slot-id.ts';
import type { SellableTrip, TripOptions } from './trip.ts';

interface TripRun {
  readonly trip: SellableTrip;
  readonly departure: Departure;
  /** The service day, which a train after midnight still belongs to. */
  readonly date: CivilDate;
  readonly currency: string;
  readonly layoutId: string;
  readonly options: TripOptions;
}

const NOON_SECONDS = 12 * 3_600;
const MAX_TITLE = 300;
export const MAX_METADATA = 500;
const MAX_REFERENCE = 64;

export type TripSlot = OpenSlotInput & { readonly slotId: string };

/** One trip on one day as the body of `POST /slots`. */
export function tripSlot(run: TripRun): TripSlot {
  const { trip, date, options } = run;
  const stops = callsAt(run);
  const day = compactDate(date);
  const last = stops.at(-1);
  return {
    slotId: tripSlotId(options.prefix, trip.tripId, run.departure.suffix === '' ? day : `${day}-${run.departure.suffix}`),
    category: trip.route.category,
    title: titleOf(trip, last?.name ?? last?.stopId ?? ''),
    timeZone: trip.route.timeZone,
    currency: run.currency,
    ...(trip.tripId.length <= MAX_REFERENCE ? { reference: trip.tripId } : {}),
    metadata: metadataOf(trip, day),
    axis: { type: 'stops', stops },
    layoutId: run.layoutId,
    prices: { [SEAT_CATEGORY]: options.pricePerStop },
    policy: { acceptPast: true },
  };
}

/**
 * GTFS counts times from noon minus twelve hours of the service day in the agency's zone, which is
 * midnight but on the days when clocks change. Every stop is given in that zone, whatever its own.
 */
function callsAt({ trip, departure, date }: TripRun) {
  const origin = instantOfWallClock(date, 12, 0, trip.route.timeZone) - NOON_SECONDS * 1_000 + departure.shift * 1_000;
  const used = new Set<string>();
  return trip.calls.map(({ stopId, name, arrival, departure: leaves }) => ({
    stopId: uniqueStopId(stopId, used),
    ...(name === '' ? {} : { name }),
    arrivesAt: formatInstant(origin + arrival * 1_000),
    departsAt: formatInstant(origin + leaves * 1_000),
  }));
}

/** The second call at a stop is `id~2`, the third `id~3`. */
function uniqueStopId(stopId: string, used: Set<string>): string {
  let unique = stopId;
  for (let call = 2; used.has(unique); call += 1) unique = `${stopId}~${call}`;
  used.add(unique);
  return unique;
}

function titleOf(trip: SellableTrip, lastStop: string): string {
  const line = [trip.route.name, trip.shortName].filter((part) => part !== '').join(' ');
  return `${line} to ${trip.headsign || lastStop}`.slice(0, MAX_TITLE);
}

/** The engine sells between any two stops; where a timetable forbids boarding or alighting, the slot says so here. */
function metadataOf(trip: SellableTrip, day: string): Record<string, string> {
  const entries: [string, string][] = [
    ['tripId', trip.tripId],
    ['routeId', trip.route.routeId],
    ['serviceId', trip.serviceId],
    ['serviceDay', day],
    ['noBoardingAt', noBoardingAt(trip.calls)],
    ['noAlightingAt', noAlightingAt(trip.calls)],
  ];
  return Object.fromEntries(entries.filter(([, value]) => value !== '').map(([key, value]) => [key, value.slice(0, MAX_METADATA)]));
}
