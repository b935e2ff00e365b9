import type { CivilDate } from '../wall-clock.ts';
import type { Departure } from './departures.ts';
import type { Route } from './network.ts';
import type { Call } from './trip-calls.ts';

export interface TripOptions {
  readonly from: CivilDate;
  readonly days: number;
  readonly seatsPerTrip: number;
  /** Minor units for each stop that a passenger rides. */
  readonly pricePerStop: number;
  /** ISO 4217; null takes the feed's own. */
  readonly currency: string | null;
  /** What slot ids begin with: two feeds in one service need two. */
  readonly prefix: string;
}

/** A trip that passengers can be sold seats on. */
export interface SellableTrip {
  readonly tripId: string;
  readonly serviceId: string;
  readonly route: Route;
  readonly headsign: string;
  readonly shortName: string;
  readonly calls: readonly Call[];
  readonly departures: readonly Departure[];
}
