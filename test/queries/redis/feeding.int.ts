import { expect } from 'chai';
import type { LayoutEvent } from '../../../src/domain/layout.ts';
import type { Unit } from '../../../src/domain/unit.ts';
import type { EventStore } from '../../../src/eventstore/event-store.ts';
import { LayoutReader } from '../../../src/eventstore/layout-reader.ts';
import { createMemoryEventStore } from '../../../src/eventstore/memory-store.ts';
import { feedSlot } from '../../../src/projections/redis/feed-slot.ts';
import type { LayerPosition, RedisInventory } from '../../../src/projections/redis/redis-inventory.ts';
import { MAX_ROWS } from '../../../src/projections/redis/slot-codec.ts';
import type { RedisLayer } from '../../../src/queries/redis/redis-layer.ts';
import { followedStore } from '../../support/followed-store.ts';
import { type ScriptedRows, scriptedRows } from '../../support/memory-layer.ts';
import { between, seeded } from '../../support/random.ts';
import { RandomHistory } from '../../support/random-history.ts';
import { append } from '../../support/read-side.ts';
import { withRedis } from '../../support/redis.ts';
import { byKeys, madeOf, NAMESPACE, type RedisSide, startRedisSide } from '../../support/redis-side.ts';
import { cancelled, claim, held, opened, seat, seats } from '../../support/slot-builders.ts';
import { waitUntil } from '../../support/wait-until.ts';

const HAMLET = 'slot-hamlet';
const A1 = [claim('A1')];
const A2 = [claim('A2')];
const HAMLET_KEY = `${NAMESPACE}:inventory:b1:{hamlet}`;
const POSITION = `${NAMESPACE}:inventory:b1:position`;
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);

describe('slots in Redis', () => {
  const url = withRedis();
  let store: EventStore;
  let next: ScriptedRows;
  let side: RedisSide;
  let layer: RedisLayer;
  let feeder: { stop(): Promise<void> };

  beforeEach(async () => {
    store = createMemoryEventStore();
    next = scriptedRows(store);
    side = startRedisSide(url(), store);
    await side.redis.flushdb();
    layer = await side.layer(next);
    await append(store, HAMLET, [opened()]);
    feeder = side.feeder();
    await side.fed();
  });
  afterEach(() => side.close());

  const load = (slotId = 'hamlet') => layer.rows.load(slotId, 0);
  const folded = (slotId = 'hamlet') => madeOf(store, slotId);

  it('that are asked for within a moment share looks at how far Redis was fed', async () => {
    await load();
    await feeder.stop();
    await side.redis.config('RESETSTAT');
    const reads = await Promise.all(Array.from({ length: 40 }, (_, index) => side.inventory.read(index === 39 ? 'othello' : 'hamlet')));
    const statistics = await side.redis.info('commandstats');
    const calls = (command: string) => Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(statistics)?.[1] ?? 0);

    expect(reads.map(({ held }) => held.kind)).to.deep.equal([...Array.from({ length: 39 }, () => 'rows'), 'absent']);
    expect(new Set(reads.map(({ layer }) => layer?.position))).to.deep.equal(new Set([await store.headPosition()]));
    expect({ looks: calls('get'), reads: calls('evalsha') }).to.deep.equal({ looks: 2, reads: 40 });
  });

  it('are loaded once for all instances, and then kept up by the log', async () => {
    await load();
    await append(store, HAMLET, held('hamlet.1', A1));
    await append(store, HAMLET, held('hamlet.2', A2));
    await side.fed();
    const { source, rows } = await (await side.layer(next)).rows.load('hamlet', 0);

    expect(source).to.equal('redis');
    expect(rows?.slot).to.deep.equal((await folded())?.slot);
    expect(next.loads).to.deep.equal(['hamlet']);
  });

  it('are soon fed what is in the log behind the end of a page, though nobody wakes their feeder once more', async () => {
    await load();
    await feeder.stop();
    const pages = startRedisSide(url(), { ...store, onAppended: () => () => undefined, readFeed: (after) => store.readFeed(after, 1) });
    try {
      for (let unit = 1; unit <= 10; unit += 1) await append(store, HAMLET, held(`hamlet.${unit}`, [claim(`A${unit}`)]));
      const begun = performance.now();
      pages.feeder();
      await pages.fed();
      expect(performance.now() - begun, 'twenty sleeps would take ten seconds').to.be.lessThan(2_500);
      expect(await pages.held('hamlet')).to.deep.equal(await folded());
    } finally {
      await pages.close();
    }
  });

  it('are fed by one who tells the log what it had', async () => {
    await load();
    await feeder.stop();
    const followed = followedStore(store);
    const watched = startRedisSide(url(), followed.store);
    try {
      watched.feeder();
      const position = await append(store, HAMLET, held('hamlet.1', A1));
      await watched.fed();
      await waitUntil('it had the event', async () => {
        await new Promise(setImmediate);
        return followed.had()[0] === position;
      });
    } finally {
      await watched.close();
    }
    expect(followed.had()).to.deep.equal([]);
  });

  it('have their units in the order of adding, however many there are', async () => {
    await append(store, 'slot-hall', [
      opened({ slotId: 'hall', units: seats(700) }),
      { type: 'UnitsAdded', units: [seat('B1'), seat('B2')] },
    ]);
    await load('hall');

    expect([...((await load('hall')).rows?.units ?? [])].map(({ unitId }) => unitId)).to.deep.equal([
      ...seats(700).map(({ unitId }) => unitId),
      'B1',
      'B2',
    ]);
  });

  it('are kept for a day at most, and those that are not there for minutes', async () => {
    await load();
    await load('othello');
    const left = async (slotId: string) => side.redis.pttl(`${NAMESPACE}:inventory:b1:{${slotId}}`);
    expect(await left('hamlet')).to.be.within(23 * 3_600_000, 24 * 3_600_000);
    expect(await left('othello')).to.be.within(1, 600_000);
    await append(store, 'slot-othello', [opened({ slotId: 'othello' })]);
    await side.fed();

    expect(await side.held('othello')).to.deep.equal(await folded('othello'));
    expect(await left('othello')).to.be.within(23 * 3_600_000, 24 * 3_600_000);
    expect(next.loads).to.deep.equal(['hamlet', 'othello']);
  });

  it('find what a layout says of their units', async () => {
    const units = [seat('B1', { price: 700 }), seat('B2')];
    await load('in-hall');
    await append(store, 'layout-hall', hall(units));
    await append(store, 'slot-in-hall', [
      opened({ slotId: 'in-hall', layoutId: 'hall', units: [] }),
      { type: 'UnitsChanged', changes: [{ unitId: 'B1', price: 900 }] },
    ]);
    await side.fed();

    expect((await side.held('in-hall'))?.units.map(({ unitId, price }) => [unitId, price])).to.deep.equal([['B1', 900]]);
    expect(await side.held('in-hall')).to.deep.equal(await folded('in-hall'));
  });

  it('are let go when they have grown beyond what Redis can read without keeping it from others', async function () {
    this.timeout(60_000);
    const claims = Array.from({ length: MAX_ROWS }, (_, n) => claim(`B${n}`));
    const units = claims.map(({ unitId }) => seat(unitId));
    for (const event of hall(units)) await append(store, 'layout-hall', [event]);
    await append(store, 'slot-in-hall', [opened({ slotId: 'in-hall', layoutId: 'hall', units: [] })]);
    await load('in-hall');
    // With the row of the slot itself that is just as much as there may be.
    for (let first = 0; first < MAX_ROWS - 1; first += 1_000)
      await append(store, 'slot-in-hall', held(`in-hall.${first}`, claims.slice(first, Math.min(first + 1_000, MAX_ROWS - 1))));
    await side.fed();
    expect((await load('in-hall')).source).to.equal('redis');
    expect((await side.held('in-hall'))?.claims).to.have.length(MAX_ROWS - 1);

    await append(store, 'slot-in-hall', held('in-hall.last', claims.slice(-1)));
    await side.fed();

    expect(await side.redis.exists(`${NAMESPACE}:inventory:b1:{in-hall}`)).to.equal(0);
    for (let time = 1; time <= 2; time += 1) {
      const { source, rows } = await load('in-hall');
      expect(source).to.equal('postgres');
      expect(byKeys(rows)).to.deep.equal(await folded('in-hall'));
    }
    await append(store, 'slot-in-hall', [cancelled('in-hall.last', claims.slice(-1))]);
    await side.fed();
    await load('in-hall');
    expect((await load('in-hall')).source, 'when there is less again').to.equal('redis');
  });

  it('are let go when events before the next one are missing, and are right when they are back', async () => {
    await load();
    await feeder.stop();
    await append(store, HAMLET, held('hamlet.1', A1));
    const head = await store.headPosition();
    await side.feedFrom(() => head);
    side.feeder();
    await append(store, HAMLET, held('hamlet.2', A2));
    await side.fed();

    expect(await side.held('hamlet')).to.equal(undefined);
    await load();
    expect(await side.held('hamlet')).to.deep.equal(await folded());
  });

  it('are let go when an event cannot be folded, which keeps no other slot from its own', async () => {
    await append(store, 'slot-other', [opened({ slotId: 'other' })]);
    await load();
    await load('other');
    await append(store, HAMLET, [{ type: 'UnitsWithdrawn', units: [{ unitId: 'nowhere', quantity: 1 }], reason: null }]);
    await append(store, 'slot-other', held('other.1', A1));
    await side.fed();

    expect(await side.held('hamlet')).to.equal(undefined);
    expect((await side.held('other'))?.slot.version).to.equal(3);
    next.standAt(1);
    expect((await load()).rows?.slot.version, 'as the views have it').to.equal(1);
    expect(await side.held('hamlet')).to.equal(undefined);
  });

  it('are fed from the head on when Redis was emptied, and as far as it says when it came back with less', async () => {
    await load();
    await side.redis.flushdb();
    await append(store, HAMLET, held('hamlet.1', A1));
    await side.fed();
    await load();
    const dump = await side.redis.dumpBuffer(HAMLET_KEY);
    const position = (await side.redis.get(POSITION)) as string;
    await append(store, HAMLET, held('hamlet.2', A2));
    await side.fed();
    await side.redis.multi().restore(HAMLET_KEY, 0, dump, 'REPLACE').set(POSITION, position).exec();
    await append(store, 'slot-other', [opened({ slotId: 'other' })]);
    await side.fed();

    expect(await side.held('hamlet')).to.deep.equal(await folded());
  });

  it('are fed once more when the connection was lost on the way, and with it perhaps what was written', async () => {
    await load();
    await load('in-hall');
    await feeder.stop();
    const before = await side.redis.dumpBuffer(HAMLET_KEY);
    const layouts = new LayoutReader(store);
    let reach = () => {};
    let letGo = () => {};
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const released = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    side.feeder(1, {
      load: async (layoutId) => {
        reach();
        await released;
        return layouts.load(layoutId);
      },
    });
    // In one batch: a slot that is written at once, and one that waits for its layout.
    await Promise.all([
      append(store, HAMLET, held('hamlet.1', A1)),
      append(store, 'layout-hall', hall([seat('B1')])),
      append(store, 'slot-in-hall', [opened({ slotId: 'in-hall', layoutId: 'hall', units: [] })]),
    ]);
    await reached;
    await waitUntil('it is written', async () => (await side.held('hamlet'))?.slot.version === 3);
    await side.redis.restore(HAMLET_KEY, 0, before, 'REPLACE');
    const connection = side.inventory.connection;
    await side.redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'no').catch(() => undefined);
    await waitUntil('it is connected again', async () => {
      await new Promise(setImmediate);
      return side.redis.status === 'ready' && side.inventory.connection !== connection;
    });
    letGo();
    await side.fed();

    expect(await side.held('hamlet')).to.deep.equal(await folded());
  });

  it('are not believed any more when the log was set back', async () => {
    await load();
    const stands = await side.inventory.layer();
    await feeder.stop();
    await side.feedFrom(() => 1_000_000);
    side.feeder();
    let epoch = stands?.epoch;
    while (epoch === stands?.epoch) epoch = (await side.inventory.layer())?.epoch;

    expect((await side.inventory.layer())?.position).to.equal(await store.headPosition());
    expect(await side.held('hamlet')).to.equal(undefined);
  });

  for (const [what, first, second] of [
    ['more', 3, 5],
    ['less', 5, 3],
  ] as const)
    it(`are right when a writer slept over its work while another wrote ${what}`, async () => {
      await load();
      await feeder.stop();
      await append(store, HAMLET, [...held('hamlet.1', A1), ...held('hamlet.2', A2)]);
      const { epoch } = (await side.inventory.layer()) as LayerPosition;
      const stream = await store.readStream(HAMLET, 1, 100);
      const feed = (inventory: RedisInventory, upTo: number) =>
        feedSlot(inventory, new LayoutReader(store), epoch, 'hamlet', stream.slice(0, upTo));
      const sleeper = waitsBeforeItWrites(side.inventory);
      const slept = feed(sleeper.inventory, first);
      await sleeper.arrived;
      await feed(side.inventory, second);
      sleeper.go();

      expect(await slept, 'it is up to them all').to.equal(true);
      expect(await side.held('hamlet')).to.deep.equal(await folded());
    });

  it('of another build are others', async () => {
    await load();
    side.read(2);
    expect((await load()).source, 'nobody feeds it yet').to.equal('postgres');
    expect(await side.held('hamlet')).to.equal(undefined);
    side.feeder(2);
    await side.fed(2);
    await load();
    expect((await load()).source).to.equal('redis');
    await append(store, HAMLET, held('hamlet.1', A1));
    await Promise.all([side.fed(1), side.fed(2)]);

    expect((await side.held('hamlet'))?.slot.version).to.equal(3);
    side.read(1);
    expect((await side.held('hamlet'))?.slot.version, 'for those who still read it').to.equal(3);
    expect(await side.redis.exists(`${NAMESPACE}:inventory:b1:{hamlet}`, `${NAMESPACE}:inventory:b2:{hamlet}`)).to.equal(2);
  });

  it(`equal what the log makes, whoever writes them how often and from wherever (seed ${SEED})`, async function () {
    this.timeout(60_000);
    const random = seeded(SEED);
    const history = new RandomHistory(store, SEED);
    // A second writer all the time, and every event is told again from some earlier position.
    side.feeder();
    const slotIds = Array.from({ length: 8 }, (_, n) => `slot${n + 1}`);
    for (let round = 0; round < 12; round += 1) {
      const growing = history.grow(200);
      await Promise.all(slotIds.filter(() => random() < 0.7).map((slotId) => load(slotId)));
      await growing;
      await side.feedFrom((stands) => between(random, 0, stands));
    }
    await side.fed();

    // What was let go meanwhile is brought once more, and fed on.
    for (const slotId of slotIds) await waitUntil('it is there', async () => (await load(slotId)).source === 'redis');
    await history.grow(100);
    await side.fed();

    let compared = 0;
    for (const slotId of slotIds) {
      const kept = await side.held(slotId);
      if (kept === undefined) continue;
      expect(kept, slotId).to.deep.equal(await folded(slotId));
      if (kept !== null) compared += 1;
    }
    expect(compared).to.be.greaterThan(3);
    expect(history.kinds.size, 'kinds of events').to.be.at.least(18);
  });
});

function hall(units: readonly Unit[]): readonly LayoutEvent[] {
  const pages = Array.from({ length: Math.ceil(units.length / 1_000) }, (_, page) => units.slice(page * 1_000, (page + 1) * 1_000));
  return [
    { type: 'LayoutDefined', layoutId: 'hall', name: 'Hall', unitCount: units.length },
    ...pages.map((page) => ({ type: 'LayoutUnitsAdded', layoutId: 'hall', units: page }) as const),
    { type: 'LayoutCompleted', layoutId: 'hall' },
  ];
}

/** The next change waits, with what it is made of already read. */
function waitsBeforeItWrites(inventory: RedisInventory) {
  let go = () => {};
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const letGo = new Promise<void>((resolve) => {
    go = resolve;
  });
  const apply: RedisInventory['apply'] = async (change) => {
    arrive();
    await letGo;
    return inventory.apply(change);
  };
  return { inventory: Object.assign(Object.create(inventory) as RedisInventory, { apply }), arrived, go: () => go() };
}
