import { Redis } from 'ioredis';
import { checkRedisUrl } from './redis-url.ts';

/** Connecting takes a millisecond or two; tries follow each other this fast at most and at least, in milliseconds. */
const CONNECT_TIMEOUT_MS = 1_000;
const LONGEST_BACKOFF_MS = 1_000;
const FIRST_BACKOFF_MS = 50;

export interface RedisLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/**
 * A connection that never waits for Redis: while there is none, every command fails at once, and so does
 * one that is not answered in time. It connects again by itself, for as long as it takes.
 *
 * @param commandTimeoutMs milliseconds from sending a command to giving its answer up.
 */
export function connectRedis(url: string, commandTimeoutMs: number, log: RedisLog): Redis {
  const redis = new Redis(checkRedisUrl(url), {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: commandTimeoutMs,
    retryStrategy: (times) => Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(times - 1, 10), LONGEST_BACKOFF_MS),
    // What was the primary may have become a replica.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  let lost = false;
  redis.on('ready', () => {
    if (lost) log.info({}, 'Redis is there again');
    lost = false;
  });
  // Without a listener the loss of a connection would be printed; one line tells of an outage.
  redis.on('error', (error) => {
    if (!lost) log.warn({ err: error }, 'Redis cannot be reached, trying again');
    lost = true;
  });
  return redis;
}

/** Gives up a connection that looks alive for a new one: where its other end vanished without a word, it would never answer again. */
export function connectAnew(redis: Redis): void {
  // One that was given up already is on its way out.
  if (redis.status === 'ready' && redis.stream.writable) redis.disconnect(true);
}
