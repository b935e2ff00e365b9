import type pg from 'pg';
import { readCheckpoint } from '../checkpoints.ts';
import { columnName, type Projection, type Row, type Table } from '../projection.ts';
import type { ReadableBuild } from './live-builds.ts';

/** A hash of a table with millions of rows takes seconds; one that has not come after so many milliseconds is given up. */
export const HASH_TIMEOUT_MS = 600_000;

export interface TableComparison {
  readonly table: string;
  /** Number of rows; null where the live build has no such table. */
  readonly liveRows: number | null;
  readonly rows: number;
  /** Whether all rows are the same in every column that both have; null where the live build has no such table. */
  readonly equal: boolean | null;
}

/** A new build beside the live one, both as of one position of the log. */
export interface Comparison {
  /** Null when they could not be brought to one position. */
  readonly position: number | null;
  /** `different-version`: the rows are expected to differ; `not-compared`: there was nothing to compare with, `detail` says why. */
  readonly verdict: 'equal' | 'different' | 'different-version' | 'not-compared';
  readonly tables: readonly TableComparison[];
  readonly detail?: string;
}

/** Whether a build that was found so may take the live one's place without more ado. */
export function isFit(comparison: Comparison | null): boolean {
  return comparison?.verdict === 'equal' || comparison?.verdict === 'different-version';
}

/** What a table came to: its number of rows, and the sum of the hashes of their texts, which no order of the rows changes. */
interface Sum {
  readonly rows: number;
  readonly hash: string;
}

/**
 * Compares a build with the live one, table by table, as of one position: the live one is looked at in
 * one snapshot, and `advanceTo` brings the new one, which nobody else may be feeding, to where the live
 * one stood in it. The live one must have passed the new one.
 *
 * What is compared is the number of rows and the sum of the 64-bit hashes of all rows' texts, over the
 * columns that both have.
 */
export async function compareWithLive(parts: {
  readonly pool: pg.Pool;
  readonly connection: pg.PoolClient;
  readonly build: ReadableBuild;
  readonly live: ReadableBuild;
  /** Brings the new build to the position. @returns where it stands then. */
  readonly advanceTo: (position: number) => Promise<number>;
}): Promise<Comparison> {
  const { pool, connection, build, live, advanceTo } = parts;
  const moment = await pool.connect();
  const ignore = (): void => undefined;
  moment.on('error', ignore);
  try {
    await moment.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const position = await readCheckpoint(moment, live);
    const reached = position === null ? null : await advanceTo(position);
    if (position === null || reached !== position) {
      return notCompared(build, live, `the live build stands at ${position}, this one at ${reached}`);
    }
    const tables: TableComparison[] = [];
    for (const { table } of build.projection.tables) {
      const beside = live.projection.tables.find((view) => view.table.name === table.name)?.table;
      const columns = columnsOfBoth(table, beside ?? table);
      const sum = await sumOf(connection, build, table, columns);
      const liveSum = beside === undefined ? null : await sumOf(moment, live, beside, columns);
      tables.push({ table: table.name, liveRows: liveSum?.rows ?? null, rows: sum.rows, equal: liveSum && isEqual(sum, liveSum) });
    }
    return { position, verdict: verdictOf(build.projection, live.projection, tables), tables };
  } finally {
    moment.off('error', ignore);
    moment.release(true);
  }
}

/**
 * What there is to say of a build that could not be held against the live one. The rows of another version would have told
 * nothing, and it must not need the live one to go on: that this is stopped may be why there is another version.
 */
export function notCompared(own: ReadableBuild, live: ReadableBuild | null, detail: string): Comparison {
  const isOther = live !== null && own.projection.version !== live.projection.version;
  return { position: null, verdict: isOther ? 'different-version' : 'not-compared', tables: [], detail };
}

function verdictOf(own: Projection, live: Projection, tables: readonly TableComparison[]): Comparison['verdict'] {
  if (own.version !== live.version) return 'different-version';
  return tables.every(({ equal }) => equal === true) ? 'equal' : 'different';
}

function isEqual(a: Sum, b: Sum): boolean {
  return a.rows === b.rows && a.hash === b.hash;
}

function columnsOfBoth(table: Table<Row>, other: Table<Row>): readonly string[] {
  return Object.keys(table.columns)
    .filter((property) => property in other.columns)
    .map(columnName);
}

async function sumOf(connection: pg.PoolClient, build: ReadableBuild, table: Table<Row>, columns: readonly string[]): Promise<Sum> {
  const config = {
    text: `SELECT count(*)::float8 AS rows, coalesce(sum(hashtextextended(ROW(${columns.join(', ')})::text, 0)::numeric), 0)::text AS hash
             FROM ${build.table(table)}`,
    query_timeout: HASH_TIMEOUT_MS,
  };
  const { rows } = await connection.query<Sum & object>(config);
  return rows[0] as Sum;
}
