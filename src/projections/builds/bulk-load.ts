import type pg from 'pg';
import type { EventStore, RecordedEvent } from '../../eventstore/event-store.ts';
import { CheckpointMovedError, columnArrays, loadRows, newOnes } from '../apply-batch.ts';
import { moveCheckpoint } from '../checkpoints.ts';
import { decodeFeed } from '../decode-feed.ts';
import { foldInto } from '../fold.ts';
import type { Key, Row, Table } from '../projection.ts';
import { RowCache, type TableChanges } from '../row-cache.ts';
import { sqlOf } from '../table-sql.ts';
import { copyRows } from './copy-rows.ts';
import type { ReadableBuild } from './live-builds.ts';

/** Events of one transaction, and bytes of their data: the more there are, the more of what happens to a row stays in memory. */
const BATCH_EVENTS = 20_000;
const BATCH_BYTES = 16 * 1024 * 1024;
/** Rows that are kept in memory for later events; a row takes about a kilobyte. */
const CACHED_ROWS = 200_000;
const STATEMENT_TIMEOUT_MS = 300_000;

/**
 * Fills a build from the log as fast as it goes, while nobody else writes to it: the next events are
 * read and the last rows are written while this batch is folded, rows are kept in memory over many
 * batches, and new ones are copied in.
 */
export class BulkLoad {
  /** When `run` has failed: the culprit is at this position at the latest. */
  failedUpTo: number;
  private readonly parts: BulkLoadParts;
  private readonly rows: RowCache;
  private position: number;
  private writing: Promise<void> = Promise.resolve();
  /** As long as nothing was forgotten since the beginning of the log, a row that is not in memory is nowhere. */
  private knowsAll: boolean;

  constructor(parts: BulkLoadParts) {
    this.parts = parts;
    this.position = parts.position;
    this.failedUpTo = parts.position;
    this.knowsAll = parts.position === 0;
    this.rows = new RowCache(
      (table, keys) => this.load(table, keys),
      CACHED_ROWS,
      () => {
        this.knowsAll = false;
      },
    );
  }

  /** Goes on until the log is ahead by less than so many events. @returns the position reached. */
  async run(nearlyThere: number): Promise<number> {
    const { build, setAside, progressed, isStopping } = this.parts;
    let reading = this.read(this.position);
    try {
      while (!isStopping()) {
        const records = await reading;
        const to = records.at(-1)?.position ?? this.position;
        reading = records.length < nearlyThere ? Promise.resolve([]) : this.read(to);
        if (records.length === 0) break;
        this.failedUpTo = to;
        const wanted = records.filter(({ position }) => !setAside.has(position));
        await foldInto(this.rows, build.projection, decodeFeed(build.projection, wanted));
        await this.writing;
        progressed();
        this.writing = this.write(this.position, to, this.rows.takeChanges());
        // It is awaited above; until then a failure must not count as unhandled.
        this.writing.catch(() => undefined);
        this.position = to;
      }
      await this.writing;
      return this.position;
    } finally {
      await Promise.allSettled([reading, this.writing]);
    }
  }

  private async read(after: number): Promise<readonly RecordedEvent[]> {
    const batch: RecordedEvent[] = [];
    for (let last = after, bytes = 0; batch.length < BATCH_EVENTS && bytes < BATCH_BYTES; ) {
      const page = newOnes(await this.parts.store.readFeed(last, BATCH_EVENTS - batch.length), last);
      if (page.length === 0) break;
      for (const record of page) {
        batch.push(record);
        bytes += record.data.length;
      }
      last = page.at(-1)?.position ?? last;
    }
    return batch;
  }

  private async load(table: Table<Row>, keys: readonly Key[]): Promise<readonly Row[]> {
    if (this.knowsAll) return [];
    // A row that was forgotten may just be on its way to the table.
    await this.writing;
    return loadRows(this.parts.connection, this.parts.build, table, keys);
  }

  private async write(from: number, to: number, changes: readonly TableChanges[]): Promise<void> {
    const { connection, build } = this.parts;
    await connection.query('BEGIN');
    try {
      if (!(await moveCheckpoint(connection, build, from, to))) {
        throw new CheckpointMovedError(`the checkpoint of ${build.schema} no longer stands at ${from}`);
      }
      for (const { table, added, changed, removed } of changes) {
        const sql = sqlOf(table, build.schema);
        if (removed.length > 0) await connection.query(long(sql.remove, columnArrays(table, removed)));
        if (changed.length > 0) await connection.query(long(sql.save, [JSON.stringify(changed)]));
        if (added.length > 0) await copyRows(connection, build.table(table), table, added);
      }
      await connection.query('COMMIT');
    } catch (error) {
      await connection.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}

export interface BulkLoadParts {
  readonly store: EventStore;
  readonly connection: pg.PoolClient;
  readonly build: ReadableBuild;
  readonly setAside: ReadonlySet<number>;
  /** Where the build stands. */
  readonly position: number;
  readonly progressed: () => void;
  readonly isStopping: () => boolean;
}

function long(text: string, values: unknown[]): pg.QueryConfig & { readonly query_timeout: number } {
  return { text, values, query_timeout: STATEMENT_TIMEOUT_MS };
}
