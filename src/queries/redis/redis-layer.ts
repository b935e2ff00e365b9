import type { EventStore } from '../../eventstore/event-store.ts';
import type { LiveBuilds, ReadableBuild } from '../../projections/builds/live-builds.ts';
import { connectRedis, type RedisLog } from '../../projections/redis/client.ts';
import { RedisInventory } from '../../projections/redis/redis-inventory.ts';
import type { LayoutSource, SlotRowSource } from '../memory/slot-row-source.ts';
import { RedisGate } from './redis-gate.ts';
import { RedisLayouts } from './redis-layouts.ts';
import { RedisRows } from './redis-rows.ts';

/** How long what feeds Redis waits for an answer, in milliseconds. */
const FEED_BOUND_MS = 2_000;

/** How long a read waits, in milliseconds. */
export interface RedisBounds {
  /** For an answer of Redis, which takes less than one as a rule. */
  readonly answerMs: number;
  /** For a slot that another process is bringing. */
  readonly fillMs: number;
}

const BOUNDS: RedisBounds = { answerMs: 150, fillMs: 300 };

/** What all instances share in Redis, in front of the views. */
export interface RedisLayer {
  readonly rows: RedisRows;
  readonly layouts: LayoutSource;
  /** For what feeds Redis: on a connection of its own, so that no read stands in line behind a batch. */
  fedInventoryOf(build: ReadableBuild): RedisInventory;
  close(): void;
}

/**
 * Redis need not be there, neither now nor later: whatever it does not answer, the next layer does.
 *
 * @param parts.namespace what all keys begin with.
 * @throws Error that names the setting, for a URL that is none of Redis.
 */
export function createRedisLayer(parts: {
  readonly url: string;
  readonly namespace: string;
  readonly store: EventStore;
  readonly live: Pick<LiveBuilds, 'peek'>;
  readonly next: SlotRowSource;
  readonly nextLayouts: LayoutSource;
  readonly log: RedisLog;
  readonly bounds?: RedisBounds;
}): RedisLayer {
  const { url, namespace, store, live, next, nextLayouts, log, bounds = BOUNDS } = parts;
  const reading = connectRedis(url, bounds.answerMs, log);
  const feeding = connectRedis(url, FEED_BOUND_MS, log);
  const gate = new RedisGate(reading);
  const layouts = new RedisLayouts({ redis: reading, gate, namespace, next: nextLayouts });
  const known = new Map<string, RedisInventory>();
  const inventoryOf = (build: ReadableBuild): RedisInventory => {
    const inventory = known.get(build.schema) ?? new RedisInventory(reading, namespace, build);
    known.set(build.schema, inventory);
    return inventory;
  };
  return {
    rows: new RedisRows({ inventoryOf, gate, next, store, layouts, live, waitMs: bounds.fillMs }),
    layouts,
    fedInventoryOf: (build) => new RedisInventory(feeding, namespace, build),
    close() {
      gate.close();
      reading.disconnect();
      feeding.disconnect();
    },
  };
}
