import type { EventStore } from '../eventstore/event-store.ts';
import type { RedisStatistics } from '../queries/memory/read-statistics.ts';
import type { ReadinessCheck, ReadinessFault } from './edge.ts';

/** A view that is so many seconds behind the log must not be shown to anybody; a healthy one is behind by milliseconds. */
const MAX_LAG_SECONDS = 30;
/** From here on an operator should look, though what is shown still helps: several seconds of a rush. */
const SLOW_LAG_SECONDS = 5;
const SLOW_LAG_EVENTS = 20_000;

/** How far one read model is, as whoever runs it says. */
export interface ViewStatus {
  readonly name: string;
  readonly state: { readonly kind: string; readonly error?: string };
  /** Null when they could not be told. */
  readonly lagEvents: number | null;
  readonly lagSeconds: number | null;
}

export interface ReadinessParts {
  readonly store: Pick<EventStore, 'headPosition'>;
  readonly runner: { status(): Promise<readonly ViewStatus[]> };
  /** Names of the read models that requests are answered by. Others are for analysts: what ails them takes no service out of use. */
  readonly answering: readonly string[];
  /** What keeps the process's memory up to date. */
  readonly memory: { readonly isFollowing: boolean; readonly isCurrent: boolean };
  /** Null when there is no Redis. */
  redis(): Pick<RedisStatistics, 'connected' | 'breaker'> | null;
}

/**
 * What has to work for requests to be served: the log, and views that follow it. Without the layers in
 * front of them the service is slower, or what it answers is marked stale, but it serves.
 */
export function readinessChecks({ store, runner, answering, memory, redis }: ReadinessParts): readonly ReadinessCheck[] {
  return [
    {
      name: 'event-log',
      async check() {
        await store.headPosition();
        return null;
      },
    },
    { name: 'projections', check: async () => faultOf(await runner.status(), answering) },
    { name: 'memory', check: async () => degraded(memoryTrouble(memory)) },
    { name: 'redis', check: async () => degraded(redisTrouble(redis())) },
  ];
}

function degraded(trouble: string | null): ReadinessFault | null {
  return trouble === null ? null : { degraded: trouble };
}

function faultOf(views: readonly ViewStatus[], answering: readonly string[]): ReadinessFault | null {
  const troubles = views.flatMap((view) => {
    const words = troubleOf(view);
    return words === null ? [] : [{ name: view.name, ...words }];
  });
  const faults = troubles.filter(({ name, isGrave }) => isGrave && answering.includes(name));
  const told = faults.length > 0 ? faults : troubles;
  const text = told.map(({ trouble }) => trouble).join('; ');
  return faults.length > 0 ? text : degraded(text === '' ? null : text);
}

function troubleOf({ name, state, lagSeconds, lagEvents }: ViewStatus): { readonly trouble: string; readonly isGrave: boolean } | null {
  if (state.kind === 'failed') return { trouble: `${name} stopped: ${state.error}`, isGrave: true };
  if (lagSeconds === null) return { trouble: `${name} cannot be asked how far it is`, isGrave: true };
  const isSlow = lagSeconds > SLOW_LAG_SECONDS || (lagEvents ?? 0) > SLOW_LAG_EVENTS;
  return isSlow ? { trouble: behind(name, lagSeconds, lagEvents), isGrave: lagSeconds > MAX_LAG_SECONDS } : null;
}

function behind(name: string, lagSeconds: number, lagEvents: number | null): string {
  return `${name} is ${Math.round(lagSeconds)} s and ${lagEvents ?? 0} events behind the log`;
}

function memoryTrouble({ isFollowing, isCurrent }: ReadinessParts['memory']): string | null {
  if (!isFollowing) return 'memory does not know yet where the log is; the layers behind it answer';
  return isCurrent ? null : 'memory does not hear from the log; what it answers is marked stale';
}

function redisTrouble(redis: ReturnType<ReadinessParts['redis']>): string | null {
  if (redis === null || (redis.connected && redis.breaker === 'closed')) return null;
  return redis.connected ? 'Redis fails or is slow; reads pass it by' : 'Redis cannot be reached; reads pass it by';
}
