import type pg from 'pg';
import type { EventStore, RecordedEvent } from '../eventstore/event-store.ts';
import { applyBatch, isDataError } from './apply-batch.ts';
import { openCheckpoint, readCheckpoint } from './checkpoints.ts';
import { PoisonEventError } from './fold.ts';
import { Pause } from './pause.ts';
import type { PositionWatch } from './position-watch.ts';
import type { Projection } from './projection.ts';

/** Most events of one transaction, and most bytes of their data: what a fold holds in memory. */
const BATCH_EVENTS = 500;
const BATCH_BYTES = 4 * 1024 * 1024;
/** How long a runner that was woken by nothing sleeps, and how often a standby tries to take over, in milliseconds. */
const POLL_MS = 500;
/** Bounds of the wait after a failure that may pass, in milliseconds. */
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;

/** What the runner says about itself. */
export interface RunnerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type LoopState =
  /** Not started, or stopped. */
  | { readonly kind: 'stopped' }
  /** Another process runs the projection; this one takes over when that one dies. */
  | { readonly kind: 'standby' }
  | { readonly kind: 'running' }
  /** Something that may pass is in the way, such as a database that is gone. */
  | { readonly kind: 'retrying'; readonly error: string }
  /** An event cannot be folded. The projection stands before it until a restart finds code that can. */
  | { readonly kind: 'failed'; readonly error: string; readonly event: PoisonEventError['event'] };

export interface LoopParts {
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly watch: PositionWatch;
  readonly log: RunnerLog;
}

/**
 * Keeps one projection up to date in one process. It works while it holds the projection's advisory
 * lock, on the very connection that holds it: when the connection dies, lock and transaction die
 * together. The checkpoint's compare-and-set guards against whatever slips through that.
 */
export class ProjectionLoop {
  readonly projection: Projection;
  state: LoopState = { kind: 'stopped' };
  private readonly parts: LoopParts;
  private readonly pause = new Pause();
  private stopping = false;
  private ended: Promise<void> = Promise.resolve();
  private connection: pg.PoolClient | null = null;

  constructor(projection: Projection, parts: LoopParts) {
    this.projection = projection;
    this.parts = parts;
  }

  start(): void {
    this.stopping = false;
    this.ended = this.run();
  }

  wake(): void {
    this.pause.wake();
  }

  /** Finishes the batch in hand; after `boundMs` milliseconds cuts it off instead, and the database takes it back. */
  async stop(boundMs: number): Promise<void> {
    this.stopping = true;
    this.pause.wake();
    const cut = setTimeout(() => this.letGo(), boundMs);
    await this.ended;
    clearTimeout(cut);
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.stopping; ) {
      try {
        if (await this.takeLock()) await this.follow(() => (failures = 0));
        else await this.standBy();
      } catch (error) {
        if (this.stopping) break;
        if (error instanceof PoisonEventError) return this.fail(error);
        this.state = { kind: 'retrying', error: messageOf(error) };
        this.parts.log.warn({ projection: this.projection.name, err: error }, 'projection interrupted, trying again');
        await this.pause.sleep(Math.min(FIRST_BACKOFF_MS * 2 ** failures, LONGEST_BACKOFF_MS) * (0.5 + Math.random() / 2));
        failures += 1;
      } finally {
        this.letGo();
      }
    }
    this.state = { kind: 'stopped' };
  }

  private fail(error: PoisonEventError): void {
    this.state = { kind: 'failed', error: error.message, event: error.event };
    this.parts.log.error(
      { projection: this.projection.name, event: error.event, err: error },
      'projection stopped by an event that it cannot fold',
    );
  }

  private async takeLock(): Promise<boolean> {
    const connection = await this.parts.pool.connect();
    // Without a listener the loss of a connection in hand would end the process.
    connection.on('error', ignore);
    this.connection = connection;
    const { rows } = await connection.query<{ locked: boolean }>('SELECT pg_try_advisory_lock(hashtext($1), hashtext($2)) AS locked', [
      'holdfast projection',
      `${this.projection.name}/${this.projection.version}`,
    ]);
    if (rows[0]?.locked === true) return true;
    this.connection = null;
    connection.off('error', ignore);
    connection.release();
    return false;
  }

  private async standBy(): Promise<void> {
    if (this.state.kind !== 'standby') this.parts.log.info({ projection: this.projection.name }, 'projection is run by another process');
    this.state = { kind: 'standby' };
    await this.pause.sleep(POLL_MS);
  }

  /** Closes the connection rather than giving it back: with it go the lock and whatever transaction was left open. */
  private letGo(): void {
    const connection = this.connection;
    this.connection = null;
    connection?.release(true);
  }

  private async follow(progressed: () => void): Promise<void> {
    const connection = this.connection as pg.PoolClient;
    let position = await openCheckpoint(connection, this.projection);
    this.parts.watch.advanced(this.projection, position);
    this.state = { kind: 'running' };
    while (!this.stopping) {
      const records = await this.parts.store.readFeed(position, BATCH_EVENTS);
      for (const batch of batchesOf(records)) {
        if (this.stopping) return;
        position = await this.apply(connection, position, batch);
        progressed();
      }
      if (records.length > 0) continue;
      // Asking the checkpoint also tells whether the connection, and with it the lock, is still there.
      if (!(await this.pause.sleep(POLL_MS))) position = await readCheckpoint(connection, this.projection);
    }
  }

  /** One transaction; event by event when the batch is refused, so that everything before the culprit is kept. */
  private async apply(connection: pg.PoolClient, from: number, batch: readonly RecordedEvent[]): Promise<number> {
    try {
      const position = await applyBatch(connection, this.projection, from, batch);
      this.parts.watch.advanced(this.projection, position);
      return position;
    } catch (error) {
      if (batch.length === 1 || !(error instanceof PoisonEventError || isDataError(error))) throw error;
      let position = from;
      for (const record of batch) position = await this.apply(connection, position, [record]);
      return position;
    }
  }
}

function batchesOf(records: readonly RecordedEvent[]): readonly (readonly RecordedEvent[])[] {
  const batches: RecordedEvent[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    if (bytes + record.data.length > BATCH_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(record);
    bytes += record.data.length;
  }
  return batches;
}

function ignore(): void {}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
