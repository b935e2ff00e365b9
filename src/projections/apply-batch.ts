import type pg from 'pg';
import type { RecordedEvent } from '../eventstore/event-store.ts';
import { copyRows, UnwritableRowError } from './builds/copy-rows.ts';
import type { ReadableBuild } from './builds/live-builds.ts';
import { moveCheckpoint, type Queryable } from './checkpoints.ts';
import { decodeFeed } from './decode-feed.ts';
import { foldInto, PoisonEventError } from './fold.ts';
import type { Key, Row, Table } from './projection.ts';
import { type CacheBounds, RowCache, type TableChanges } from './row-cache.ts';
import { savedRows } from './saved-rows.ts';
import { pulseOn } from './stretch.ts';
import { sqlOf } from './table-sql.ts';
import { unseenInLog } from './unseen.ts';

/** Another runner moved the checkpoint meanwhile: nothing was written. */
export class CheckpointMovedError extends Error {
  override readonly name = 'CheckpointMovedError';
}

const NOTHING_SET_ASIDE: ReadonlySet<number> = new Set();
/**
 * Rows that are kept in memory for the next batches: half a second of a rush. What lives for longer costs more to
 * collect than it saves; with 2,000 of them a thousand shows that are booked in turn went at nine tenths of the rate.
 */
const KEPT_ROWS = 5_000;
/** Any other row may be in the database. */
const BOUNDS: CacheBounds = { maxRows: KEPT_ROWS, elsewhere: { add: () => undefined, mayHave: () => true } };
/** So many new rows are copied in; fewer are not worth the second round trip. */
const COPIED_FROM = 16;

/**
 * Folds events into a build's tables, batch after batch, each in one transaction or not at all. Between
 * batches it keeps the rows that were used last: nobody else writes to them as long as the checkpoint stands
 * where it was left, and every batch begins with making sure of that.
 */
export class BatchApplier {
  private readonly connection: pg.ClientBase;
  private readonly build: ReadableBuild;
  private readonly setAside: ReadonlySet<number>;
  private rows: RowCache;
  /** Where the checkpoint stands as far as is known here, and the rows with it. */
  private position = 0;

  constructor(connection: pg.ClientBase, build: ReadableBuild, setAside: ReadonlySet<number> = NOTHING_SET_ASIDE) {
    this.connection = connection;
    this.build = build;
    this.setAside = setAside;
    this.rows = this.noRows();
  }

  /**
   * Folds in the events that come after `from` and moves the checkpoint from there to the last of them. The
   * compare-and-set comes first: it makes a second runner wait, and then fail, before it has read a row that is
   * about to change. Events that do not come after `from`, or come twice, are passed by; those that were set
   * aside only move the checkpoint.
   *
   * @throws CheckpointMovedError, PoisonEventError, and whatever the database throws. @returns the position reached.
   */
  async apply(from: number, delivered: readonly RecordedEvent[]): Promise<number> {
    const { connection, build, setAside } = this;
    const records = unseenInLog(delivered, from);
    const to = records.at(-1)?.position ?? from;
    if (from !== this.position) this.rows = this.noRows();
    await connection.query('BEGIN');
    try {
      if (!(await moveCheckpoint(connection, build, from, to))) {
        throw new CheckpointMovedError(`the checkpoint of ${build.schema} no longer stands at ${from}`);
      }
      const wanted = setAside.size === 0 ? records : records.filter(({ position }) => !setAside.has(position));
      await foldInto(this.rows, build.projection, decodeFeed(build.projection, wanted), pulseOn(connection));
      for (const change of this.rows.takeChanges()) await write(connection, build, change);
      await connection.query('COMMIT');
      this.position = to;
      return to;
    } catch (error) {
      this.rows = this.noRows();
      // A connection that is gone has rolled back by itself; the first error is the one that tells.
      await connection.query('ROLLBACK').catch(() => undefined);
      throw blamed(error, records);
    }
  }

  private noRows(): RowCache {
    return new RowCache((table, keys) => loadRows(this.connection, this.build, table, keys), BOUNDS);
  }
}

/** Data that the tables cannot take is the fault of an event; when there was but one, it is known which. */
function blamed(error: unknown, records: readonly RecordedEvent[]): unknown {
  const [record] = records;
  if (records.length !== 1 || record === undefined || !isDataError(error)) return error;
  return new PoisonEventError(record, error);
}

/** SQLSTATE classes 22 (data), 23 (integrity) and 54 (limits), and rows that were never sent: the same statement would fail again. */
export function isDataError(error: unknown): boolean {
  if (error instanceof UnwritableRowError) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(22|23|54)/.test(code);
}

/** Whether the server has ended a session because it was silent for too long, in a transaction or between two. */
export function isOfSilence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '25P03' || error.code === '57P05');
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

async function write(connection: pg.ClientBase, build: ReadableBuild, { table, added, changed, removed }: TableChanges): Promise<void> {
  const sql = sqlOf(table, build.schema);
  const areCopied = added.length >= COPIED_FROM;
  const saved = areCopied ? changed : [...added, ...changed];
  if (areCopied) await copyRows(connection, build.table(table), table, added);
  for (const piece of savedRows(saved)) await connection.query({ name: `save ${build.table(table)}`, text: sql.save, values: [piece] });
  if (removed.length > 0) await connection.query(sql.remove, columnArrays(table, removed));
}

/** One array per key column, as load and remove take them. */
export function columnArrays(table: Table<Row>, keys: readonly Key[]): unknown[] {
  return table.key.map((_, part) => keys.map((key) => key[part]));
}
