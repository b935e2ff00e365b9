import { expect } from 'chai';
import type { Axis, SpanRequest } from '../../src/domain/axis.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import type { FeedFollower } from '../../src/projections/memory/feed-follower.ts';
import { createMemoryQueries, type MemoryQueries } from '../../src/queries/memory/memory-queries.ts';
import { postgresRows } from '../../src/queries/memory/postgres-rows.ts';
import { SlotShelf } from '../../src/queries/memory/slot-shelf.ts';
import type { Queries } from '../../src/queries/queries.ts';
import { following } from '../support/memory-layer.ts';
import { withDatabase } from '../support/postgres.ts';
import { seeded } from '../support/random.ts';
import { RandomHistory } from '../support/random-history.ts';
import { type ReadSide, startReadSide } from '../support/read-side.ts';
import { HOUR, NOW, stops } from '../support/slot-builders.ts';

const WAIT_MS = 10_000;
const ROUNDS = 24;
const EVENTS_A_ROUND = 200;
/** Room for a few slots, so that they push each other out all the time. */
const LITTLE = 120_000;

const SPANS: Readonly<Record<Axis['type'], readonly (SpanRequest | null)[]>> = {
  whole: [null],
  stops: [null, stops(0, 1), stops(1, 3), stops(3, 1)],
  time: [
    null,
    { from: NOW + 20 * HOUR, to: NOW + 23 * HOUR },
    { from: NOW + 23 * HOUR, to: NOW + 24 * HOUR },
    { from: NOW - 40 * HOUR, to: NOW },
  ],
};

describe('memory in front of PostgreSQL', () => {
  const database = withDatabase();
  let side: ReadSide;
  const followers: FeedFollower[] = [];

  before(() => {
    side = startReadSide(database());
  });
  after(async () => {
    await Promise.all(followers.map((follower) => follower.stop()));
    await side.close();
  });

  async function memoryOf(maxBytes: number): Promise<MemoryQueries> {
    const { store, queries, pool, runner } = side;
    const now = () => NOW;
    const source = postgresRows({ database: pool, live: runner.live, now });
    const shelf = new SlotShelf({ store, source, layouts: new LayoutReader(store), log: { warn: () => undefined }, maxBytes });
    const follower = await following(store, shelf);
    followers.push(follower);
    return createMemoryQueries({ next: queries, shelf, follower, now });
  }

  /** What both say of a slot, without where it comes from. */
  async function saidOf(queries: Queries, slotId: string): Promise<unknown> {
    const summary = (await queries.slot(slotId)).value;
    const spans = SPANS[summary?.axis.type ?? 'whole'];
    const answers = spans.flatMap((span) => [queries.seats(slotId, span), queries.availability(slotId, span)]);
    return [summary, ...(await Promise.all(answers)).map((answer) => (answer.kind === 'found' ? answer.read.value : answer.kind))];
  }

  async function slotIds(): Promise<readonly string[]> {
    const { rows } = await side.pool.query<{ id: string }>('SELECT slot_id AS id FROM holdfast_views.slots ORDER BY 1');
    return rows.map(({ id }) => id);
  }

  it('says the same, whatever happens to slots that are in it, come in, or were pushed out', async function () {
    this.timeout(60_000);
    const roomy = await memoryOf(64 * 1024 * 1024);
    const little = await memoryOf(LITTLE);
    const history = new RandomHistory(side.store, 7);
    const random = seeded(7);
    let compared = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      // Some are read while it happens, so that loads and events meet; one of them may not be there yet.
      const growing = history.grow(EVENTS_A_ROUND);
      const some = [...(await slotIds()), `slot${round}`].filter(() => random() < 0.3);
      await Promise.all(some.flatMap((slotId) => [saidOf(roomy, slotId), saidOf(little, slotId)]));
      const position = await growing;
      if (round % 4 !== 0) continue;
      await side.reached(position);
      for (const slotId of await slotIds()) {
        const said = await saidOf(side.queries, slotId);
        for (const memory of [roomy, little]) {
          expect((await memory.waitForPosition('seats', position, WAIT_MS)).reached).to.equal(true);
          expect(await saidOf(memory, slotId), `${slotId} in round ${round}`).to.deep.equal(said);
          compared += 1;
        }
      }
    }

    expect(history.kinds.size, 'kinds of events').to.be.at.least(20);
    expect(compared).to.be.greaterThan(100);
    expect(roomy.readStatistics().slots).to.include({ evicted: 0, dropped: 0 });
    expect(roomy.readStatistics().memory.seats.hits).to.be.greaterThan(roomy.readStatistics().memory.seats.misses);
    expect(little.readStatistics().slots.dropped).to.equal(0);
    expect(little.readStatistics().slots.evicted).to.be.greaterThan(20);
  });
});
