import type pg from 'pg';
import type { EventStore } from '../eventstore/event-store.ts';
import { readCheckpoint } from './checkpoints.ts';
import { createPositionWatch, type PositionWatch } from './position-watch.ts';
import type { Projection } from './projection.ts';
import { type LoopState, ProjectionLoop, type RunnerLog } from './projection-loop.ts';

/** How long a stop waits for the batches in hand, in milliseconds: a full batch takes a fraction of it. */
const STOP_BOUND_MS = 5_000;

export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  readonly state: LoopState;
  /** The log position that the projection has reached, whichever process runs it; null when the database does not answer. */
  readonly position: number | null;
  /** Events and seconds by which it is behind the log; null when the log or the database does not answer. */
  readonly lagEvents: number | null;
  readonly lagSeconds: number | null;
}

export interface ProjectionRunner {
  start(): void;
  /** Finishes the batches in hand and lets other processes take over; resolves within a few seconds. */
  stop(): Promise<void>;
  status(): Promise<readonly ProjectionStatus[]>;
  /** Knows at once what this runner has committed. */
  readonly watch: PositionWatch;
}

/**
 * Keeps read models up to date from the log. Any number of processes may run it on one database: each
 * projection is run by one of them, and taken over by another when that one dies. Each projection
 * keeps one connection of the pool for itself.
 */
export function createProjectionRunner(parts: {
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly projections: readonly Projection[];
  readonly log: RunnerLog;
}): ProjectionRunner {
  const { pool, store, projections, log } = parts;
  const watch = createPositionWatch(pool);
  const loops = projections.map((projection) => new ProjectionLoop(projection, { pool, store, watch, log }));
  let stopListening: () => void = () => undefined;

  return {
    watch,
    start() {
      stopListening = store.onAppended(() => {
        for (const loop of loops) loop.wake();
      });
      for (const loop of loops) loop.start();
    },
    async stop() {
      stopListening();
      await Promise.all(loops.map((loop) => loop.stop(STOP_BOUND_MS)));
    },
    status: () => Promise.all(loops.map((loop) => statusOf(loop, pool, store))),
  };
}

async function statusOf(loop: ProjectionLoop, pool: pg.Pool, store: EventStore): Promise<ProjectionStatus> {
  const { name, version } = loop.projection;
  const { state } = loop;
  try {
    const position = await readCheckpoint(pool, loop.projection);
    const lagEvents = Math.max(0, (await store.headPosition()) - position);
    const [next] = lagEvents === 0 ? [] : await store.readFeed(position, 1);
    const lagSeconds = next === undefined ? 0 : Math.max(0, (store.now() - next.recordedAt) / 1_000);
    return { name, version, state, position, lagEvents, lagSeconds };
  } catch {
    // The state already tells what is wrong; the status itself must answer.
    return { name, version, state, position: null, lagEvents: null, lagSeconds: null };
  }
}
