import type { ProjectionId, Queryable } from './checkpoints.ts';

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
  advanced(projection: ProjectionId, position: number): void;
  /** Resolves as soon as the projection has reached the position, at the latest after so many milliseconds. Never rejects. */
  waitFor(projection: ProjectionId, position: number, timeoutMs: number): Promise<PositionWait>;
}

interface Waiter {
  readonly projection: string;
  readonly position: number;
  done(wait: PositionWait): void;
}

/**
 * One look at the checkpoints serves everybody who waits, and nobody looks while nobody waits.
 * Runners of this process need no look at all.
 */
export function createPositionWatch(database: Queryable): PositionWatch {
  const positions = new Map<string, number>();
  const waiters = new Set<Waiter>();
  let looking = false;

  function reachedBy(projection: string, position: number): void {
    if (position <= (positions.get(projection) ?? 0)) return;
    positions.set(projection, position);
    for (const waiter of waiters) {
      if (waiter.projection === projection && waiter.position <= position) waiter.done({ reached: true, position });
    }
  }

  async function look(): Promise<void> {
    const { rows } = await database.query<{ name: string; version: number; position: number }>(
      'SELECT name, version, position::float8 AS position FROM holdfast_views.projection_checkpoints',
    );
    for (const row of rows) reachedBy(identity(row), row.position);
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
    advanced: (projection, position) => reachedBy(identity(projection), position),
    waitFor: (projection, position, timeoutMs) =>
      new Promise((resolve) => {
        const id = identity(projection);
        const now = positions.get(id) ?? 0;
        if (now >= position) return resolve({ reached: true, position: now });
        const waiter: Waiter = {
          projection: id,
          position,
          done: (wait) => {
            clearTimeout(timer);
            waiters.delete(waiter);
            resolve(wait);
          },
        };
        const timer = setTimeout(() => waiter.done({ reached: false, position: positions.get(id) ?? 0 }), timeoutMs);
        waiters.add(waiter);
        if (!looking) void lookWhileWaited();
      }),
  };
}

function identity({ name, version }: ProjectionId): string {
  return `${name}/${version}`;
}
