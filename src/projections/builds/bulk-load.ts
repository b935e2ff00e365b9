import { setImmediate as nextTurn } from 'node:timers/promises';
import type pg from 'pg';
import type { ParsedEvent, ReadParsedFeed } from '../../eventstore/parsed-feed.ts';
import { CheckpointMovedError, columnArrays, loadRows } from '../apply-batch.ts';
import { moveCheckpoint } from '../checkpoints.ts';
import { decodeParsedFeed } from '../decode-feed.ts';
import { foldInto } from '../fold.ts';
import { KeyFilter } from '../key-filter.ts';
import type { Key, Row, Table } from '../projection.ts';
import { RowCache, type TableChanges } from '../row-cache.ts';
import { savedRows } from '../saved-rows.ts';
import { type Pulse, pulseOn } from '../stretch.ts';
import { sqlOf } from '../table-sql.ts';
import { copyRows } from './copy-rows.ts';
import type { ReadableBuild } from './live-builds.ts';
import { learnStoredKeys } from './stored-keys.ts';

/**
 * Events that are read at once, and pages that are on their way. Of the largest events there are, so many still fit
 * into memory; and those of one page, decoded, die young, or collecting them would cost more than folding them.
 */
const PAGE_EVENTS = 500;
const PAGES_AHEAD = 3;
/**
 * Events of one transaction, rows that it writes, and milliseconds until it begins, which are what a crash
 * loses: the more there are, the more of what happens to a row stays in memory.
 */
const BATCH_EVENTS = 200_000;
const BATCH_ROWS = 100_000;
const BATCH_MS = 10_000;
/** Rows that are removed by one statement, whose keys are put together in one turn of the event loop. */
const STATEMENT_KEYS = 1_000;
/** Rows that are kept in memory for later events; a row takes up to a kilobyte. */
const CACHED_ROWS = 200_000;
const STATEMENT_TIMEOUT_MS = 300_000;

export interface BulkLoadParts {
  readonly readFeed: ReadParsedFeed;
  readonly connection: pg.PoolClient;
  readonly build: ReadableBuild;
  readonly setAside: ReadonlySet<number>;
  /** Where the build stands. */
  readonly position: number;
  /** Most events of a transaction, if not as many as are good. */
  readonly batchEvents?: number | undefined;
  readonly progressed: () => void;
  readonly isStopping: () => boolean;
}

/**
 * Fills a build from the log as fast as it goes, while nobody else writes to it: the next events are
 * read and the last rows are written while this page is folded, rows are kept in memory over many
 * pages, and new ones are copied in.
 */
export class BulkLoad {
  /** When `run` has failed because of an event, that event is at this position at the latest. */
  failedUpTo: number;
  private readonly parts: BulkLoadParts;
  private readonly rows: RowCache;
  /** Up to where rows were given to be written. */
  private position: number;
  private writing: Promise<void> = Promise.resolve();
  private isWriting = false;
  private readonly pulse: Pulse;
  /** Of the rows that are in the tables and not in memory. */
  private readonly stored = new KeyFilter();
  private begun = false;
  private batchBegun = performance.now();

  constructor(parts: BulkLoadParts) {
    this.parts = parts;
    this.position = parts.position;
    this.failedUpTo = parts.position;
    const pulse = pulseOn(parts.connection);
    // A connection that writes says enough by that, and in the middle of a copy it takes no other statement.
    this.pulse = () => (this.isWriting ? nextTurn() : pulse());
    this.rows = new RowCache((table, keys) => this.load(table, keys), { maxRows: CACHED_ROWS, elsewhere: this.stored });
  }

  /** Goes on until the log ends; may be called again unless it has failed. @returns the position reached. */
  async run(): Promise<number> {
    const pages = new PagesAhead(this.parts.readFeed, this.position);
    try {
      if (!this.begun && this.position > 0) await learnStoredKeys(this.parts.connection, this.parts.build, this.stored);
      this.begun = true;
      let folded = this.position;
      while (!this.parts.isStopping()) {
        this.failedUpTo = folded + PAGE_EVENTS;
        const events = await pages.next();
        folded = events.at(-1)?.position ?? folded;
        await this.fold(events);
        if (events.length < PAGE_EVENTS) break;
        if (this.isFull(folded)) await this.startWriting(folded);
      }
      await this.startWriting(folded);
      await this.writing;
      return this.position;
    } finally {
      await Promise.allSettled([pages.settled(), this.writing]);
    }
  }

  private isFull(folded: number): boolean {
    const events = folded - this.position;
    return (
      events >= (this.parts.batchEvents ?? BATCH_EVENTS) ||
      this.rows.changedRows >= BATCH_ROWS ||
      performance.now() - this.batchBegun >= BATCH_MS
    );
  }

  private async fold(events: readonly ParsedEvent[]): Promise<void> {
    const { setAside, build } = this.parts;
    const wanted = events.filter(({ position }) => !setAside.has(position));
    await foldInto(this.rows, build.projection, decodeParsedFeed(build.projection, wanted), this.pulse);
  }

  /** Writes what was folded up to the position while the next events are; at most one write is on its way. */
  private async startWriting(to: number): Promise<void> {
    await this.writing;
    if (to === this.position) return;
    this.parts.progressed();
    this.isWriting = true;
    this.writing = this.write(this.position, to, this.rows.takeChanges()).finally(() => {
      this.isWriting = false;
    });
    this.writing.catch(() => undefined);
    this.position = to;
    this.batchBegun = performance.now();
  }

  private async load(table: Table<Row>, keys: readonly Key[]): Promise<readonly Row[]> {
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
        for (let start = 0; start < removed.length; start += STATEMENT_KEYS) {
          await connection.query(long(sql.remove, columnArrays(table, removed.slice(start, start + STATEMENT_KEYS))));
        }
        for (const piece of savedRows(changed)) await connection.query(long(sql.save, [piece]));
        if (added.length > 0) await copyRows(connection, build.table(table), table, added);
      }
      await connection.query('COMMIT');
    } catch (error) {
      await connection.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}

/** Pages of the log, some of which are on their way before they are wanted: positions leave nothing out, so it is known where each begins. */
class PagesAhead {
  private readonly readFeed: ReadParsedFeed;
  private readonly underWay: Promise<readonly ParsedEvent[]>[] = [];
  private after: number;

  constructor(readFeed: ReadParsedFeed, after: number) {
    this.readFeed = readFeed;
    this.after = after;
    this.readOn();
  }

  /** Not to be called again after a page that was not full: what comes behind it may have been read before there was anything. */
  async next(): Promise<readonly ParsedEvent[]> {
    const events = await (this.underWay.shift() as Promise<readonly ParsedEvent[]>);
    if (events.length === PAGE_EVENTS) this.readOn();
    return events;
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.underWay);
  }

  private readOn(): void {
    while (this.underWay.length < PAGES_AHEAD) {
      const reading = this.readFeed(this.after, PAGE_EVENTS);
      // It is awaited later; until then a failure must not count as unhandled.
      reading.catch(() => undefined);
      this.underWay.push(reading);
      this.after += PAGE_EVENTS;
    }
  }
}

function long(text: string, values: unknown[]): pg.QueryConfig & { readonly query_timeout: number } {
  return { text, values, query_timeout: STATEMENT_TIMEOUT_MS };
}
