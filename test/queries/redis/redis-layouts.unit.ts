import { expect } from 'chai';
import type { Redis } from 'ioredis';
import type { Layout } from '../../../src/domain/layout.ts';
import { RedisGate } from '../../../src/queries/redis/redis-gate.ts';
import { RedisLayouts } from '../../../src/queries/redis/redis-layouts.ts';
import { seat } from '../../support/slot-builders.ts';

/** Six of these are more than are kept. */
const UNITS = Array.from({ length: 90_000 }, () => seat('A1'));

describe('layouts that many ask for at the same time', () => {
  const redis = { get: async () => null, set: async () => 'OK' } as unknown as Redis;
  let gate: RedisGate;
  let loads: string[];
  let letGo: () => void;
  let layouts: RedisLayouts;

  beforeEach(() => {
    loads = [];
    const released = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const load = async (layoutId: string): Promise<Layout | null> => {
      loads.push(layoutId);
      if (layoutId.startsWith('slow')) await released;
      return layoutId.endsWith('nowhere') ? null : { layoutId, name: layoutId, units: UNITS };
    };
    gate = new RedisGate(redis);
    layouts = new RedisLayouts({ redis, gate, namespace: 'holdfast:test', next: { load } });
  });
  afterEach(() => gate.close());

  it('are all had, also by who waits for one while others take up the room', async () => {
    const slow = [layouts.load('slow'), layouts.load('slow, and nowhere')];
    const others = ['l1', 'l2', 'l3', 'l4', 'l5', 'l6'];
    for (const layoutId of others) expect((await layouts.load(layoutId))?.layoutId).to.equal(layoutId);
    letGo();

    expect((await Promise.all(slow)).map((layout) => layout?.layoutId)).to.deep.equal(['slow', undefined]);
    expect(loads).to.deep.equal(['slow', 'slow, and nowhere', ...others]);
  });

  it('are loaded once, and kept as long as there is room', async () => {
    const slow = [layouts.load('slow'), layouts.load('slow')];
    letGo();
    const [first, second] = await Promise.all(slow);

    expect(second).to.equal(first);
    expect(await layouts.load('slow')).to.equal(first);
    expect(loads).to.deep.equal(['slow']);
    for (const layoutId of ['l1', 'l2', 'l3', 'l4', 'l5']) await layouts.load(layoutId);
    await layouts.load('slow');
    expect(loads).to.deep.equal(['slow', 'l1', 'l2', 'l3', 'l4', 'l5', 'slow']);
  });

  it('are asked for anew where there was none', async () => {
    for (let time = 1; time <= 2; time += 1) expect(await layouts.load('nowhere')).to.equal(null);
    expect(loads).to.deep.equal(['nowhere', 'nowhere']);
  });
});
