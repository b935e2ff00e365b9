import { expect } from 'chai';
import type { EventStore } from '../../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../../src/eventstore/memory-store.ts';
import type { FeedFollower } from '../../../src/projections/memory/feed-follower.ts';
import { SlotShelf } from '../../../src/queries/memory/slot-shelf.ts';
import type { RedisLayer } from '../../../src/queries/redis/redis-layer.ts';
import { following, type ScriptedRows, scriptedRows } from '../../support/memory-layer.ts';
import { append } from '../../support/read-side.ts';
import { withOwnRedis, withRedis } from '../../support/redis.ts';
import { madeOf, type RedisSide, startRedisSide } from '../../support/redis-side.ts';
import { claim, held, opened } from '../../support/slot-builders.ts';
import { waitUntil } from '../../support/wait-until.ts';

const HAMLET = 'slot-hamlet';
/** As in a service. */
const BOUNDS = { answerMs: 150, fillMs: 300 };

describe('a slot that hundreds ask two instances for at once', () => {
  const url = withRedis();
  let side: RedisSide;
  const followers: FeedFollower[] = [];

  afterEach(async () => {
    await Promise.all(followers.map((follower) => follower.stop()));
    await side.close();
  });

  it('is loaded once', async () => {
    const store = createMemoryEventStore();
    const next = scriptedRows(store);
    side = startRedisSide(url(), store);
    await append(store, HAMLET, [opened()]);
    side.feeder();
    await side.fed();
    const patient = { answerMs: 5_000, fillMs: 5_000 };
    const instances = [await side.layer(next, patient), await side.layer(next, patient)];
    const shelves = instances.map(
      ({ rows, layouts }) => new SlotShelf({ store, source: rows, layouts, log: { warn: () => undefined }, maxBytes: 0 }),
    );
    for (const shelf of shelves) followers.push(await following(store, shelf));
    const load = next.holdNextLoad();
    const askHundred = (shelf: SlotShelf) => Array.from({ length: 100 }, () => shelf.fill('hamlet', 0));
    const [one, other] = shelves as [SlotShelf, SlotShelf];
    const asked = askHundred(one);
    await load.hasRead;
    asked.push(...askHundred(other));
    await waitUntil('the other one waits', async () => {
      await new Promise(setImmediate);
      return instances.some(({ rows }) => rows.statistics.waited === 1);
    });
    load.letGo();
    const filled = await Promise.all(asked);

    expect(next.loads).to.have.length(1);
    expect(new Set(filled.map(({ source }) => source))).to.deep.equal(new Set(['postgres', 'redis']));
    expect(filled.every(({ slot }) => slot.version === 1)).to.equal(true);
  });
});

describe('reads while Redis', function () {
  this.timeout(30_000);
  const redis = withOwnRedis();
  let store: EventStore;
  let next: ScriptedRows;
  let side: RedisSide;
  let layer: RedisLayer;

  beforeEach(async () => {
    await redis().restart();
    store = createMemoryEventStore();
    next = scriptedRows(store);
    await append(store, HAMLET, [opened()]);
    side = startRedisSide(redis().url, store);
    side.feeder();
    await side.fed();
    layer = await side.layer(next, BOUNDS);
    await waitUntil('it is there', async () => (await load()).source === 'redis');
  });
  afterEach(async () => {
    redis().resume();
    await side.close();
  });

  /** Without Redis nothing of it waits for the machine, which has to have its turn. */
  async function load() {
    await new Promise(setImmediate);
    return layer.rows.load('hamlet', 0);
  }

  /** So many reads, one after another. @returns the longest, in milliseconds. */
  async function reads(count: number): Promise<number> {
    let longest = 0;
    for (let n = 0; n < count; n += 1) {
      await new Promise(setImmediate);
      const begun = performance.now();
      const { rows, source } = await layer.rows.load('hamlet', 0);
      longest = Math.max(longest, performance.now() - begun);
      expect([source, rows?.slot.slotId]).to.deep.equal(['postgres', 'hamlet']);
    }
    return longest;
  }

  async function heals(): Promise<void> {
    await append(store, HAMLET, held(`hamlet.${await store.headPosition()}`, [claim('A1')]));
    await waitUntil('Redis answers again', async () => (await load()).source === 'redis');
    await side.fed();
    expect(layer.rows.statistics.breaker).to.equal('closed');
    const kept = await side.held('hamlet');
    if (kept !== undefined) expect(kept).to.deep.equal(await madeOf(store, 'hamlet'));
  }

  it('is killed go on, leave it alone, and find it when it is back, empty', async () => {
    await redis().kill();
    console.log(`      killed: the longest of 100 reads took ${(await reads(100)).toFixed(1)} ms`);
    expect(layer.rows.statistics).to.include({ breaker: 'open', connected: false });
    const { failures } = layer.rows.statistics;
    await reads(20);
    expect(layer.rows.statistics.failures, 'nobody tries').to.equal(failures);
    await redis().restart();

    await heals();
  });

  it('does not answer go on, wait for it a few times only, and find it when it answers again', async () => {
    redis().pause();
    const first = await reads(10);
    const later = await reads(100);
    console.log(`      silent: the longest of the first 10 reads took ${first.toFixed(0)} ms, of 100 after them ${later.toFixed(1)} ms`);
    expect(layer.rows.statistics.breaker).to.not.equal('closed');
    expect(layer.rows.statistics.failures).to.be.within(1, 8);
    redis().resume();

    await heals();
  });

  it('comes and goes are never wrong', async () => {
    for (let time = 1; time <= 3; time += 1) {
      await redis().kill();
      await append(store, HAMLET, held(`hamlet.${time}`, [claim(`A${time}`)]));
      expect((await load()).rows?.slot.version).to.equal(1 + 2 * time);
      await redis().restart();
    }

    await heals();
  });

  it('is not there yet when they begin find it later', async () => {
    await redis().kill();
    const late = startRedisSide(redis().url, store);
    try {
      const starting = late.layer(next, BOUNDS);
      await redis().restart();
      late.feeder();
      layer = await starting;

      await heals();
    } finally {
      await late.close();
    }
  });
});
