import type { RedisStatistics } from '../queries/memory/read-statistics.ts';
import type { FactSource, Series } from './scrape.ts';

/** What is told of Redis; nothing where there is none. */
type Facts = RedisStatistics | null;

const BREAKER_STATES: readonly RedisStatistics['breaker'][] = ['closed', 'half-open', 'open'];

/** The layer that instances share. Its hits and misses stand with those of memory. */
export function redisSource(read: () => Facts): FactSource<Facts> {
  return {
    name: 'redis',
    read,
    series: [
      single('gauge', 'holdfast_redis_connected', '1 while there is a connection to Redis.', ({ connected }) => (connected ? 1 : 0)),
      {
        kind: 'gauge',
        name: 'holdfast_redis_breaker_state',
        help: `1 for the state of the breaker in front of Redis, 0 for the others: ${BREAKER_STATES.join(', ')}.`,
        labels: ['state'],
        of: (redis) =>
          redis === null ? [] : BREAKER_STATES.map((state) => ({ labels: { state }, value: redis.breaker === state ? 1 : 0 })),
      },
      single('counter', 'holdfast_redis_failures_total', 'Commands that failed or were not answered in time.', ({ failures }) => failures),
      single('counter', 'holdfast_redis_awaited_total', 'Reads that waited for what another process was bringing.', ({ waited }) => waited),
      single('gauge', 'holdfast_redis_position', 'Log position that Redis had reached when it was asked last.', ({ position }) => position),
    ],
  };
}

function single(kind: Series<Facts>['kind'], name: string, help: string, value: (redis: RedisStatistics) => number | null): Series<Facts> {
  return { kind, name, help, of: (redis) => (redis === null ? null : value(redis)) };
}
