import { Redis } from 'ioredis';
import { type EventStore, type RecordedEvent, StoreUnavailableError } from '../../src/eventstore/event-store.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { readableBuild } from '../../src/projections/builds/live-builds.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import type { SlotRows } from '../../src/projections/inventory/slot-rows.ts';
import type { LayoutsById } from '../../src/projections/redis/feed-slot.ts';
import { RedisFeeder } from '../../src/projections/redis/feeder.ts';
import { type LayerPosition, RedisInventory } from '../../src/projections/redis/redis-inventory.ts';
import type { SlotRowSource } from '../../src/queries/memory/slot-row-source.ts';
import { createRedisLayer, type RedisBounds, type RedisLayer } from '../../src/queries/redis/redis-layer.ts';
import { foldedRows, type listed } from './memory-layer.ts';
import { waitUntil } from './wait-until.ts';

export const NAMESPACE = 'holdfast:test';
const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Tests run on busy machines. */
const PATIENT: RedisBounds = { answerMs: 5_000, fillMs: 300 };
type Listed = ReturnType<typeof listed>;

/** What a test does to a Redis and to the layer in it, on a log that it also holds. */
export interface RedisSide {
  readonly redis: Redis;
  readonly inventory: RedisInventory;
  /** The build that is read from now on. */
  read(build: number): void;
  /** Another instance's layer on the same Redis and log, connected. */
  layer(next: SlotRowSource, bounds?: RedisBounds): Promise<RedisLayer>;
  /** Another feeder; it runs until it is stopped. */
  feeder(build?: number, layouts?: LayoutsById): { stop(): Promise<void> };
  /** Waits until Redis was fed everything that is in the log. */
  fed(build?: number): Promise<void>;
  /** Changes what Redis is said to have been fed: feeders go on from there. */
  feedFrom(position: (stands: number) => number): Promise<void>;
  /** A slot's rows there, by their keys; null for a slot that is kept as not there, undefined when nothing is kept. */
  held(slotId: string): Promise<Listed | undefined>;
  close(): Promise<void>;
}

export function startRedisSide(url: string, store: EventStore): RedisSide {
  const redis = new Redis(url);
  redis.on('error', () => undefined);
  const layers: RedisLayer[] = [];
  const feeders = new Set<{ stop(): Promise<void> }>();
  let live = readableBuild({ name: inventory.name, build: 1 }, inventory);
  const inventoryOf = (build: number) => new RedisInventory(redis, NAMESPACE, readableBuild({ name: inventory.name, build }, inventory));
  const layer = async (next: SlotRowSource, bounds = PATIENT): Promise<RedisLayer> => {
    const nextLayouts = new LayoutReader(store);
    const made = createRedisLayer({ url, namespace: NAMESPACE, store, live: { peek: () => live }, next, nextLayouts, log: QUIET, bounds });
    layers.push(made);
    await waitUntil('the layer is connected', () => turn(made.rows.statistics.connected));
    return made;
  };
  return {
    redis,
    inventory: inventoryOf(1),
    layer,
    read: (build) => {
      live = readableBuild({ name: inventory.name, build }, inventory);
    },
    feeder: (build = 1, layouts: LayoutsById = new LayoutReader(store)) => {
      const feeder = new RedisFeeder({ inventory: inventoryOf(build), store, layouts, log: QUIET });
      const stopListening = store.onAppended(() => feeder.wake());
      let stopped = false;
      const running = (async () => {
        while (!stopped) await feeder.round().catch(() => undefined);
      })();
      const handle = {
        stop: async () => {
          stopped = true;
          stopListening();
          feeders.delete(handle);
          feeder.stop();
          await running;
        },
      };
      feeders.add(handle);
      return handle;
    },
    fed: async (build = 1) => {
      const fed = inventoryOf(build);
      const head = await store.headPosition();
      await waitUntil(`build ${build} in Redis is fed up to ${head}`, async () => ((await fed.layer())?.position ?? -1) >= head);
    },
    feedFrom: async (position) => {
      const fed = inventoryOf(1);
      await waitUntil('the position is changed', async () => {
        const stands = (await fed.layer()) as LayerPosition;
        const to = { ...stands, position: position(stands.position) };
        return (await fed.move(stands, to))?.position === to.position;
      });
    },
    held: async (slotId) => {
      const { held } = await inventoryOf(live.build).read(slotId);
      if (held.kind !== 'rows') return undefined;
      return byKeys(held.slot === null ? null : { slot: held.slot, units: held.units, claims: held.claims });
    },
    close: async () => {
      for (const feeder of feeders) await feeder.stop();
      for (const { close } of layers) close();
      redis.disconnect();
    },
  };
}

/** What the whole log makes of the slot, by the rows' keys. */
export async function madeOf(store: EventStore, slotId: string): Promise<Listed> {
  return byKeys(await foldedRows(store, slotId, await store.headPosition()));
}

/** A hash keeps no order, and only what a slot added itself has one. */
export function byKeys(rows: SlotRows | null): Listed {
  if (rows === null) return null;
  const byKey = <Row extends object>(all: Iterable<Row>, key: (row: Row) => string) => [...all].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const units = byKey(rows.units, ({ unitId }) => unitId);
  return { slot: rows.slot, units, claims: byKey(rows.claims, ({ unitId, bookingId, spanFrom }) => `${unitId} ${bookingId} ${spanFrom}`) };
}

function turn<Value>(value: Value): Promise<Value> {
  return new Promise((resolve) => setImmediate(resolve, value));
}

/** A log whose streams a test holds back, or puts out of reach. */
export interface HeldLog extends EventStore {
  /** The next read of a stream has what there is now, and waits before it tells. */
  holdNextRead(): { readonly hasRead: Promise<void>; letGo(): void };
  /** From now on nothing of the log can be read, until it is called with false. */
  putOutOfReach(outOfReach: boolean): void;
}

export function heldLog(store: EventStore): HeldLog {
  let held: { arrive(): void; readonly released: Promise<void> } | null = null;
  let gone = false;
  const answer = (records: readonly RecordedEvent[]) => {
    if (gone) throw new StoreUnavailableError('planned: the log is out of reach');
    return records;
  };
  return {
    ...store,
    putOutOfReach: (outOfReach) => {
      gone = outOfReach;
    },
    holdNextRead: () => {
      let arrive = () => {};
      let letGo = () => {};
      const hasRead = new Promise<void>((resolve) => {
        arrive = resolve;
      });
      const released = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      held = { arrive: () => arrive(), released };
      return { hasRead, letGo: () => letGo() };
    },
    readFeed: async (after, limit, filter) => answer(await store.readFeed(after, limit, filter)),
    readStream: async (streamId, fromVersion, limit) => {
      const gate = held;
      held = null;
      const records = await store.readStream(streamId, fromVersion, limit);
      gate?.arrive();
      await gate?.released;
      return answer(records);
    },
  };
}
