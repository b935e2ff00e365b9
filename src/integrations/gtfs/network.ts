import { isTimeZone } from '../../commands/schemas/instants.ts';
import { InputError } from '../input-error.ts';
import type { FeedFiles } from './feed-files.ts';
import { primaryKey, readTable, type TableRow } from './table.ts';

export interface Route {
  readonly routeId: string;
  readonly name: string;
  /** What a customer searches for: `train`, `bus`, … */
  readonly category: string;
  /** IANA zone of the agency: the times of all its trips are in it, wherever a stop is. */
  readonly timeZone: string;
}

/** By route_type: the basic types, and the hundreds of the extended ones. */
const CATEGORIES: Readonly<Record<number, string>> = {
  0: 'tram',
  1: 'metro',
  2: 'train',
  3: 'bus',
  4: 'ferry',
  5: 'tram',
  6: 'cable-car',
  7: 'funicular',
  11: 'bus',
  12: 'monorail',
  100: 'train',
  200: 'bus',
  400: 'metro',
  700: 'bus',
  800: 'bus',
  900: 'tram',
  1000: 'ferry',
  1100: 'flight',
  1200: 'ferry',
  1300: 'cable-car',
  1400: 'funicular',
};
const OTHER_CATEGORY = 'transit';

/** The feed's routes by id. @throws InputError also for a route or an agency that is there twice, and for an agency that is not there. */
export function readRoutes(feed: FeedFiles): ReadonlyMap<string, Route> {
  const agencies = readTable(feed, 'agency.txt', ['agency_timezone']);
  // A feed of one agency may leave its id out.
  const agencyOf = primaryKey('agency_id', (row) => row.text('agency_id'));
  const zones = new Map(agencies.map((row) => [agencyOf(row), zoneOf(row)]));
  const onlyZone = [...zones.values()][0];
  if (onlyZone === undefined) throw new InputError('agency.txt names no agency');
  const routeOf = primaryKey('route_id');
  const routes = readTable(feed, 'routes.txt', ['route_id', 'route_type']).map((row): Route => {
    const routeId = routeOf(row);
    const agencyId = row.text('agency_id');
    const timeZone = agencyId === '' ? onlyZone : zones.get(agencyId);
    if (timeZone === undefined) throw row.fault('agency_id', `agency.txt has no agency ${JSON.stringify(agencyId)}`);
    const type = row.integer('route_type');
    return {
      routeId,
      name: row.text('route_long_name') || row.text('route_short_name') || routeId,
      category: CATEGORIES[type < 100 ? type : type - (type % 100)] ?? OTHER_CATEGORY,
      timeZone,
    };
  });
  return new Map(routes.map((route) => [route.routeId, route]));
}

function zoneOf(row: TableRow): string {
  const zone = row.required('agency_timezone');
  if (!isTimeZone(zone)) throw row.fault('agency_timezone', `${JSON.stringify(zone)} is not a time zone`);
  return zone;
}

/** Names of the stops by id; empty for a stop without one. @throws InputError */
export function readStopNames(feed: FeedFiles): ReadonlyMap<string, string> {
  return new Map(readTable(feed, 'stops.txt', ['stop_id']).map((row) => [row.required('stop_id'), row.text('stop_name')]));
}
