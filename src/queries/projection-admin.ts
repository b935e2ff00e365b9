import type pg from 'pg';
import type { EventStore } from '../eventstore/event-store.ts';
import { type BuildOperations, BuildRefusedError } from '../projections/builds/operations.ts';
import { type BuildOverview, overviewOf } from '../projections/builds/overview.ts';
import { readBuilds } from '../projections/builds/registry.ts';
import type { ProjectionRelease } from '../projections/projection.ts';
import { ViewsUnavailableError } from './answers.ts';
import { isUnavailable } from './database.ts';

export type { BuildOverview };

/** A projection by the build of it that is read, and the builds beside that one. */
export interface ProjectionView {
  readonly name: string;
  /** Null when no build can be read yet. */
  readonly live: BuildOverview | null;
  /** Those on their way to take its place, and those that it took the place of; by number. */
  readonly others: readonly BuildOverview[];
}

/** What operators ask of read models. Throws ViewsUnavailableError when their database cannot be reached. */
export interface ProjectionAdmin {
  list(): Promise<readonly ProjectionView[]>;
  /** Begins a rebuild, or finds the one that is on its way; null when there is no such projection. */
  rebuild(name: string, actor: string, switchWhenCompared: boolean): Promise<ProjectionView | null>;
}

export function createProjectionAdmin(parts: {
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly releases: readonly ProjectionRelease[];
  readonly operations: BuildOperations;
}): ProjectionAdmin {
  const { pool, store, releases, operations } = parts;

  async function list(): Promise<readonly ProjectionView[]> {
    const builds = await readBuilds(pool);
    const overviews = await Promise.all(builds.map((build) => overviewOf(build, store)));
    const names = new Set([...releases.map(({ current }) => current.name), ...builds.map(({ name }) => name)]);
    return [...names].map((name) => {
      const own = overviews.filter((build) => build.name === name);
      return { name, live: own.find(({ live }) => live) ?? null, others: own.filter(({ live }) => !live) };
    });
  }

  return {
    list: () => available(list),
    rebuild: (name, actor, switchWhenCompared) =>
      available(async () => {
        try {
          await operations.rebuild(name, actor, switchWhenCompared);
        } catch (error) {
          if (error instanceof BuildRefusedError && error.kind === 'unknown-projection') return null;
          throw error;
        }
        return (await list()).find((view) => view.name === name) ?? null;
      }),
  };
}

async function available<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (isUnavailable(error)) throw new ViewsUnavailableError('the read models cannot be asked', { cause: error });
    throw error;
  }
}
