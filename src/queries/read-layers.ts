import type { EventStore } from '../eventstore/event-store.ts';
import type { LayoutReader } from '../eventstore/layout-reader.ts';
import type { LiveBuilds } from '../projections/builds/live-builds.ts';
import type { Queryable } from '../projections/checkpoints.ts';
import { inventory } from '../projections/inventory/inventory.ts';
import { FeedFollower } from '../projections/memory/feed-follower.ts';
import type { RedisLog } from '../projections/redis/client.ts';
import { LiveHub, type LiveHubParts } from './live/live-hub.ts';
import { createMemoryQueries, type MemoryQueries } from './memory/memory-queries.ts';
import { postgresRows } from './memory/postgres-rows.ts';
import { SlotShelf } from './memory/slot-shelf.ts';
import type { Queries } from './queries.ts';
import { createRedisLayer, type RedisLayer } from './redis/redis-layer.ts';

/** What answers in front of the views in PostgreSQL. */
export interface ReadLayers {
  readonly queries: MemoryQueries;
  readonly live: LiveHub;
  /** Feeds memory, and what is told to who watches slots; not started yet. */
  readonly follower: FeedFollower;
  readonly redis: RedisLayer | null;
}

/** Slots in use in the process's own memory; then in Redis, when there is one, for all instances; then `next`. */
export function createReadLayers(parts: {
  readonly next: Queries;
  readonly store: EventStore;
  readonly layouts: LayoutReader;
  /** The database of the views. */
  readonly database: Queryable;
  readonly builds: LiveBuilds;
  readonly redis: { readonly url: string; readonly namespace: string } | null;
  /** Bytes that slots may take in memory. */
  readonly maxBytes: number | undefined;
  readonly text: LiveHubParts['text'];
  readonly log: RedisLog & LiveHubParts['log'];
}): ReadLayers {
  const { next, store, layouts: nextLayouts, database, builds, maxBytes, text, log } = parts;
  const { now } = store;
  const views = postgresRows({ database, live: builds, now });
  const redis = parts.redis === null ? null : createRedisLayer({ ...parts.redis, store, live: builds, next: views, nextLayouts, log });
  const { rows: source, layouts } = redis ?? { rows: views, layouts: nextLayouts };
  const shelf = new SlotShelf({ store, source, layouts, log, ...(maxBytes === undefined ? {} : { maxBytes }) });
  const follower = new FeedFollower(store, shelf);
  const queries = createMemoryQueries({ next, shelf, follower, now, ...(redis === null ? {} : { redis: redis.rows }) });
  const live = new LiveHub({
    queries: createMemoryQueries({ next, shelf, follower, now }),
    text,
    now,
    position: () => follower.position,
    isFollowing: () => follower.isFollowing,
    isCurrent: () => follower.isCurrent,
    log,
  });
  follower.onTaken((records) => live.take(records));
  // Rows of another build may have been made by another definition: memory goes over with everybody else.
  builds.onSwitch(({ name }) => {
    if (name !== inventory.name) return;
    shelf.clear();
    live.refresh();
  });
  return { queries, live, follower, redis };
}
