import { expect } from 'chai';
import { CATALOGUE } from '../../src/eventstore/catalogue/codec.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import type { FeedFollower } from '../../src/projections/memory/feed-follower.ts';
import { postgresRows } from '../../src/queries/memory/postgres-rows.ts';
import { SlotShelf } from '../../src/queries/memory/slot-shelf.ts';
import { following } from '../support/memory-layer.ts';
import { withDatabase } from '../support/postgres.ts';
import { RandomHistory } from '../support/random-history.ts';
import { ALL_PROJECTIONS } from '../support/read-side.ts';
import { expectEqualToReplay, expectSameRows, openRebuiltSide, type RebuiltSide } from '../support/rebuilt-side.ts';
import { withRedis } from '../support/redis.ts';
import { byKeys, type RedisSide, startRedisSide } from '../support/redis-side.ts';
import { NOW } from '../support/slot-builders.ts';

/** Events of the history; `npm run verify:reads` asks for 200,000. */
const EVENTS = Number(process.env.HOLDFAST_HISTORY_EVENTS ?? 5_000);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const BOUND_MS = 60_000 + EVENTS * 3;
/** The history grows in so many steps; after each, slots that it has opened meanwhile come into memory and into Redis. */
const STEPS = 20;
const ROOMY = 4 * 1024 ** 3;

describe(`read models that are rebuilt after ${EVENTS} random events (seed ${SEED})`, function () {
  this.timeout(3 * BOUND_MS);
  const database = withDatabase();
  let side: RebuiltSide;
  let history: RandomHistory;
  let memory: SlotShelf;
  let follower: FeedFollower;
  const builds = new Map<string, number>();

  function shelf(): SlotShelf {
    const { store, pool, runner } = side;
    const source = postgresRows({ database: pool, live: runner.live, now: () => NOW });
    return new SlotShelf({ store, source, layouts: new LayoutReader(store), log: { warn: () => undefined }, maxBytes: ROOMY });
  }

  before(async () => {
    side = await openRebuiltSide(database(), BOUND_MS);
    side.runner.start();
    history = new RandomHistory(side.store, SEED);
    memory = shelf();
    follower = await following(side.store, memory);
    for (let step = 0; step < STEPS; step += 1) {
      await history.grow(EVENTS / STEPS);
      // From here on all that memory has of them comes from the feed.
      for (const slotId of history.slotIds) if (memory.get(slotId) === undefined) await memory.fill(slotId, NOW);
    }
    expect((await follower.waitFor(await side.store.headPosition(), BOUND_MS)).reached).to.equal(true);
  });
  after(async () => {
    await follower?.stop();
    await side?.close();
  });

  it('are about events of every kind', () => {
    expect([...history.kinds.keys()]).to.have.members([...CATALOGUE.keys()]);
  });

  for (const projection of ALL_PROJECTIONS) {
    const { name } = projection;
    it(`equal the live ones row by row: ${name}`, async () => {
      await side.untilLiveHasAll(name);
      const { build } = await side.operations.rebuild(name, 'test');
      builds.set(name, build);
      const made = await side.untilIn('caught-up', name, build);

      expect(made.comparison).to.deep.include({ verdict: 'equal', position: await side.store.headPosition() });
      await expectSameRows(side, projection, 1, build);
    });
  }

  describe('and switched to', () => {
    before(async () => {
      for (const [name, build] of builds) await side.operations.switchTo(name, 'test', { build });
      await side.runner.live.refresh();
    });

    it('are what is read', async () => {
      expect(builds.size).to.equal(ALL_PROJECTIONS.length);
      for (const [name, build] of builds) expect((await side.runner.live.current({ name })).build, name).to.equal(build);
    });

    it('equal what the aggregates come to when they are replayed', () => expectEqualToReplay(side));

    it('fill memory with what the feed has made there', async () => {
      const filled = shelf();
      for (const slotId of history.slotIds) {
        const { slot } = await filled.fill(slotId, NOW);
        expect(byKeys(slot.rows), slotId).to.deep.equal(byKeys(memory.get(slotId)?.rows ?? null));
      }
      expect(memory.counts).to.deep.include({ slots: history.slotIds.length, evicted: 0, dropped: 0 });
    });
  });
});

describe(`Redis over a rebuild after ${EVENTS} random events (seed ${SEED})`, function () {
  this.timeout(3 * BOUND_MS);
  const database = withDatabase();
  const url = withRedis();
  let side: RebuiltSide;
  let redis: RedisSide;

  before(async () => {
    side = await openRebuiltSide(database(), BOUND_MS, [{ current: inventory }]);
    side.runner.start();
    redis = startRedisSide(url(), side.store);
    await redis.redis.flushdb();
  });
  after(async () => {
    await redis?.close();
    await side?.close();
  });

  it('has of the new build what the feed has made of the old one', async () => {
    const { store, pool, runner, operations } = side;
    const next = postgresRows({ database: pool, live: runner.live, now: () => NOW });
    const { rows } = await redis.layer(next);
    const history = new RandomHistory(store, SEED);
    redis.feeder(1);
    for (let step = 0; step < STEPS; step += 1) {
      await history.grow(EVENTS / STEPS);
      await side.untilLiveHasAll(inventory.name);
      for (const slotId of history.slotIds) if ((await redis.held(slotId)) === undefined) await rows.load(slotId, 0);
    }
    await redis.fed(1);
    const fed = new Map<string, Awaited<ReturnType<RedisSide['held']>>>();
    for (const slotId of history.slotIds) fed.set(slotId, await redis.held(slotId));

    const { build } = await operations.rebuild(inventory.name, 'test', true);
    await side.untilIn('caught-up', inventory.name, build);
    while ((await runner.live.current(inventory)).build !== build) await runner.live.refresh();
    redis.read(build);
    redis.feeder(build);
    await redis.fed(build);
    for (const [slotId, before] of fed) {
      expect((await rows.load(slotId, 0)).source, slotId).to.equal('postgres');
      expect(before, slotId).not.to.be.oneOf([undefined, null]);
      expect(await redis.held(slotId), slotId).to.deep.equal(before);
      expect((await rows.load(slotId, 0)).source, slotId).to.equal('redis');
    }
    expect(fed.size).to.equal(history.slotIds.length);
  });
});
