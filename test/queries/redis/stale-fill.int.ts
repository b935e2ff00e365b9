import { expect } from 'chai';
import { createMemoryEventStore } from '../../../src/eventstore/memory-store.ts';
import type { SourcedRows } from '../../../src/queries/memory/slot-row-source.ts';
import type { RedisRows } from '../../../src/queries/redis/redis-rows.ts';
import { type ScriptedRows, scriptedRows, withSpoiltLayouts } from '../../support/memory-layer.ts';
import { append } from '../../support/read-side.ts';
import { withRedis } from '../../support/redis.ts';
import { type HeldLog, heldLog, madeOf, NAMESPACE, type RedisSide, startRedisSide } from '../../support/redis-side.ts';
import { claim, confirmed, held, opened, seat } from '../../support/slot-builders.ts';

const HAMLET = 'slot-hamlet';
const KEY = `${NAMESPACE}:inventory:b1:{hamlet}`;
const A1 = [claim('A1')];
const A2 = [claim('A2')];

describe('a slot on its way into Redis that is overtaken', () => {
  const url = withRedis();
  let store: HeldLog;
  let next: ScriptedRows;
  let side: RedisSide;
  let rows: RedisRows;
  let feeder: { stop(): Promise<void> };

  beforeEach(async () => {
    store = heldLog(createMemoryEventStore());
    next = scriptedRows(store);
    side = startRedisSide(url(), store);
    await side.redis.flushdb();
    ({ rows } = await side.layer(next));
    feeder = side.feeder();
    await append(store, HAMLET, [opened()]);
    await side.fed();
  });
  afterEach(() => side.close());

  const now = () => madeOf(store, 'hamlet');

  /** A fill that has read everything it needs, and has stored nothing of it yet. */
  async function pausedFill(): Promise<{ finish(): Promise<SourcedRows> }> {
    const read = store.holdNextRead();
    const filled = rows.load('hamlet', 0);
    await read.hasRead;
    return {
      finish: () => {
        read.letGo();
        return filled;
      },
    };
  }

  it('by events that Redis is fed meanwhile leaves no old value there', async () => {
    const fill = await pausedFill();
    await append(store, HAMLET, held('hamlet.1', A1));
    await side.fed();
    await fill.finish();

    expect(await side.held('hamlet')).to.deep.equal(await now());
    await append(store, HAMLET, [...held('hamlet.2', A2), confirmed('hamlet.1', A1)]);
    await side.fed();
    expect(await side.held('hamlet')).to.deep.equal(await now());
    expect(next.loads).to.have.length(1);
  });

  it('by events that were fed before it began, and that the views do not have yet, has them too', async () => {
    next.standAt(1);
    await append(store, HAMLET, held('hamlet.1', A1));
    await side.fed();
    await rows.load('hamlet', 0);

    expect(await side.held('hamlet')).to.deep.equal(await now());
  });

  for (const [what, happens] of [
    ['after its registration ran out', () => side.redis.del(KEY)],
    ['after Redis was emptied', () => side.redis.flushdb()],
    ['after Redis let go of the registration and of the position', () => side.redis.del(KEY, `${NAMESPACE}:inventory:b1:position`)],
  ] as const)
    it(`${what} is not stored any more`, async () => {
      const fill = await pausedFill();
      await happens();
      await append(store, HAMLET, held('hamlet.1', A1));
      await side.fed();
      const { rows: loaded } = await fill.finish();

      expect(loaded?.slot.slotId, 'for who asked').to.equal('hamlet');
      expect(await side.held('hamlet')).to.equal(undefined);
      await rows.load('hamlet', 0);
      expect(await side.held('hamlet')).to.deep.equal(await now());
    });

  it('by another one that took its place does not touch what that one stored', async () => {
    const fill = await pausedFill();
    await side.redis.del(KEY);
    await append(store, HAMLET, held('hamlet.1', A1));
    await side.fed();
    await (await side.layer(next)).rows.load('hamlet', 0);
    const stored = await side.held('hamlet');
    expect(stored).to.deep.equal(await now());
    await fill.finish();

    expect(await side.held('hamlet')).to.deep.equal(stored);
  });

  it('by its opening is not kept as a slot that is not there', async () => {
    const read = store.holdNextRead();
    const filled = rows.load('othello', 0);
    await read.hasRead;
    await append(store, 'slot-othello', [opened({ slotId: 'othello' })]);
    await side.fed();
    read.letGo();
    await filled;

    expect((await side.held('othello'))?.slot.version).to.equal(1);
  });

  it('by a change of who feeds Redis, which lost track, is read by nobody', async () => {
    const fill = await pausedFill();
    await feeder.stop();
    await append(store, HAMLET, held('hamlet.1', A1));
    // Redis lets go of the position, which only the feeder that is gone knew as well.
    await side.redis.del(`${NAMESPACE}:inventory:b1:position`);
    side.feeder();
    await side.fed();
    await fill.finish();

    expect(await side.held('hamlet')).to.equal(undefined);
    await rows.load('hamlet', 0);
    expect(await side.held('hamlet')).to.deep.equal(await now());
  });
});

describe('a fill that never ends', () => {
  const url = withRedis();

  it('is replaced when its registration has run out', async () => {
    const store = heldLog(createMemoryEventStore());
    const side = startRedisSide(url(), store);
    try {
      const next = scriptedRows(store);
      side.feeder();
      await append(store, HAMLET, [opened()]);
      await side.fed();
      const load = next.holdNextLoad();
      const stuck = (await side.layer(next)).rows.load('hamlet', 0);
      await load.hasRead;
      expect(await side.redis.pttl(KEY)).to.be.within(1, 5_000);
      // Nobody waits for it for long, and nobody else stores anything meanwhile.
      await (await side.layer(next)).rows.load('hamlet', 0);
      expect(await side.held('hamlet')).to.equal(undefined);
      await side.redis.pexpire(KEY, 1);
      await (await side.layer(next)).rows.load('hamlet', 0);
      expect((await side.held('hamlet'))?.slot.version).to.equal(1);
      load.letGo();
      await stuck;
    } finally {
      await side.close();
    }
  });
});

describe('a slot on a layout that cannot be read', () => {
  const url = withRedis();

  it('is answered by the next layer each time, and is not kept in Redis', async () => {
    const store = createMemoryEventStore();
    const side = startRedisSide(url(), withSpoiltLayouts(store));
    try {
      await side.redis.flushdb();
      const { rows } = await side.layer(scriptedRows(store));
      side.feeder();
      await append(store, 'layout-hall', [
        { type: 'LayoutDefined', layoutId: 'hall', name: 'Hall', unitCount: 1 },
        { type: 'LayoutUnitsAdded', layoutId: 'hall', units: [seat('A1')] },
        { type: 'LayoutCompleted', layoutId: 'hall' },
      ]);
      await append(store, HAMLET, [opened({ layoutId: 'hall', units: [] })]);
      await side.fed();

      for (let time = 0; time < 2; time += 1) {
        const loaded = await rows.load('hamlet', 0);
        expect(loaded.source).to.equal('postgres');
        expect(loaded.rows?.slot).to.include({ slotId: 'hamlet', capacity: 1 });
        expect(await side.held('hamlet')).to.equal(undefined);
      }
    } finally {
      await side.close();
    }
  });
});
