import type { FeedFiles } from './feed-files.ts';
import { eachRow, type TableRow } from './table.ts';

/** One call of a trip; times are seconds after the service day's noon minus twelve hours, so they may pass 24 hours. */
export interface Call {
  readonly stopId: string;
  /** Empty when the feed gives none. */
  readonly name: string;
  readonly arrival: number;
  readonly departure: number;
  readonly headsign: string;
  readonly boarding: boolean;
  readonly alighting: boolean;
}

/** A trip's calls in their order, or why the trip cannot be sold. */
export type TripCalls = { readonly calls: readonly Call[]; readonly start: number } | { readonly fault: string };

/** What is kept of a row: copies, since the row itself has all its columns. */
interface RawCall {
  readonly stopId: string;
  readonly name: string;
  readonly sequence: number;
  readonly arrival: number | null;
  readonly departure: number | null;
  readonly distance: number | null;
  readonly headsign: string;
  readonly boarding: boolean;
  readonly alighting: boolean;
}

/** GTFS: 0 = as scheduled, 1 = not available; 2 and 3 (by arrangement) count as available. */
const WAYS_TO_BOARD = ['0', '1', '2', '3'];
const NOT_AVAILABLE = '1';

/** GTFS-Flex: a call with one of these is made on demand, anywhere in an area or whenever in a window; it has no time, and maybe no stop. */
const ON_DEMAND_COLUMNS = ['location_id', 'location_group_id', 'start_pickup_drop_off_window'];
const FIXED_STOP_COLUMNS = ['arrival_time', 'departure_time', 'stop_id'];

/**
 * The calls of the wanted trips, ordered by stop_sequence. A call without times (a stop that is no
 * timepoint) gets them by interpolation, along shape_dist_traveled where every call has it, else
 * evenly. A call where passengers may neither board nor alight is left out; `start` is the first departure with those.
 * A trip with a call on demand has no departure that a seat could be sold on.
 * @throws InputError for a value that cannot be read; a trip that makes no sense is a fault of that trip alone.
 */
export function readTripCalls(
  feed: FeedFiles,
  stopNames: ReadonlyMap<string, string>,
  wanted: (tripId: string) => boolean,
): ReadonlyMap<string, TripCalls> {
  const byTrip = new Map<string, RawCall[]>();
  const onDemand = new Set<string>();
  eachRow(feed, 'stop_times.txt', requiredColumns, (row) => {
    const tripId = row.required('trip_id');
    if (!wanted(tripId)) return;
    if (ON_DEMAND_COLUMNS.some((column) => row.text(column) !== '')) {
      onDemand.add(tripId);
      return;
    }
    const calls = byTrip.get(tripId);
    if (calls === undefined) byTrip.set(tripId, [rawCall(row, stopNames)]);
    else calls.push(rawCall(row, stopNames));
  });
  const trips = new Map([...byTrip].map(([tripId, calls]) => [tripId, tripCalls(calls)]));
  for (const tripId of onDemand) trips.set(tripId, { fault: 'runs on demand, without fixed stops' });
  return trips;
}

/** A feed all of whose trips run on demand need not have the columns of fixed stops. */
function requiredColumns(has: (column: string) => boolean): readonly string[] {
  const mayHaveNone = ON_DEMAND_COLUMNS.some(has);
  return ['trip_id', ...(mayHaveNone ? [] : FIXED_STOP_COLUMNS), 'stop_sequence'];
}

function rawCall(row: TableRow, stopNames: ReadonlyMap<string, string>): RawCall {
  const stopId = row.required('stop_id');
  const name = stopNames.get(stopId);
  if (name === undefined) throw row.fault('stop_id', `stops.txt has no stop ${JSON.stringify(stopId)}`);
  const arrival = timeOf(row, 'arrival_time');
  const departure = timeOf(row, 'departure_time');
  const distance = row.text('shape_dist_traveled');
  return {
    stopId,
    name,
    sequence: row.integer('stop_sequence'),
    arrival: arrival ?? departure,
    departure: departure ?? arrival,
    distance: distance === '' || !Number.isFinite(Number(distance)) ? null : Number(distance),
    headsign: row.text('stop_headsign'),
    boarding: row.choice('pickup_type', WAYS_TO_BOARD) !== NOT_AVAILABLE,
    alighting: row.choice('drop_off_type', WAYS_TO_BOARD) !== NOT_AVAILABLE,
  };
}

function timeOf(row: TableRow, column: string): number | null {
  const text = row.text(column);
  return text === '' ? null : parseServiceTime(row, column, text);
}

/** `H:MM:SS` or `HH:MM:SS` in seconds; hours may pass 24. @throws InputError */
export function parseServiceTime(row: TableRow, column: string, text: string): number {
  const match = /^(\d{1,3}):([0-5]\d):([0-5]\d)$/.exec(text);
  if (match === null) throw row.fault(column, `${JSON.stringify(text)} is not a time such as 23:59:00`);
  return Number(match[1]) * 3_600 + Number(match[2]) * 60 + Number(match[3]);
}

function tripCalls(raw: RawCall[]): TripCalls {
  raw.sort((a, b) => a.sequence - b.sequence);
  const twice = raw.find((call, index) => raw[index + 1]?.sequence === call.sequence);
  if (twice !== undefined) return { fault: `has two calls with stop_sequence ${twice.sequence}` };
  if (raw[0]?.departure == null || raw.at(-1)?.arrival == null) return { fault: 'has no time at its first or last stop' };

  const times = interpolated(raw);
  const calls = raw.map(
    ({ stopId, name, headsign, boarding, alighting }, index): Call => ({
      stopId,
      name,
      arrival: times[index]?.arrival as number,
      departure: times[index]?.departure as number,
      headsign,
      boarding,
      alighting,
    }),
  );
  const backwards = calls.find((call, index) => call.departure < call.arrival || call.arrival < (calls[index - 1]?.departure ?? 0));
  if (backwards !== undefined) return { fault: `goes back in time at stop ${backwards.stopId}` };
  return { calls: calls.filter(({ boarding, alighting }) => boarding || alighting), start: calls[0]?.departure ?? 0 };
}

function interpolated(raw: readonly RawCall[]): readonly { arrival: number; departure: number }[] {
  const times: { arrival: number; departure: number }[] = [];
  let known = 0;
  for (const [index, { arrival, departure }] of raw.entries()) {
    if (arrival === null || departure === null) continue;
    const before = times[known];
    for (let between = known + 1; before !== undefined && between < index; between += 1) {
      const share = shareOfWay(raw, known, between, index);
      const time = Math.round(before.departure + (arrival - before.departure) * share);
      times[between] = { arrival: time, departure: time };
    }
    times[index] = { arrival, departure };
    known = index;
  }
  return times;
}

/** How much of the way from call `from` to call `to` lies before call `at`, from 0 to 1. */
function shareOfWay(raw: readonly RawCall[], from: number, at: number, to: number): number {
  const distances = raw.slice(from, to + 1).map(({ distance }) => distance);
  const [start, here, end] = [distances[0], distances[at - from], distances.at(-1)];
  const rising = distances.every((distance, index) => distance !== null && (index === 0 || distance >= (distances[index - 1] ?? distance)));
  if (!rising || start == null || here == null || end == null || end === start) return (at - from) / (to - from);
  return (here - start) / (end - start);
}
