import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import type { LayoutInput } from '../../src/commands/schemas/layouts.ts';
import type { Service } from '../../src/main.ts';
import { type BookingBody, demand } from '../support/api.ts';
import { withDatabase } from '../support/postgres.ts';
import { startService } from '../support/service.ts';
import { sharedData } from '../support/shared-data.ts';
import { STADIUM_CATEGORIES, stadiumLayout } from '../support/stadium.ts';

const SLOTS = 50;
const SEATS = 8_564;
const BATCH = 10;
/** Copies that are made in order to see what one takes. */
const COPIES = 10;
const OPENED_WITHIN_MS = 10_000;

describe(`real input: a stadium of ${SEATS} seats as one layout`, function () {
  this.timeout(60_000);
  const database = withDatabase();
  let service: Service;
  let layout: LayoutInput;
  let layoutId: string;
  let position = '';

  before(async function () {
    layout = stadiumLayout(sharedData(this, 'seat-maps/stadium-8564.json'));
    service = await startService(database());
  });
  after(() => service?.stop());

  const pricesOf = (index: number) =>
    Object.fromEntries(STADIUM_CATEGORIES.map((category, place) => [category, 1_000 * (place + 1) + index]));

  async function open(index: number): Promise<void> {
    const startsAt = new Date(Date.now() + (index + 1) * 86_400_000).toISOString();
    const slot = {
      slotId: `match-${index}`,
      category: 'sport',
      title: `Match ${index}`,
      startsAt,
      currency: 'EUR',
      layoutId,
      prices: pricesOf(index),
    };
    await demand(201, service.url, '/slots', { body: slot });
  }

  /** A command loads the slot into memory; the best seats are chosen, so that whatever choosing needs is there as well. */
  async function hold(index: number): Promise<void> {
    const request = { body: { customerId: 'c-1', bestAvailable: { quantity: 4 } }, key: 'first' };
    const { headers } = await demand(201, service.url, `/slots/match-${index}/bookings`, request);
    position = headers.get('Holdfast-Position') ?? '';
  }

  /** @returns milliseconds that it took to open the slots. */
  async function openAndHold(from: number, to: number): Promise<number> {
    const indexes = Array.from({ length: to - from }, (_, place) => from + place);
    const startedAt = performance.now();
    await Promise.all(indexes.map(open));
    const milliseconds = performance.now() - startedAt;
    for (const index of indexes) await hold(index);
    return milliseconds;
  }

  it('is created once, whoever sends it again', async () => {
    const first = await demand<{ layoutId: string; units: number }>(201, service.url, '/layouts', { body: layout });
    const again = await demand(200, service.url, '/layouts', { body: layout });
    expect(first.body.units).to.equal(SEATS);
    expect(again.body).to.deep.equal(first.body);
    layoutId = first.body.layoutId;
  });

  it(`lets ${SLOTS} slots open on it in seconds, which share it in memory`, async () => {
    // The first slots bring the layout into memory, and all that the service warms up with; the others' growth is their own.
    await openAndHold(SLOTS, SLOTS + BATCH);
    const heap = [heapInUse()];
    let milliseconds = 0;
    for (let from = 0; from < SLOTS; from += BATCH) {
      milliseconds += await openAndHold(from, from + BATCH);
      heap.push(heapInUse());
    }
    // Now and then something else lets go of some megabytes, which the median of the batches passes over.
    const growths = heap.slice(1).map((bytes, index) => bytes - heap[index]!);
    const each = growths.sort((one, other) => one - other)[Math.floor(growths.length / 2)]! / BATCH;
    const copies = Array.from({ length: COPIES }, () => structuredClone(layout.units));
    const copy = (heapInUse() - heap.at(-1)!) / copies.length;

    console.log(
      `  ${SLOTS} slots of ${SEATS} seats opened in ${(milliseconds / 1_000).toFixed(2)} s; each takes ${(each / 1_024).toFixed(0)} KB of memory, ` +
        `all ${megabytes(each * SLOTS)} MB, where ${SLOTS} copies of the units would take ${megabytes(copy * SLOTS)} MB`,
    );
    expect(copies).to.have.lengthOf(COPIES);
    expect(milliseconds).to.be.lessThan(OPENED_WITHIN_MS);
    expect(copy, 'a copy of the units, in bytes').to.be.greaterThan(100 * SEATS);
    expect(each, 'what a slot takes of its own').to.be.lessThan(copy / 4);
  });

  it('shows on each of them all seats, at the prices of that slot, and what was held there', async () => {
    const seen = { headers: { 'Holdfast-Position': position, Prefer: 'wait=10' } };
    const ids = layout.units.map(({ unitId }) => unitId);
    for (let index = 0; index < SLOTS; index += 1) {
      const prices = pricesOf(index);
      const expected = layout.units.map(({ category }) => prices[category!]);
      const { body } = await demand<{ units: { unitId: string; price: number; status: string }[] }>(
        200,
        service.url,
        `/slots/match-${index}/seats`,
        seen,
      );
      expect(body.units).to.have.lengthOf(SEATS);
      // Compared as texts: a list of differences between thousands of seats would take minutes to make.
      expect(body.units.map(({ unitId }) => unitId).join() === ids.join(), `seats of match ${index}`).to.equal(true);
      expect(body.units.map(({ price }) => price).join() === expected.join(), `prices of match ${index}`).to.equal(true);
      const { body: held } = await demand<{ items: BookingBody[] }>(200, service.url, `/bookings?slotId=match-${index}`, seen);
      const claimed = held.items.flatMap(({ claims }) => claims.map(({ unitId }) => unitId));
      expect(claimed).to.have.lengthOf(4);
      expect(body.units.filter(({ status }) => status !== 'free').map(({ unitId, status }) => `${unitId} ${status}`)).to.have.members(
        claimed.map((unitId) => `${unitId} held`),
      );
    }
  });
});

/** Bytes of the heap after everything that nobody uses is gone. */
function heapInUse(): number {
  // Code that was compiled for other tests must not go between two measurements: it would be taken for room that was won.
  setFlagsFromString('--no-flush-bytecode');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // What finalizers let go of is collected by the later rounds.
  for (let round = 0; round < 4; round += 1) collect();
  return process.memoryUsage().heapUsed;
}

function megabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}
