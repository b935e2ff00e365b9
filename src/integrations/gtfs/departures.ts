import type { FeedFiles } from './feed-files.ts';
import { readOptionalTable, type TableRow } from './table.ts';
import { parseServiceTime } from './trip-calls.ts';

/** One run of a trip on a service day. */
export interface Departure {
  /** Seconds to add to the trip's times. */
  readonly shift: number;
  /** Tells the runs of one trip on one day apart; empty for a trip that runs once. */
  readonly suffix: string;
}

/** The runs of a trip by frequencies.txt, or why they cannot be sold. */
export type TripDepartures = { readonly departures: readonly Departure[] } | { readonly fault: string };

const ONCE: TripDepartures = { departures: [{ shift: 0, suffix: '' }] };
const SECONDS_A_DAY = 86_400;

interface Frequency {
  readonly row: TableRow;
  readonly start: number;
  readonly end: number;
  readonly headway: number;
  readonly exact: boolean;
}

/**
 * Answers the runs of a trip, given its first departure. Trips with exact_times = 1 are expanded to
 * one run each headway; trips that merely promise "every ten minutes" have no departure that a seat
 * could be sold on, and are refused.
 * @throws InputError for a value that cannot be read; the answer throws it for a departure that is made twice.
 */
export function readDepartures(feed: FeedFiles): (tripId: string, firstDeparture: number) => TripDepartures {
  const byTrip = new Map<string, Frequency[]>();
  for (const row of readOptionalTable(feed, 'frequencies.txt', ['trip_id', 'start_time', 'end_time', 'headway_secs']) ?? []) {
    const tripId = row.required('trip_id');
    const frequencies = byTrip.get(tripId);
    if (frequencies === undefined) byTrip.set(tripId, [frequencyOf(row)]);
    else frequencies.push(frequencyOf(row));
  }
  return (tripId, firstDeparture) => {
    const frequencies = byTrip.get(tripId);
    if (frequencies === undefined) return ONCE;
    if (frequencies.some(({ exact }) => !exact)) return { fault: 'runs at intervals without exact departure times (frequencies.txt)' };
    return { departures: departuresOf(frequencies, firstDeparture) };
  };
}

function frequencyOf(row: TableRow): Frequency {
  const headway = row.integer('headway_secs');
  if (headway === 0) throw row.fault('headway_secs', 'must be more than 0');
  const end = parseServiceTime(row, 'end_time', row.required('end_time'));
  // Bounds the expansion: a service day ends before the one after next begins.
  if (end > 3 * SECONDS_A_DAY) throw row.fault('end_time', 'is more than three days after the service day began');
  const start = parseServiceTime(row, 'start_time', row.required('start_time'));
  return { row, start, end, headway, exact: row.choice('exact_times', ['0', '1']) === '1' };
}

/** Windows may overlap, as long as no departure is in two of them: there would be one slot for both. */
function departuresOf(frequencies: readonly Frequency[], firstDeparture: number): Departure[] {
  const lines = new Map<number, number>();
  const departures: Departure[] = [];
  for (const { row, start, end, headway } of frequencies) {
    for (let time = start; time < end; time += headway) {
      const parts = [Math.floor(time / 3_600), Math.floor(time / 60) % 60, time % 60].map((part) => String(part).padStart(2, '0'));
      const line = lines.get(time);
      if (line !== undefined) throw row.fault('start_time', `the departure at ${parts.join(':')} is made by line ${line} already`);
      lines.set(time, row.line);
      departures.push({ shift: time - firstDeparture, suffix: parts.join('') });
    }
  }
  return departures;
}
