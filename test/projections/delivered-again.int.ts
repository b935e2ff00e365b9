import { expect } from 'chai';
import type pg from 'pg';
import type { EventStore, RecordedEvent } from '../../src/eventstore/event-store.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { BatchApplier, CheckpointMovedError } from '../../src/projections/apply-batch.ts';
import { readableBuild } from '../../src/projections/builds/live-builds.ts';
import { BuildOperations } from '../../src/projections/builds/operations.ts';
import { ensureBuilds } from '../../src/projections/builds/registry.ts';
import { readCheckpoint } from '../../src/projections/checkpoints.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import type { SlotRowSource } from '../../src/queries/memory/slot-row-source.ts';
import { SlotShelf } from '../../src/queries/memory/slot-shelf.ts';
import { withDatabase } from '../support/postgres.ts';
import { between, type Random, seeded } from '../support/random.ts';
import { RandomHistory } from '../support/random-history.ts';
import { ALL_PROJECTIONS, poolOn, SILENT } from '../support/read-side.ts';
import { ALL_RELEASES, expectSameRows } from '../support/rebuilt-side.ts';
import { withRedis } from '../support/redis.ts';
import { byKeys, type RedisSide, startRedisSide } from '../support/redis-side.ts';
import { NOW } from '../support/slot-builders.ts';

/** Events of the history; `npm run verify:reads` asks for 200,000. */
const EVENTS = Number(process.env.HOLDFAST_HISTORY_EVENTS ?? 3_000);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
/** Events of a delivery, and how far before what is known already it may begin. */
const MOST_EVENTS = 400;
const FURTHEST_BACK = 300;
/** The log grows in so many steps under what Redis has; before each, slots come there that are not there. */
const STEPS = 20;
/** Views that have nothing yet. */
const NOTHING: SlotRowSource = { load: async () => ({ rows: null, position: 0, projection: inventory, source: 'postgres' }) };

describe(`${EVENTS} events that are delivered twice, and from earlier positions again and again (seed ${SEED})`, function () {
  this.timeout(60_000 + EVENTS * 10);
  const store: EventStore = createMemoryEventStore();
  const history = new RandomHistory(store, SEED);
  let head = 0;

  before(async () => {
    head = await history.grow(EVENTS);
  });

  /** Deliveries that begin somewhere before what was delivered, with every event twice, until the log's end was told. */
  async function* deliveries(random: Random): AsyncIterable<readonly RecordedEvent[]> {
    for (let told = 0; told < head; ) {
      const page = await store.readFeed(Math.max(0, told - between(random, 0, FURTHEST_BACK)), between(random, 1, MOST_EVENTS));
      told = Math.max(told, page.at(-1)?.position ?? head);
      yield page.flatMap((event) => [event, event]);
    }
  }

  describe('to PostgreSQL', () => {
    const database = withDatabase();
    let pool: pg.Pool;
    let connection: pg.PoolClient;

    before(async () => {
      pool = poolOn(database());
      connection = await pool.connect();
      await ensureBuilds(pool, ALL_RELEASES);
    });
    after(async () => {
      connection.release();
      await pool.end();
    });

    for (const projection of ALL_PROJECTIONS) {
      it(`make the same rows as those that come once: ${projection.name}`, async () => {
        const once = readableBuild({ name: projection.name, build: 1 }, projection);
        const { build } = await new BuildOperations(pool, ALL_RELEASES).rebuild(projection.name, 'test');
        const again = readableBuild({ name: projection.name, build }, projection);
        const plain = new BatchApplier(connection, once);
        for (let position = 0; position < head; ) position = await plain.apply(position, await store.readFeed(position, 500));

        const random = seeded(SEED);
        const applier = new BatchApplier(connection, again);
        let position = 0;
        for await (const delivery of deliveries(random)) position = await applier.apply(position, delivery);

        expect(position).to.equal(head);
        await expectSameRows({ pool }, projection, 1, build);
        const late = between(random, 0, head - 1);
        const thrown = await new BatchApplier(connection, again)
          .apply(late, await store.readFeed(late, 500))
          .catch((error: unknown) => error);
        expect(thrown, 'whoever missed that they are in is refused').to.be.instanceOf(CheckpointMovedError);
        await expectSameRows({ pool }, projection, 1, build);
        expect(await readCheckpoint(pool, again)).to.equal(head);
      });
    }
  });

  /** Slots in memory that had nothing when the log began: all that they have comes from what is delivered. */
  async function emptySlots(): Promise<SlotShelf> {
    const layouts = new LayoutReader(store);
    const shelf = new SlotShelf({ store, source: NOTHING, layouts, log: SILENT, maxBytes: Number.MAX_SAFE_INTEGER });
    shelf.begin(0);
    for (const slotId of history.slotIds) await shelf.fill(slotId, NOW);
    return shelf;
  }
  const rowsIn = (shelf: SlotShelf) => history.slotIds.map((slotId) => byKeys(shelf.get(slotId)?.rows ?? null));

  /** What those come to that are told of every event once. */
  async function rowsOfOnce(): Promise<ReturnType<typeof rowsIn>> {
    const shelf = await emptySlots();
    for (let position = 0; position < head; position += 500) await shelf.take(await store.readFeed(position, 500));
    const rows = rowsIn(shelf);
    expect(rows.map((slot) => slot?.slot.slotId)).to.deep.equal(history.slotIds);
    return rows;
  }

  it('to memory make the same rows as those that come once', async () => {
    const once = await rowsOfOnce();
    const shelf = await emptySlots();
    const random = seeded(SEED);
    for await (const delivery of deliveries(random)) await shelf.take(delivery);
    expect(rowsIn(shelf)).to.deep.equal(once);

    await shelf.take(await store.readFeed(between(random, 0, head - 1), 5_000));
    expect(rowsIn(shelf)).to.deep.equal(once);
    expect(shelf.counts.dropped).to.equal(0);
  });

  describe('to Redis', () => {
    const url = withRedis();
    let redis: RedisSide;
    let log: GrowingLog;
    const random = seeded(SEED);

    before(() => {
      log = growingLog(store, (after, limit) => {
        const back = Math.min(after, between(random, 0, FURTHEST_BACK));
        return [after - back, Math.min(limit, between(random, 1, MOST_EVENTS)) + back];
      });
      redis = startRedisSide(url(), log);
    });
    after(() => redis?.close());

    it('make the same rows as those that come once', async () => {
      const { rows } = await redis.layer(NOTHING);
      redis.feeder();
      const broughtAt = new Map<string, number>();
      for (let step = 1; step <= STEPS; step += 1) {
        for (const slotId of history.slotIds) {
          if ((await redis.held(slotId)) !== undefined) continue;
          broughtAt.set(slotId, (await rows.load(slotId, 0)).rows?.slot.version ?? 0);
        }
        log.showUpTo(Math.ceil((head * step) / STEPS));
        await redis.fed();
      }
      const held = async () => Promise.all(history.slotIds.map((slotId) => redis.held(slotId)));
      const once = await rowsOfOnce();
      expect(await held()).to.deep.equal(once);
      const fed = once.filter((slot) => slot !== null && slot.slot.version > (broughtAt.get(slot.slot.slotId) ?? Number.POSITIVE_INFINITY));
      expect(fed.length, 'slots that were brought up by what was delivered').to.be.greaterThan(history.slotIds.length / 2);

      await redis.feedFrom((position) => Math.max(0, position - between(random, 1, head)));
      await redis.fed();
      expect(await held()).to.deep.equal(once);
    });
  });
});

interface GrowingLog extends EventStore {
  showUpTo(position: number): void;
}

/** A log that a test lets grow, whose feed gives every event twice, from where and as many as the test says. */
function growingLog(store: EventStore, pageOf: (after: number, limit: number) => readonly [after: number, limit: number]): GrowingLog {
  let shown = 0;
  const listeners = new Set<() => void>();
  const seen = (records: readonly RecordedEvent[]) => records.filter(({ position }) => position <= shown);
  return {
    ...store,
    showUpTo: (position) => {
      shown = position;
      for (const listener of listeners) listener();
    },
    headPosition: async () => shown,
    onAppended: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    readStream: async (streamId, fromVersion, limit) => seen(await store.readStream(streamId, fromVersion, limit)),
    readFeed: async (after, limit) => {
      // Who has everything is told nothing, or it would never come to an end.
      if (after >= shown) return [];
      return seen(await store.readFeed(...pageOf(after, limit))).flatMap((event) => [event, event]);
    },
  };
}
