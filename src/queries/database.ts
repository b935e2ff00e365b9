import { type LiveBuilds, NoBuildError, perBuild, type ReadableBuild } from '../projections/builds/live-builds.ts';
import type { Prepared, Queryable } from '../projections/checkpoints.ts';
import type { Projection } from '../projections/projection.ts';
import { ViewsUnavailableError } from './answers.ts';

/** What questions are asked with. */
export interface ViewSource {
  readonly database: Queryable;
  readonly live: LiveBuilds;
  /** The log's clock in epoch milliseconds: counts over time are as of now. */
  now(): number;
}

/**
 * Runs one statement on the build of the projection that is read now; once more when that build was
 * dropped between the look at the pointer and the statement.
 *
 * @throws ViewsUnavailableError when the database is not there to answer.
 */
export async function ask<Result extends object>(
  { database, live }: ViewSource,
  projection: Pick<Projection, 'name'>,
  sql: (build: ReadableBuild) => string | Prepared,
  values: readonly unknown[],
): Promise<readonly Result[]> {
  const answer = async () => (await database.query<Result>(sql(await live.current(projection)), values)).rows;
  try {
    return await answer().catch(async (error: unknown) => {
      if (!isGone(error)) throw error;
      await live.refresh();
      return answer();
    });
  } catch (error) {
    if (isUnavailable(error)) throw new ViewsUnavailableError('the views cannot be read', { cause: error });
    throw error;
  }
}

/** A statement that finds by keys what it answers with: the plan is the same whatever the keys, so it is made once. */
export function prepared(name: string, compose: (build: ReadableBuild) => string): (build: ReadableBuild) => Prepared {
  const text = perBuild(compose);
  return (build) => ({ name: `${name} ${build.schema}`, text: text(build) });
}

/** SQLSTATEs of a schema and of a table that are not there. */
function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === '3F000' || code === '42P01';
}

/** Errors without an SQLSTATE come from the connection; classes 08, 53, 57 and 58 are the server's own trouble. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof NoBuildError) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return !/^[0-9A-Z]{5}$/.test(code) || /^(08|53|57|58)/.test(code);
}
