import { expect } from 'chai';
import type { LayoutEvent } from '../../../src/domain/layout.ts';
import type { EventStore } from '../../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../../src/eventstore/memory-store.ts';
import { FeedFollower } from '../../../src/projections/memory/feed-follower.ts';
import { ViewsUnavailableError } from '../../../src/queries/answers.ts';
import { createMemoryQueries, type MemoryQueries } from '../../../src/queries/memory/memory-queries.ts';
import type { SlotRowSource } from '../../../src/queries/memory/slot-row-source.ts';
import { SlotShelf } from '../../../src/queries/memory/slot-shelf.ts';
import type { Queries } from '../../../src/queries/queries.ts';
import { rejectionOf } from '../../support/command-side.ts';
import { scriptedRows } from '../../support/memory-layer.ts';
import { append } from '../../support/read-side.ts';
import { withRedis } from '../../support/redis.ts';
import { type HeldLog, heldLog, type RedisSide, startRedisSide } from '../../support/redis-side.ts';
import { claim, held, NOW, opened, seat } from '../../support/slot-builders.ts';
import { waitUntil } from '../../support/wait-until.ts';

const HALL: readonly LayoutEvent[] = [
  { type: 'LayoutDefined', layoutId: 'hall', name: 'Hall', unitCount: 2 },
  { type: 'LayoutUnitsAdded', layoutId: 'hall', units: [seat('B1'), seat('B2')] },
  { type: 'LayoutCompleted', layoutId: 'hall' },
];

/** Views that went away with the log. */
const gone = async (): Promise<never> => {
  throw new ViewsUnavailableError('planned');
};
const NEXT: Queries = {
  slot: gone,
  slots: gone,
  availability: gone,
  seats: gone,
  booking: gone,
  bookings: gone,
  layout: gone,
  waitForPosition: async (_question, position) => ({ reached: false, position }),
};

describe('slots in Redis while the log and the views are out of reach', () => {
  const url = withRedis();
  let log: EventStore;
  let store: HeldLog;
  let side: RedisSide;
  let views: SlotRowSource;
  let feeder: { stop(): Promise<void> };
  const followers: FeedFollower[] = [];

  beforeEach(async () => {
    log = createMemoryEventStore();
    store = heldLog(log);
    side = startRedisSide(url(), store);
    await side.redis.flushdb();
    const rows = scriptedRows(store);
    views = { load: (slotId, claimsFrom) => rows.load(slotId, claimsFrom).catch(gone) };
    await append(store, 'layout-hall', HALL);
    await append(store, 'slot-hamlet', [opened({ slotId: 'hamlet', layoutId: 'hall', units: [] }), ...held('hamlet.1', [claim('B1')])]);
    feeder = side.feeder();
    await side.fed();
    const { rows: shared } = await side.layer(views);
    for (const slotId of ['hamlet', 'othello'])
      await waitUntil('it is there', async () => (await shared.load(slotId, 0)).source === 'redis');
  });
  afterEach(async () => {
    store.putOutOfReach(false);
    await Promise.all(followers.splice(0).map((follower) => follower.stop()));
    await side.close();
  });

  /** Another instance, which has nothing of it in memory. */
  async function instance(follows: boolean): Promise<MemoryQueries> {
    const { rows, layouts } = await side.layer(views);
    const shelf = new SlotShelf({ store, source: rows, layouts, log: { warn: () => undefined } });
    const follower = new FeedFollower(store, shelf);
    if (follows) {
      follower.start();
      await waitUntil('it follows', () => new Promise((resolve) => setImmediate(resolve, follower.isFollowing)));
      followers.push(follower);
    }
    return createMemoryQueries({ next: NEXT, shelf, follower, now: () => NOW, redis: rows });
  }

  async function seatsOf(queries: MemoryQueries) {
    // What is in memory waits for nothing, and the feed has to have its turn.
    await new Promise(setImmediate);
    const answer = await queries.seats('hamlet', null);
    if (answer.kind !== 'found') throw new Error(`expected a seat map, got ${answer.kind}`);
    const { value, ...about } = answer.read;
    return { about, statuses: value.units.map(({ status }) => status) };
  }

  /** Nobody feeds Redis any more, which so does not have what memory was told of. */
  async function leaveBehind(queries: MemoryQueries): Promise<void> {
    await feeder.stop();
    const position = await append(log, 'slot-hamlet', held('hamlet.2', [claim('B2')]));
    await queries.waitForPosition('seats', position, 5_000);
  }

  it('are read on with their layout, and said to be stale, by who does not follow the log yet', async () => {
    const queries = await instance(false);
    const position = await store.headPosition();
    store.putOutOfReach(true);

    expect(await seatsOf(queries)).to.deep.equal({ about: { source: 'redis', position, stale: true }, statuses: ['held', 'free'] });
    expect(await queries.slot('hamlet')).to.include({ source: 'redis', stale: true });
  });

  it('are read on with their layout, and said to be stale, as soon as the log was missed', async () => {
    const queries = await instance(true);
    const position = await store.headPosition();
    store.putOutOfReach(true);
    await waitUntil('the log is missed', async () => (await seatsOf(queries)).about.stale === true);

    expect(await seatsOf(queries)).to.deep.equal({ about: { source: 'memory', position, stale: true }, statuses: ['held', 'free'] });
    store.putOutOfReach(false);
    await leaveBehind(queries);
    await waitUntil('the log is there', async () => (await seatsOf(queries)).about.stale !== true);
    expect((await seatsOf(queries)).statuses).to.deep.equal(['held', 'held']);
  });

  it('are read as of when Redis was fed last, said to be stale, and not kept, where memory was told of more', async () => {
    const queries = await instance(true);
    const position = await store.headPosition();
    await leaveBehind(queries);
    store.putOutOfReach(true);

    for (let time = 1; time <= 2; time += 1)
      expect(await seatsOf(queries)).to.deep.equal({ about: { source: 'redis', position, stale: true }, statuses: ['held', 'free'] });
    store.putOutOfReach(false);
    expect((await seatsOf(queries)).statuses).to.deep.equal(['held', 'held']);
  });

  it('are brought up to what memory was told of, as long as the log is there', async () => {
    const queries = await instance(true);
    await leaveBehind(queries);

    const { about, statuses } = await seatsOf(queries);
    expect(statuses).to.deep.equal(['held', 'held']);
    expect(about).to.include({ source: 'redis', position: await store.headPosition() });
    expect(about).to.not.have.property('stale');
  });

  it('that are kept as not there are not said to be missing', async () => {
    const queries = await instance(true);
    expect((await queries.slot('othello')).value).to.equal(null);
    const other = await instance(true);
    store.putOutOfReach(true);

    for (const question of [async () => other.slot('othello'), async () => other.seats('othello', null)]) {
      expect(['ViewsUnavailableError', 'StoreUnavailableError']).to.include(((await rejectionOf(question())) as Error).name);
    }
  });

  it('that are not there cannot be read', async () => {
    const queries = await instance(true);
    store.putOutOfReach(true);

    expect(await rejectionOf(Promise.resolve(queries.seats('macbeth', null)))).to.be.an.instanceOf(ViewsUnavailableError);
  });

  it('are read within a moment when the log does not answer at all', async () => {
    const queries = await instance(true);
    await leaveBehind(queries);
    const read = store.holdNextRead();
    const begun = performance.now();
    const { about } = await seatsOf(queries);
    console.log(`      answered after ${Math.round(performance.now() - begun)} ms`);
    read.letGo();

    expect(about).to.include({ source: 'redis', stale: true });
  });
});
