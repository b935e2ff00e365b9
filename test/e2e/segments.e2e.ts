import { expect } from 'chai';
import type { Service } from '../../src/main.ts';
import { demand } from '../support/api.ts';
import { withDatabase } from '../support/postgres.ts';
import { Riders } from '../support/riders.ts';
import { startService } from '../support/service.ts';
import { legsOf, type Trip } from '../support/trip-ledger.ts';
import { expectViewsToAgree, type ProvenTrip, proveTrip } from '../support/trip-proof.ts';

const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const STOPS = 12;
const SEATS = 16;
const CLIENTS = 64;
const TURNS = 12;
const HOUR_MS = 3_600_000;

describe(`a trip of ${STOPS} stops and ${SEATS} seats, ridden by ${CLIENTS} clients at once (seed ${SEED})`, function () {
  this.timeout(60_000);
  const database = withDatabase();
  const trip: Trip = {
    slotId: 'coast-line',
    stops: Array.from({ length: STOPS }, (_, index) => `stop-${index}`),
    seats: Array.from({ length: SEATS }, (_, index) => `${Math.floor(index / 4) + 1}${'ABCD'[index % 4]}`),
  };
  let service: Service;
  let riders: Riders;
  let proven: ProvenTrip;

  before('let them ride', async () => {
    service = await startService(database());
    await demand(201, service.url, '/slots', { body: slotOf(trip) });
    riders = new Riders(service.url, trip, SEED);
    await riders.rideAtOnce(CLIENTS, TURNS);
    proven = await proveTrip(service.url, trip, riders);
  });
  after(() => service?.stop());

  it('sells no seat twice on any segment', () => {
    const { ledger } = proven;
    expect(ledger.faults).to.deep.equal([]);
    console.log(
      `  ${riders.requests} requests on ${riders.asked.size} legs: ${riders.rides.size} booked, ${riders.refused.length} refused; ` +
        `${ledger.adjoining} times a seat was sold on from the very stop, ${ledger.resold} seat segments sold again after they were given back`,
    );
  });

  it('sells a seat from A to B and again from B to C', () => {
    expect(proven.ledger.adjoining).to.be.greaterThan(0);
    expect(proven.ledger.resold).to.be.greaterThan(0);
  });

  it('is asked for on all legs, and full on some segments', () => {
    expect(riders.asked.size).to.equal(legsOf(trip).length);
    expect(proven.ledger.exhausted.size).to.be.greaterThan(0);
  });

  it('refuses only what was not free when it was decided', () => {
    expect(proven.judged).to.equal(riders.refused.length).and.to.be.greaterThan(CLIENTS);
    expect(proven.unjust).to.deep.equal([]);
  });

  it('shows on every leg what the log says of it, and to every rider what was answered', async () => {
    await expectViewsToAgree(service.url, trip, { riders, ledger: proven.ledger, seatMapsOf: legsOf(trip) });
  });
});

function slotOf({ slotId, stops, seats }: Trip) {
  const tomorrow = Date.now() + 24 * HOUR_MS;
  const at = (index: number) => new Date(tomorrow + index * HOUR_MS).toISOString();
  return {
    slotId,
    category: 'train',
    title: 'Coast Line',
    currency: 'EUR',
    axis: { type: 'stops', stops: stops.map((stopId, index) => ({ stopId, arrivesAt: at(index), departsAt: at(index) })) },
    units: seats.map((seat) => ({
      unitId: seat,
      row: seat.slice(0, -1),
      number: seat.slice(-1),
      category: 'seat',
      price: 150,
      priceBasis: 'stop',
    })),
  };
}
