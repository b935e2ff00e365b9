import { expect } from 'chai';
import type { Service } from '../../src/main.ts';
import { ask, type BookingBody, demand, type ProblemBody } from '../support/api.ts';
import { runHoldfast } from '../support/command-line.ts';
import { withDatabase } from '../support/postgres.ts';
import { Riders } from '../support/riders.ts';
import { startService } from '../support/service.ts';
import { sharedData } from '../support/shared-data.ts';
import { legsOf, type Trip } from '../support/trip-ledger.ts';
import { expectViewsToAgree, isSegment, proveTrip } from '../support/trip-proof.ts';

const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const SEATS = 16;
const PRICE_PER_STOP = 75;
const CLIENTS = 64;
const TURNS = 10;

/**
 * Trips by the local day on which they leave. By service days the calendars have 92 from Monday to
 * Friday, 50 on Saturday and 46 on Sunday; but train 198 of each weekday and train 444 of Saturday
 * leave at 24:05, which is the day after.
 */
const TRIPS_BY_LOCAL_DAY: Readonly<Record<string, number>> = {
  '2019-10-06': 0,
  '2019-10-07': 92 - 1,
  '2019-10-08': 92,
  '2019-10-09': 92,
  '2019-10-10': 92,
  '2019-10-11': 92,
  '2019-10-12': 50 + 1 - 1,
  '2019-10-13': 46 + 1,
  '2019-10-14': 0,
};

interface TripBody {
  readonly slotId: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly timeZone: string;
  readonly axis: { readonly stops: readonly { readonly stopId: string; readonly arrivesAt: string; readonly departsAt: string }[] };
}

describe(`real input: a railway's week, imported into a running service (seed ${SEED})`, function () {
  this.timeout(120_000);
  const database = withDatabase();
  let service: Service;
  /** Reads that carry it show the whole import. */
  let imported: Readonly<Record<string, string>>;

  before(async function () {
    const feed = sharedData(this, 'gtfs-caltrain');
    service = await startService(database());
    const startedAt = Date.now();
    const week = ['--from', '2019-10-07', '--days', '7', '--seats-per-trip', String(SEATS), '--price-per-stop', String(PRICE_PER_STOP)];
    const { code, stdout, stderr } = await runHoldfast(['import', 'gtfs', feed, ...week, '--url', service.url, '--json'], {});
    expect(code, stderr).to.equal(0);
    expect(JSON.parse(stdout)).to.deep.include({ opened: 556, refused: [], skippedTrips: [] });
    console.log(`  556 trips imported through the service in ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`);
    const { headers } = await demand(200, service.url, '/audit/events?limit=1');
    imported = { 'Holdfast-Position': headers.get('Holdfast-Position') ?? '', Prefer: 'wait=10' };
  });
  after(() => service?.stop());

  async function tripsOf(localDay: string): Promise<readonly TripBody[]> {
    const from = new Date(`${localDay}T00:00:00-07:00`);
    const to = new Date(from.getTime() + 24 * 3_600_000);
    const trips: TripBody[] = [];
    // Each page asks with another offset, which means the same instant.
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = new URLSearchParams({
        from: cursor === '' ? `${localDay}T00:00:00-07:00` : from.toISOString(),
        to: to.toISOString(),
        limit: '40',
      });
      if (cursor !== '') query.set('cursor', cursor);
      const { body }: { body: { items: TripBody[]; nextCursor: string | null } } = await demand(200, service.url, `/slots?${query}`, {
        headers: imported,
      });
      trips.push(...body.items);
      cursor = body.nextCursor;
    }
    expect(trips.every(({ startsAt }) => Date.parse(startsAt) >= from.getTime() && Date.parse(startsAt) < to.getTime())).to.equal(true);
    return trips;
  }

  it('is found by local days, each trip on the day on which it leaves', async () => {
    const found = new Set<string>();
    for (const [day, count] of Object.entries(TRIPS_BY_LOCAL_DAY)) {
      const trips = await tripsOf(day);
      expect(trips.length, day).to.equal(count);
      for (const { slotId } of trips) found.add(slotId);
    }
    expect(found.size).to.equal(556);
  });

  it('reads a train past midnight back with its instants and its zone', async () => {
    const { body } = await demand<TripBody>(200, service.url, '/slots/gtfs-198-20191007', { headers: imported });
    // It leaves at 24:05 of Monday's service and arrives at 25:42: Tuesday in California, seven hours behind UTC.
    expect(body).to.include({ startsAt: '2019-10-08T07:05:00Z', endsAt: '2019-10-08T08:42:00Z', timeZone: 'America/Los_Angeles' });
    expect(body.axis.stops).to.have.lengthOf(22);
    expect(body.axis.stops[0]).to.include({ stopId: '70012', departsAt: '2019-10-08T07:05:00Z' });
    expect(body.axis.stops[13]).to.include({ stopId: '70162', arrivesAt: '2019-10-08T08:04:00Z' });
    expect(body.axis.stops.at(-1)).to.include({ stopId: '70262', arrivesAt: '2019-10-08T08:42:00Z' });
    expect((await tripsOf('2019-10-08')).map(({ slotId }) => slotId)).to.include('gtfs-198-20191007');
  });

  it('sells a seat of that train from A to B and from B to C, priced by the stops, and not across them', async () => {
    const path = '/slots/gtfs-198-20191007/bookings';
    const ask1A = (key: string, fromStop: string, toStop: string) =>
      ask<BookingBody & ProblemBody & { total: object; claims: object[] }>(service.url, path, {
        body: { customerId: key, units: ['1A'], span: { fromStop, toStop }, confirm: { paymentReference: key } },
        key,
      });

    const first = await ask1A('a-b', '70012', '70042');
    const second = await ask1A('b-c', '70042', '70062');
    const across = await ask1A('across', '70032', '70052');

    expect([first.status, first.body.total]).to.deep.equal([201, { amount: 3 * PRICE_PER_STOP, currency: 'USD' }]);
    expect([second.status, second.body.total]).to.deep.equal([201, { amount: 2 * PRICE_PER_STOP, currency: 'USD' }]);
    expect(second.body.claims[0]).to.deep.include({ unitId: '1A', span: { fromStop: '70042', toStop: '70062' } });
    expect([across.status, across.body.code]).to.deep.equal([409, 'seats-taken']);
    const seen = { headers: { 'Holdfast-Position': second.headers.get('Holdfast-Position') ?? '' } };
    for (const [span, status] of [
      ['fromStop=70012&toStop=70062', 'sold'],
      ['fromStop=70062&toStop=70262', 'free'],
    ]) {
      const { body } = await demand<{ units: { unitId: string; status: string }[] }>(
        200,
        service.url,
        `${path.replace('bookings', 'seats')}?${span}`,
        seen,
      );
      expect(body.units.find(({ unitId }) => unitId === '1A')?.status, span).to.equal(status);
    }
  });

  it(`sells no seat of a train twice on any segment to ${CLIENTS} clients at once on all pairs of its stops`, async () => {
    const { body } = await demand<TripBody>(200, service.url, '/slots/gtfs-444-20191012', { headers: imported });
    const seats = Array.from({ length: SEATS }, (_, index) => `${Math.floor(index / 4) + 1}${'ABCD'[index % 4]}`);
    const train: Trip = { slotId: body.slotId, stops: body.axis.stops.map(({ stopId }) => stopId), seats };
    const riders = new Riders(service.url, train, SEED);

    await riders.rideAtOnce(CLIENTS, TURNS);

    const { ledger, unjust, judged } = await proveTrip(service.url, train, riders);
    console.log(
      `  train 444, ${train.stops.length} stops: ${riders.requests} requests on ${riders.asked.size} pairs of stops, ${riders.rides.size} booked, ` +
        `${riders.refused.length} refused; ${ledger.adjoining} times a seat was sold on from the very stop`,
    );
    expect(ledger.faults).to.deep.equal([]);
    expect(riders.asked.size).to.equal(legsOf(train).length);
    expect(ledger.adjoining).to.be.greaterThan(0);
    expect(ledger.exhausted.size).to.be.greaterThan(0);
    expect([unjust, judged]).to.deep.equal([[], riders.refused.length]);
    await expectViewsToAgree(service.url, train, { riders, ledger, seatMapsOf: legsOf(train).filter(isSegment) });
  });
});
