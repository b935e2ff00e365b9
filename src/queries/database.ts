import type { Queryable } from '../projections/checkpoints.ts';
import { ViewsUnavailableError } from './answers.ts';

/** What questions are asked with. */
export interface ViewSource {
  readonly database: Queryable;
  /** The log's clock in epoch milliseconds: counts over time are as of now. */
  now(): number;
}

/** Runs one statement. @throws ViewsUnavailableError when the database is not there to answer. */
export async function ask<Result extends object>(
  { database }: ViewSource,
  sql: string,
  values: readonly unknown[],
): Promise<readonly Result[]> {
  try {
    return (await database.query<Result>(sql, values)).rows;
  } catch (error) {
    if (isUnavailable(error)) throw new ViewsUnavailableError('the views cannot be read', { cause: error });
    throw error;
  }
}

/** Errors without an SQLSTATE come from the connection; classes 08, 53, 57 and 58 are the server's own trouble. */
function isUnavailable(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return !/^[0-9A-Z]{5}$/.test(code) || /^(08|53|57|58)/.test(code);
}
