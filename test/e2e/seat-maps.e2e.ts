import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Service } from '../../src/main.ts';
import { ask, type BookingBody, demand, type ProblemBody } from '../support/api.ts';
import { runHoldfast } from '../support/command-line.ts';
import { type FoundSeats, searchSeats } from '../support/found-seats.ts';
import { withDatabase } from '../support/postgres.ts';
import { startService } from '../support/service.ts';
import { sharedData } from '../support/shared-data.ts';

const FILES = ['off_1.json', 'seat_map_qantas.json', 'seat_map_with_restricted_seat_general.json'] as const;

interface Flight {
  readonly slotId: string;
  readonly metadata: { readonly seatMapId: string };
  readonly counts: { readonly capacity: number; readonly free: number; readonly blocked: number };
}

interface Seat {
  readonly unitId: string;
  readonly price: number;
  readonly status: string;
}

describe('real input: three files of airline seat maps, imported into a running service', function () {
  this.timeout(60_000);
  const database = withDatabase();
  let service: Service;
  let flights: readonly Flight[];
  const maps = new Map<string, FoundSeats>();

  before(async function () {
    const paths = FILES.map((file) => sharedData(this, `seat-maps/${file}`));
    service = await startService(database());
    for (const path of paths) {
      const { code, stderr } = await runHoldfast(['import', 'seat-map', path, '--url', service.url, '--json'], {});
      expect(code, stderr).to.equal(0);
      for (const map of [JSON.parse(readFileSync(path, 'utf8'))].flat() as { id: string }[]) maps.set(map.id, searchSeats(map));
    }
    const { headers } = await demand(200, service.url, '/audit/events?limit=1');
    const seen = { 'Holdfast-Position': headers.get('Holdfast-Position') ?? '', Prefer: 'wait=10' };
    flights = (await demand<{ items: Flight[] }>(200, service.url, '/slots?category=flight', { headers: seen })).body.items;
  });
  after(() => service?.stop());

  const seatsOf = async (slotId: string) => (await demand<{ units: Seat[] }>(200, service.url, `/slots/${slotId}/seats`)).body.units;

  it('are four flights', () => {
    expect(flights.map(({ metadata }) => metadata.seatMapId)).to.have.members([...maps.keys()]);
    expect(maps.size).to.equal(4);
  });

  it('have every seat that a file sells on sale at its price, and all others blocked', async () => {
    for (const { slotId, metadata, counts } of flights) {
      const { seats, prices, restricted } = maps.get(metadata.seatMapId)!;
      const units = await seatsOf(slotId);
      expect(units).to.have.lengthOf(seats.length + restricted);
      const onSale = units.filter(({ status }) => status === 'free');
      expect(new Map(onSale.map(({ unitId, price }) => [unitId, price]))).to.deep.equal(prices);
      expect(units.filter(({ status }) => status === 'blocked')).to.have.lengthOf(seats.length - prices.size + restricted);
      expect(counts).to.include({ capacity: units.length, free: prices.size, blocked: units.length - prices.size });
      console.log(
        `  ${metadata.seatMapId}: ${units.length} seats, ${prices.size} on sale, ${counts.blocked} blocked (${restricted} restricted)`,
      );
    }
  });

  it('sell each of their seats once, and no blocked one', async () => {
    for (const { slotId } of flights) {
      const units = await seatsOf(slotId);
      const [first] = units.filter(({ status }) => status === 'free');
      const blocked = units.find(({ status }) => status === 'blocked')!;
      const book = (unitId: string, key: string) =>
        ask<BookingBody & ProblemBody & { total: { amount: number }; unavailable?: unknown }>(service.url, `/slots/${slotId}/bookings`, {
          body: { customerId: key, units: [unitId] },
          key,
        });

      const [sold, again, refused] = [
        await book(first!.unitId, 'one'),
        await book(first!.unitId, 'two'),
        await book(blocked.unitId, 'three'),
      ];

      expect([sold.status, sold.body.total.amount]).to.deep.equal([201, first!.price]);
      expect([again.status, again.body.unavailable]).to.deep.equal([409, [{ unitId: first!.unitId, status: 'held' }]]);
      expect([refused.status, refused.body.unavailable]).to.deep.equal([409, [{ unitId: blocked.unitId, status: 'blocked' }]]);
    }
  });
});
