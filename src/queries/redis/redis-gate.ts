import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import type { Redis } from 'ioredis';
import { connectAnew } from '../../projections/redis/client.ts';

/** So many failures in a row, and nobody goes to Redis any more until it answers again. */
const FAILURES = 4;
/** Milliseconds between looks whether it does. */
const LOOK_MS = 1_000;
/**
 * A breaker that is open lets looks through, and nothing else asks it then. By itself it would go by the time of day, and
 * where that is set back refuse a look for as long.
 */
const AT_ONCE = Number.NEGATIVE_INFINITY;

export type BreakerState = 'closed' | 'open' | 'half-open';

/** Redis is left alone for now: nothing was sent. */
export class RedisPassedByError extends Error {
  override readonly name = 'RedisPassedByError';
}

/**
 * What reads go to Redis through. When it fails again and again, or does not answer in time, they are sent
 * on at once; whether it is there again is found out beside them, so that no read pays for it.
 */
export class RedisGate {
  private readonly redis: Redis;
  private readonly breaker = circuitBreaker(handleWhen(isOutOfService), {
    halfOpenAfter: AT_ONCE,
    breaker: new ConsecutiveBreaker(FAILURES),
  });
  private looking: NodeJS.Timeout | null = null;
  private closed = false;

  constructor(redis: Redis) {
    this.redis = redis;
    this.breaker.onBreak(() => this.lookLater());
  }

  get state(): BreakerState {
    if (this.breaker.state === CircuitState.Closed) return 'closed';
    return this.breaker.state === CircuitState.HalfOpen ? 'half-open' : 'open';
  }

  get isConnected(): boolean {
    return this.redis.status === 'ready';
  }

  /** @throws RedisPassedByError; whatever the work throws, which counts as a failure of Redis unless it is merely full. */
  through<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.breaker.state !== CircuitState.Closed) return Promise.reject(new RedisPassedByError('Redis is left alone for now'));
    return this.breaker.execute(work);
  }

  close(): void {
    this.closed = true;
    if (this.looking !== null) clearTimeout(this.looking);
  }

  private lookLater(): void {
    if (this.closed) return;
    this.looking = setTimeout(() => void this.look(), LOOK_MS);
  }

  private async look(): Promise<void> {
    try {
      await this.breaker.execute(() => this.redis.ping());
    } catch {
      connectAnew(this.redis);
    }
  }
}

/** One that takes nothing more for want of memory answers as fast as ever, and has what it had. */
function isOutOfService({ message }: Error): boolean {
  return !message.startsWith('OOM');
}
