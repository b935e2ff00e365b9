import { expect } from 'chai';
import { createMemoryEventStore } from '../../../src/eventstore/memory-store.ts';
import type { LayerPosition } from '../../../src/projections/redis/redis-inventory.ts';
import { rejectionOf } from '../../support/command-side.ts';
import { type ScriptedRows, scriptedRows } from '../../support/memory-layer.ts';
import { append } from '../../support/read-side.ts';
import { withOwnRedis } from '../../support/redis.ts';
import { NAMESPACE, type RedisSide, startRedisSide } from '../../support/redis-side.ts';
import { opened } from '../../support/slot-builders.ts';
import { waitUntil } from '../../support/wait-until.ts';

describe('a Redis that may take no more memory, and lets go of nothing', () => {
  const redis = withOwnRedis();
  let side: RedisSide;
  let next: ScriptedRows;
  let load: (slotId: string) => Promise<string>;
  let breaker: () => string;

  beforeEach(async () => {
    const store = createMemoryEventStore();
    next = scriptedRows(store);
    side = startRedisSide(redis().url, store);
    await side.redis.flushdb();
    await append(store, 'slot-hamlet', [opened()]);
    side.feeder();
    await side.fed();
    const { rows } = await side.layer(next);
    load = async (slotId) => (await rows.load(slotId, 0)).source;
    breaker = () => rows.statistics.breaker;
    await waitUntil('it is there', async () => (await load('hamlet')) === 'redis');
  });
  afterEach(async () => {
    await beFull(false);
    await side.close();
  });

  async function beFull(isFull: boolean): Promise<void> {
    const used = Number(/used_memory:(\d+)/.exec(await side.redis.info('memory'))?.[1]);
    await side.redis.config('SET', 'maxmemory-policy', 'noeviction', 'maxmemory', isFull ? Math.floor(used / 2) : 0);
  }

  const messageOf = async (refused: Promise<unknown>) => ((await rejectionOf(refused)) as Error).message;

  it('is not made to take slots, and keeps none by halves', async () => {
    const { epoch } = (await side.inventory.layer()) as LayerPosition;
    const absent = { slotId: 'earlier', epoch, token: '7', version: 0, position: 1, claimsFrom: 0, rows: null };
    await side.inventory.register('earlier', epoch, absent.token);
    const registration = await side.redis.hgetall(`${NAMESPACE}:inventory:b1:{earlier}`);
    await beFull(true);

    expect(await messageOf(side.inventory.register('later', epoch, '8'))).to.match(/^OOM/);
    expect(await messageOf(side.inventory.store(absent))).to.match(/^OOM/);
    expect(await side.redis.hgetall(`${NAMESPACE}:inventory:b1:{earlier}`)).to.deep.equal(registration);
    await beFull(false);
    expect(await side.inventory.store(absent)).to.equal('stored');
    const fields = await side.redis.hkeys(`${NAMESPACE}:inventory:b1:{earlier}`);
    expect(fields.sort(), 'nothing is left of the registration').to.deep.equal(['epoch', 'from', 'position', 'version']);
  });

  it('is read on, and what it does not have comes from the next layer', async () => {
    await beFull(true);
    const slotIds = Array.from({ length: 10 }, (_, n) => `nowhere-${n}`);

    expect(new Set(await Promise.all(slotIds.map(load)))).to.deep.equal(new Set(['postgres']));
    expect(next.loads.slice(1).sort()).to.deep.equal(slotIds);
    expect(breaker(), 'it answers').to.equal('closed');
    expect(await load('hamlet')).to.equal('redis');
    expect(await side.redis.keys('*nowhere*')).to.deep.equal([]);
  });
});
