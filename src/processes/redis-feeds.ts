import type pg from 'pg';
import type { EventStore } from '../eventstore/event-store.ts';
import type { ReadableBuild } from '../projections/builds/live-builds.ts';
import { Pause } from '../projections/pause.ts';
import type { ProjectionRelease } from '../projections/projection.ts';
import { readFedBuilds } from '../projections/redis/fed-builds.ts';
import type { LayoutsById } from '../projections/redis/feed-slot.ts';
import { RedisFeeder } from '../projections/redis/feeder.ts';
import type { RedisInventory } from '../projections/redis/redis-inventory.ts';
import { createLoneWorker, type LoneWorker, type WorkerLog } from './lone-worker.ts';

/** How often builds are looked at, and how often a feeder that stands by tries to take over, in milliseconds. */
const LOOK_MS = 250;
const STANDBY_MS = 1_000;

interface Feed {
  readonly feeder: RedisFeeder;
  readonly worker: LoneWorker;
}

/**
 * Keeps up what Redis has of every build that instances may read, each build by one instance at a time:
 * an instance of an older release leaves the builds of a newer one to those that know them.
 */
export function createRedisFeeds(parts: {
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly release: ProjectionRelease;
  readonly inventoryOf: (build: ReadableBuild) => RedisInventory;
  readonly layouts: LayoutsById;
  readonly log: WorkerLog;
}): LoneWorker {
  const { pool, store, release, inventoryOf, layouts, log } = parts;
  const feeds = new Map<string, Feed>();
  const pause = new Pause();
  let stopping = false;
  let ended: Promise<void> = Promise.resolve();
  let stopListening: () => void = () => undefined;

  function begin(build: ReadableBuild): void {
    const feeder = new RedisFeeder({ inventory: inventoryOf(build), store, layouts, log });
    const name = `redis feed ${build.schema}`;
    const worker = createLoneWorker({ name, pool, intervalMs: 0, standbyMs: STANDBY_MS, round: () => feeder.round(), log });
    feeds.set(build.schema, { feeder, worker });
    worker.start();
  }

  async function end(schema: string): Promise<void> {
    const feed = feeds.get(schema);
    feeds.delete(schema);
    feed?.feeder.stop();
    await feed?.worker.stop();
  }

  async function look(): Promise<void> {
    const builds = await readFedBuilds(pool, release);
    for (const build of builds) if (!feeds.has(build.schema)) begin(build);
    for (const schema of [...feeds.keys()]) if (!builds.some((build) => build.schema === schema)) await end(schema);
  }

  async function run(): Promise<void> {
    while (!stopping) {
      // What is fed goes on being fed while the database cannot be asked.
      await look().catch(() => undefined);
      if (!stopping) await pause.sleep(LOOK_MS);
    }
    await Promise.all([...feeds.keys()].map(end));
  }

  return {
    start() {
      stopListening = store.onAppended(() => {
        for (const { feeder } of feeds.values()) feeder.wake();
      });
      ended = run();
    },
    async stop() {
      stopping = true;
      stopListening();
      pause.wake();
      await ended;
    },
  };
}
