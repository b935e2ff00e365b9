import { expect } from 'chai';
import { Redis } from 'ioredis';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { createRedisFeeds } from '../../src/processes/redis-feeds.ts';
import { BuildOperations } from '../../src/projections/builds/operations.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import { redisNamespace } from '../../src/projections/redis/namespace.ts';
import { RedisInventory } from '../../src/projections/redis/redis-inventory.ts';
import { postgresRows } from '../../src/queries/memory/postgres-rows.ts';
import { createRedisLayer, type RedisLayer } from '../../src/queries/redis/redis-layer.ts';
import { loadSlotRows } from '../../src/queries/slot-rows.ts';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { withDatabase } from '../support/postgres.ts';
import { seeded } from '../support/random.ts';
import { RandomHistory } from '../support/random-history.ts';
import { RELEASES, type ReadSide, SILENT, startReadSide } from '../support/read-side.ts';
import { withRedis } from '../support/redis.ts';
import { byKeys } from '../support/redis-side.ts';
import { claim, held, NOW, opened } from '../support/slot-builders.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Events of the history; `npm run verify:long` asks for more. */
const EVENTS = Number(process.env.HOLDFAST_REDIS_EVENTS ?? 4_000);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const BOUND_MS = 60_000 + EVENTS * 3;
const EVENTS_A_ROUND = 400;
/** Far beyond what a connection and a lock take to be given up, for a busy machine. */
const FEEDS_AGAIN_WITHIN_MS = 20_000;
/** Slots that are asked for again and again: those that are lived through just now, and some that will be. */
const IN_USE = 24;

interface Feeding {
  readonly layer: RedisLayer;
  stop(): Promise<void>;
}

/** What an instance has of Redis in a service. */
async function feeding(side: ReadSide, url: string): Promise<Feeding> {
  const { pool, store, runner } = side;
  const namespace = await redisNamespace(pool);
  const next = postgresRows({ database: pool, live: runner.live, now: () => NOW });
  const parts = { url, namespace, store, live: runner.live, next, nextLayouts: new LayoutReader(store), log: SILENT };
  const layer = createRedisLayer({ ...parts, bounds: { answerMs: 5_000, fillMs: 300 } });
  const { fedInventoryOf: inventoryOf, layouts } = layer;
  const feeds = createRedisFeeds({ pool, store, release: { current: inventory }, inventoryOf, layouts, log: SILENT });
  feeds.start();
  return {
    layer,
    stop: async () => {
      await feeds.stop();
      layer.close();
    },
  };
}

async function inventoryOf(side: ReadSide, redis: Redis, build: number): Promise<RedisInventory> {
  return new RedisInventory(redis, await redisNamespace(side.pool), { build, projection: inventory });
}

async function fedUpTo(side: ReadSide, redis: Redis, build: number, position: number, boundMs = BOUND_MS): Promise<void> {
  const shared = await inventoryOf(side, redis, build);
  await waitUntil(`build ${build} is fed`, async () => ((await shared.layer())?.position ?? -1) >= position, boundMs);
}

describe('feeds of Redis', function () {
  this.timeout(BOUND_MS);
  const database = withDatabase();
  const url = withRedis();
  let side: ReadSide;
  let redis: Redis;
  let instances: Feeding[] = [];

  before(async () => {
    side = startReadSide(database());
    redis = new Redis(url());
    instances = [await feeding(side, url()), await feeding(side, url())];
  });
  after(async () => {
    for (const { stop } of instances) await stop();
    redis?.disconnect();
    await side?.close();
  });

  const fed = (build: number, position: number) => fedUpTo(side, redis, build, position);

  it('run in one instance, and in the other when that one stops', async () => {
    await side.tell([opened()]);
    await fed(1, 1);
    await instances.shift()?.stop();
    instances.push(await feeding(side, url()));
    const position = await side.tell(held('hamlet.1', [claim('A1')]));

    await fed(1, position);
  });

  it('follow a switch to another build, and keep the one before it up while it is read', async () => {
    const [{ layer }] = instances as [Feeding];
    const source = async () => (await layer.rows.load('hamlet', 0)).source;
    const operations = new BuildOperations(side.pool, RELEASES);
    await waitUntil('it is there', async () => (await source()) === 'redis');
    const { build } = await operations.rebuild('inventory', 'test');
    await waitUntil('it can be switched to', async () =>
      operations.switchTo('inventory', 'test', { build }).then(
        () => true,
        () => false,
      ),
    );
    await waitUntil('it is read', async () => {
      await side.runner.live.refresh();
      return side.runner.live.peek(inventory)?.build === build;
    });
    await waitUntil('it is there', async () => (await source()) === 'redis');
    const position = await side.tell(held('hamlet.2', [claim('A2')]));
    await Promise.all([fed(1, position), fed(build, position)]);

    for (const each of [1, build]) {
      const { held: kept } = await (await inventoryOf(side, redis, each)).read('hamlet');
      expect(kept.kind === 'rows' && kept.slot?.version, `build ${each}`).to.equal(5);
    }
  });

  it(`leave there what the views in PostgreSQL have, row by row, after ${EVENTS} random events (seed ${SEED})`, async () => {
    const history = new RandomHistory(side.store, SEED);
    const random = seeded(SEED);
    const live = async () => (await side.runner.live.current(inventory)).build;
    await fed(await live(), 0);
    let opened = 0;
    for (let grown = 0; grown < EVENTS; grown += EVENTS_A_ROUND) {
      const growing = history.grow(EVENTS_A_ROUND);
      const slotIds = Array.from({ length: IN_USE }, (_, n) => `slot${opened - IN_USE / 2 + n}`).filter(() => random() < 0.4);
      await Promise.all(slotIds.map((slotId, n) => (instances[n % 2] as Feeding).layer.rows.load(slotId, 0)));
      await growing;
      opened = (await side.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM holdfast_views.slots')).rows[0]?.n ?? 0;
    }
    const head = await side.store.headPosition();
    await waitUntil('the views have it', async () => (await side.queries.waitForPosition('slot', head, 1_000)).reached, BOUND_MS);
    await fed(await live(), head);

    const shared = await inventoryOf(side, redis, await live());
    const views = { database: side.pool, live: side.runner.live, now: () => NOW };
    let compared = 0;
    for (const { slotId } of (await side.pool.query<{ slotId: string }>('SELECT slot_id AS "slotId" FROM holdfast_views.slots')).rows) {
      const { held: kept } = await shared.read(slotId);
      if (kept.kind !== 'rows') continue;
      const { rows } = await loadSlotRows(views, slotId, { from: kept.claimsFrom, to: null });
      const { slot, units, claims } = kept;
      expect(byKeys(slot === null ? null : { slot, units, claims }), slotId).to.deep.equal(byKeys(rows));
      compared += 1;
    }
    const { hits, misses } = instances[0]?.layer.rows.statistics ?? { hits: 0, misses: 0 };
    console.log(`      ${compared} slots compared; one instance found ${hits} slots there, and ${misses} not`);
    expect(compared).to.be.greaterThan(10);
    expect(history.kinds.size, 'kinds of events').to.be.at.least(20);
  });
});

describe('the feed of Redis in an instance that loses it', function () {
  this.timeout(BOUND_MS);
  const database = withDatabase();
  const url = withRedis();
  let side: ReadSide;
  let redis: Redis;
  let network: CuttingProxy;
  let stops: (() => Promise<void>)[] = [];

  before(() => {
    side = startReadSide(database());
    redis = new Redis(url());
  });
  beforeEach(async () => {
    network = await startCuttingProxy(url());
    stops = [(await feeding(side, network.connectionString)).stop];
    await feedReaches(`slot${await side.store.headPosition()}`);
  });
  afterEach(async () => {
    for (const stop of stops) await stop();
    await network.shut().catch(() => undefined);
  });
  after(async () => {
    redis?.disconnect();
    await side?.close();
  });

  async function feedReaches(slotId: string): Promise<void> {
    await fedUpTo(side, redis, 1, await side.tell([opened({ slotId })], slotId), FEEDS_AGAIN_WITHIN_MS);
  }

  it('goes on by itself when the connection has fallen silent, and nobody has told either side', async () => {
    network.become({ silent: true });
    // New connections are as they should be; the silenced ones never say a word again.
    network.become();

    await feedReaches('silenced');
  });

  it('is left to an instance that can reach it', async () => {
    stops.push((await feeding(side, url())).stop);
    await network.shut();

    await feedReaches('cut-off');
  });
});
