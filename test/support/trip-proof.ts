import { expect } from 'chai';
import { type BookingBody, demand } from './api.ts';
import type { Refused, Riders } from './riders.ts';
import { type Leg, legsOf, readStream, type Trip, TripLedger } from './trip-ledger.ts';

/** What the log says of a trip, folded by the tests' own ledger, and which refusals it contradicts. */
export interface ProvenTrip {
  readonly ledger: TripLedger;
  /** Refusals decided on a state in which what they say was not so. */
  readonly unjust: readonly string[];
  readonly judged: number;
}

/** Folds the log of a trip, and judges each refusal by the seats that were free at the version it was decided on. */
export async function proveTrip(url: string, trip: Trip, { refused }: Riders): Promise<ProvenTrip> {
  const ledger = new TripLedger(trip);
  const byVersion = await refusalsByVersion(url, trip.slotId, refused);
  const unjust: string[] = [];
  let judged = 0;
  for (const event of await readStream(url, trip.slotId)) {
    ledger.apply(event);
    for (const refusal of byVersion.get(event.version) ?? []) {
      judged += 1;
      if (!isJust(refusal, ledger)) unjust.push(`v${event.version}: ${JSON.stringify(refusal)}`);
    }
  }
  return { ledger, unjust, judged };
}

function isJust({ code, leg, wanted, unavailable }: Refused, ledger: TripLedger): boolean {
  if (typeof wanted === 'number') return code === 'sold-out' && ledger.freeOver(leg).length < wanted;
  const taken = wanted.map((unitId) => ({ unitId, status: ledger.statusOver(unitId, leg) })).filter(({ status }) => status !== 'free');
  return code === 'seats-taken' && taken.length > 0 && JSON.stringify(taken) === JSON.stringify(unavailable);
}

interface AttemptPage {
  readonly items: readonly { readonly attemptId: string; readonly slotVersion: number }[];
  readonly nextCursor: string | null;
}

/** The service that refused waits until all of it is on record. */
async function refusalsByVersion(url: string, slotId: string, refused: readonly Refused[]): Promise<ReadonlyMap<number, Refused[]>> {
  const versions = new Map<string, number>();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const path: string = `/audit/attempts?slotId=${slotId}&limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const { body } = await demand<AttemptPage>(200, url, path, { headers: { Prefer: 'wait=10' } });
    for (const { attemptId, slotVersion } of body.items) versions.set(attemptId, slotVersion);
    cursor = body.nextCursor;
  }
  const byVersion = new Map<number, Refused[]>();
  for (const refusal of refused) {
    const version = versions.get(refusal.attemptId) ?? Number.NaN;
    byVersion.set(version, [...(byVersion.get(version) ?? []), refusal]);
  }
  return byVersion;
}

interface SeatMap {
  readonly units: readonly { readonly unitId: string; readonly status: string }[];
}

interface Availability {
  readonly categories: readonly { readonly capacity: number; readonly free: number }[];
}

/**
 * What the views show, and what every rider was told, is what the ledger says: availability on every
 * leg, seat by seat on the legs named.
 */
export async function expectViewsToAgree(
  url: string,
  trip: Trip,
  proof: { readonly riders: Riders; readonly ledger: TripLedger; readonly seatMapsOf: readonly Leg[] },
): Promise<void> {
  const { riders, ledger, seatMapsOf } = proof;
  const seen = { headers: { 'Holdfast-Position': riders.lastPosition, Prefer: 'wait=10' } };
  const queryOf = ({ from, to }: Leg) => `fromStop=${encodeURIComponent(trip.stops[from]!)}&toStop=${encodeURIComponent(trip.stops[to]!)}`;
  for (const leg of seatMapsOf) {
    const { body } = await demand<SeatMap>(200, url, `/slots/${trip.slotId}/seats?${queryOf(leg)}`, seen);
    const expected = trip.seats.map((seat) => `${seat} ${ledger.statusOver(seat, leg)}`);
    expect(
      body.units.map(({ unitId, status }) => `${unitId} ${status}`),
      queryOf(leg),
    ).to.have.members(expected);
  }
  for (const leg of legsOf(trip)) {
    const { body } = await demand<Availability>(200, url, `/slots/${trip.slotId}/availability?${queryOf(leg)}`, seen);
    const sum = (what: 'capacity' | 'free') => body.categories.reduce((total, category) => total + category[what], 0);
    expect([sum('capacity'), sum('free')], queryOf(leg)).to.deep.equal([trip.seats.length, ledger.freeOver(leg).length]);
  }
  const summary = await demand<{ counts: { capacity: number; free: number } }>(200, url, `/slots/${trip.slotId}`, seen);
  const tightest = Math.min(
    ...legsOf(trip)
      .filter(isSegment)
      .map((leg) => ledger.freeOver(leg).length),
  );
  expect([summary.body.counts.capacity, summary.body.counts.free]).to.deep.equal([trip.seats.length, tightest]);
  for (const { bookingId, status, seats } of riders.rides.values()) {
    expect(ledger.seatsOf(bookingId), bookingId).to.have.members(seats);
    const { body } = await demand<BookingBody>(200, url, `/bookings/${bookingId}`, seen);
    expect([body.status, body.claims.map(({ unitId }) => unitId)], bookingId).to.deep.equal([status, seats]);
  }
}

export function isSegment({ from, to }: Leg): boolean {
  return to === from + 1;
}
