import type { RecordedEvent } from '../eventstore/event-store.ts';
import { moveCheckpoint, type Queryable } from './checkpoints.ts';
import { decodeFeed } from './decode-feed.ts';
import { fold, PoisonEventError, type TableChanges } from './fold.ts';
import type { Key, Projection, Row, Table } from './projection.ts';
import { sqlOf } from './table-sql.ts';

/** Another runner moved the checkpoint meanwhile: nothing was written. */
export class CheckpointMovedError extends Error {
  override readonly name = 'CheckpointMovedError';
}

/**
 * Folds events into the projection's tables and moves its checkpoint from `from` to the last of them,
 * all in one transaction, or not at all. The compare-and-set comes first: it makes a second runner
 * wait, and then fail, before it has read a row that is about to change.
 *
 * @throws CheckpointMovedError, PoisonEventError, and whatever the database throws.
 */
export async function applyBatch(
  connection: Queryable,
  projection: Projection,
  from: number,
  records: readonly RecordedEvent[],
): Promise<number> {
  const to = records.at(-1)?.position ?? from;
  await connection.query('BEGIN');
  try {
    if (!(await moveCheckpoint(connection, projection, from, to))) {
      throw new CheckpointMovedError(`the checkpoint of ${projection.name} no longer stands at ${from}`);
    }
    const changes = await fold(projection, decodeFeed(projection, records), (table, keys) => load(connection, table, keys));
    for (const change of changes) await write(connection, change);
    await connection.query('COMMIT');
    return to;
  } catch (error) {
    // A connection that is gone has rolled back by itself; the first error is the one that tells.
    await connection.query('ROLLBACK').catch(() => undefined);
    throw blamed(error, records);
  }
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

async function load(connection: Queryable, table: Table<Row>, keys: readonly Key[]): Promise<readonly Row[]> {
  const { rows } = await connection.query<Row>(sqlOf(table).load, columnArrays(table, keys));
  return rows;
}

async function write(connection: Queryable, { table, saved, removed }: TableChanges): Promise<void> {
  const sql = sqlOf(table);
  if (saved.length > 0) await connection.query(sql.save, [JSON.stringify(saved)]);
  if (removed.length > 0) await connection.query(sql.remove, columnArrays(table, removed));
}

function columnArrays(table: Table<Row>, keys: readonly Key[]): unknown[] {
  return table.key.map((_, part) => keys.map((key) => key[part]));
}
