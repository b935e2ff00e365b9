import type { EventStore } from '../../eventstore/event-store.ts';
import type { Comparison } from './compare.ts';
import type { BuildFailure, BuildRecord } from './registry.ts';

/** A build as an operator sees it. */
export interface BuildOverview {
  readonly name: string;
  readonly build: number;
  readonly version: number;
  readonly live: boolean;
  /** `stopped`: an event cannot be folded; `failure` says which. Else `live`, or what the build is on its way to. */
  readonly state: 'live' | 'building' | 'caught-up' | 'draining' | 'retired' | 'stopped';
  readonly position: number;
  readonly lagEvents: number;
  readonly lagSeconds: number;
  /** Whether some process has it in hand. */
  readonly inHand: boolean;
  readonly failure: BuildFailure | null;
  /** Null unless it is being built and has come some way. */
  readonly progress: { readonly eventsPerSecond: number; readonly secondsLeft: number } | null;
  readonly comparison: Comparison | null;
  /** Instances that read it. */
  readonly readers: number;
  readonly skipped: number;
}

/** @throws what the log throws. */
export async function overviewOf(record: BuildRecord, store: EventStore): Promise<BuildOverview> {
  const { name, build, version, live, position, inHand, failure, comparison, readers, skipped } = record;
  const lag = await lagOf(store, position);
  const state = failure !== null ? 'stopped' : live ? 'live' : record.state;
  return {
    name,
    build,
    version,
    live,
    state,
    position,
    ...lag,
    inHand,
    failure,
    progress: progressOf(record, lag.lagEvents),
    comparison,
    readers,
    skipped,
  };
}

/** How far a position is behind the log. */
export async function lagOf(store: EventStore, position: number): Promise<{ readonly lagEvents: number; readonly lagSeconds: number }> {
  const lagEvents = Math.max(0, (await store.headPosition()) - position);
  const [next] = lagEvents === 0 ? [] : await store.readFeed(position, 1);
  return { lagEvents, lagSeconds: next === undefined ? 0 : Math.max(0, (store.now() - next.recordedAt) / 1_000) };
}

function progressOf({ state, position, runPosition, runSeconds }: BuildRecord, lagEvents: number): BuildOverview['progress'] {
  if (state !== 'building' || runSeconds === null || runSeconds <= 0 || position <= runPosition) return null;
  const eventsPerSecond = (position - runPosition) / runSeconds;
  return { eventsPerSecond: Math.round(eventsPerSecond), secondsLeft: Math.ceil(lagEvents / eventsPerSecond) };
}
