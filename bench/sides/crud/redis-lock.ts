import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import { type Desk, refused } from './desk.ts';
import { optimisticDesk } from './optimistic.ts';

const LOCK_SECONDS = 10;
/** Who does not get the lock asks again after a random part of this, for so long. */
const RETRY_MS = 4;
const GIVE_UP_AFTER_MS = 8_000;

/** Only who set the lock may remove it. */
const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`;

/** One buyer of a show at a time, by a lock in Redis; then the update. */
export function redisLockDesk(pool: pg.Pool, redis: Redis): Desk {
  const desk = optimisticDesk(pool);
  return {
    ...desk,
    hold: async (showId, request) => {
      const key = `lock:${showId}`;
      const token = randomUUID();
      const giveUpAt = performance.now() + GIVE_UP_AFTER_MS;
      while ((await redis.set(key, token, 'EX', LOCK_SECONDS, 'NX')) === null) {
        if (performance.now() > giveUpAt) return refused(503, 'busy');
        await new Promise((resolve) => setTimeout(resolve, Math.random() * RETRY_MS));
      }
      try {
        return await desk.hold(showId, request);
      } finally {
        await redis.eval(RELEASE, 1, key, token);
      }
    },
  };
}
