import type { RecordedEvent } from '../eventstore/event-store.ts';
import type { ReadableBuild } from './builds/live-builds.ts';
import { moveCheckpoint, type Queryable } from './checkpoints.ts';
import { decodeFeed } from './decode-feed.ts';
import { fold, PoisonEventError } from './fold.ts';
import type { Key, Row, Table } from './projection.ts';
import type { TableChanges } from './row-cache.ts';
import { sqlOf } from './table-sql.ts';

/** Another runner moved the checkpoint meanwhile: nothing was written. */
export class CheckpointMovedError extends Error {
  override readonly name = 'CheckpointMovedError';
}

const NOTHING_SET_ASIDE: ReadonlySet<number> = new Set();

/**
 * Folds events into a build's tables and moves its checkpoint from `from` to the last of them, all in
 * one transaction, or not at all. The compare-and-set comes first: it makes a second runner wait, and
 * then fail, before it has read a row that is about to change. Events that do not come after `from`, or
 * come twice, are passed by; those at the positions `setAside` only move the checkpoint.
 *
 * @throws CheckpointMovedError, PoisonEventError, and whatever the database throws.
 */
export async function applyBatch(
  connection: Queryable,
  build: ReadableBuild,
  from: number,
  delivered: readonly RecordedEvent[],
  setAside: ReadonlySet<number> = NOTHING_SET_ASIDE,
): Promise<number> {
  const records = newOnes(delivered, from);
  const to = records.at(-1)?.position ?? from;
  await connection.query('BEGIN');
  try {
    if (!(await moveCheckpoint(connection, build, from, to))) {
      throw new CheckpointMovedError(`the checkpoint of ${build.schema} no longer stands at ${from}`);
    }
    const wanted = setAside.size === 0 ? records : records.filter(({ position }) => !setAside.has(position));
    const events = decodeFeed(build.projection, wanted);
    const changes = await fold(build.projection, events, (table, keys) => loadRows(connection, build, table, keys));
    for (const change of changes) await write(connection, build, change);
    await connection.query('COMMIT');
    return to;
  } catch (error) {
    // A connection that is gone has rolled back by itself; the first error is the one that tells.
    await connection.query('ROLLBACK').catch(() => undefined);
    throw blamed(error, records);
  }
}

/** Events that ascend from the position. */
export function newOnes(delivered: readonly RecordedEvent[], from: number): readonly RecordedEvent[] {
  let last = from;
  return delivered.filter(({ position }) => {
    if (position <= last) return false;
    last = position;
    return true;
  });
}

/** Data that the tables cannot take is the fault of an event; when there was but one, it is known which. */
function blamed(error: unknown, records: readonly RecordedEvent[]): unknown {
  const [record] = records;
  if (records.length !== 1 || record === undefined || !isDataError(error)) return error;
  return new PoisonEventError(record, error);
}

/** SQLSTATE classes 22 (data), 23 (integrity) and 54 (limits): the same statement would fail again. */
export function isDataError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(22|23|54)/.test(code);
}

/** The rows of a build's table that are there under the keys. */
export async function loadRows(
  connection: Queryable,
  { schema }: ReadableBuild,
  table: Table<Row>,
  keys: readonly Key[],
): Promise<readonly Row[]> {
  const { rows } = await connection.query<Row>(sqlOf(table, schema).load, columnArrays(table, keys));
  return rows;
}

async function write(connection: Queryable, { schema }: ReadableBuild, { table, added, changed, removed }: TableChanges): Promise<void> {
  const sql = sqlOf(table, schema);
  const saved = [...added, ...changed];
  if (saved.length > 0) await connection.query(sql.save, [JSON.stringify(saved)]);
  if (removed.length > 0) await connection.query(sql.remove, columnArrays(table, removed));
}

/** One array per key column, as load and remove take them. */
export function columnArrays(table: Table<Row>, keys: readonly Key[]): unknown[] {
  return table.key.map((_, part) => keys.map((key) => key[part]));
}
