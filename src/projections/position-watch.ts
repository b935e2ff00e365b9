import { type BuildId, schemaOf } from './builds/build.ts';
import type { LiveBuilds } from './builds/live-builds.ts';
import type { Queryable } from './checkpoints.ts';
import type { Projection } from './projection.ts';

/** Shortest and longest pause between two looks at the checkpoints while somebody waits, in milliseconds. */
const FIRST_LOOK_MS = 5;
const SLOWEST_LOOK_MS = 50;

export interface PositionWait {
  readonly reached: boolean;
  /** What the projection has reached, as far as is known here. */
  readonly position: number;
}

/** Knows how far projections are, whether they run in this process or in another one. */
export interface PositionWatch {
  /** Told by a runner of this process after its commit. */
  advanced(build: BuildId, position: number): void;
  /**
   * Resolves as soon as the build that this process reads of the projection has reached the position, at
   * the latest after so many milliseconds. Never rejects.
   */
  waitFor(projection: Pick<Projection, 'name'>, position: number, timeoutMs: number): Promise<PositionWait>;
  /** Whether somebody waits for the projection right now. */
  isWaitedFor(projection: Pick<Projection, 'name'>): boolean;
  /** Calls the listener whenever somebody begins to wait. @returns the way to stop. */
  onWaiting(listener: () => void): () => void;
}

interface Waiter {
  readonly projection: Pick<Projection, 'name'>;
  readonly position: number;
  done(wait: PositionWait): void;
}

/**
 * One look at the checkpoints serves everybody who waits, and nobody looks while nobody waits.
 * Runners of this process need no look at all.
 */
export function createPositionWatch(database: Queryable, live: LiveBuilds): PositionWatch {
  const positions = new Map<string, number>();
  const waiters = new Set<Waiter>();
  const listeners = new Set<() => void>();
  let looking = false;

  function positionOf(projection: Pick<Projection, 'name'>): number {
    const build = live.peek(projection);
    return build === null ? 0 : (positions.get(build.schema) ?? 0);
  }

  function serve(): void {
    for (const waiter of waiters) {
      const position = positionOf(waiter.projection);
      if (waiter.position <= position) waiter.done({ reached: true, position });
    }
  }

  function reachedBy({ name, build }: BuildId, position: number): void {
    const schema = schemaOf({ name, build });
    if (position > (positions.get(schema) ?? 0)) positions.set(schema, position);
  }

  async function look(): Promise<void> {
    if ([...waiters].some(({ projection }) => live.peek(projection) === null)) await live.refresh();
    const { rows } = await database.query<BuildId & { position: number }>(
      'SELECT name, build, position::float8 AS position FROM holdfast.projection_builds',
    );
    for (const row of rows) reachedBy(row, row.position);
    serve();
  }

  async function lookWhileWaited(): Promise<void> {
    looking = true;
    for (let pause = FIRST_LOOK_MS; waiters.size > 0; pause = Math.min(pause * 2, SLOWEST_LOOK_MS)) {
      // A database that cannot be asked is the same as a view that does not come: the waiters' bounds decide.
      await look().catch(() => undefined);
      if (waiters.size > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    }
    looking = false;
  }

  return {
    advanced(build, position) {
      reachedBy(build, position);
      serve();
    },
    waitFor: (projection, position, timeoutMs) =>
      new Promise((resolve) => {
        const now = positionOf(projection);
        if (now >= position && live.peek(projection) !== null) return resolve({ reached: true, position: now });
        const waiter: Waiter = {
          projection,
          position,
          done: (wait) => {
            clearTimeout(timer);
            waiters.delete(waiter);
            resolve(wait);
          },
        };
        const timer = setTimeout(() => waiter.done({ reached: false, position: positionOf(projection) }), timeoutMs);
        waiters.add(waiter);
        for (const listener of listeners) listener();
        if (!looking) void lookWhileWaited();
      }),
    isWaitedFor: ({ name }) => [...waiters].some(({ projection }) => projection.name === name),
    onWaiting(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
