import type pg from 'pg';
import type { EventStore, Following, RecordedEvent } from '../eventstore/event-store.ts';
import type { ReadParsedFeed } from '../eventstore/parsed-feed.ts';
import { BatchApplier, CheckpointMovedError, isDataError, isOfSilence } from './apply-batch.ts';
import { BATCH_EVENTS, BatchPace, batchesOf } from './batches.ts';
import { buildUp } from './builds/build-up.ts';
import { mayGoOn, positionsSetAside, recordFailure } from './builds/failures.ts';
import type { LiveBuilds, ReadableBuild } from './builds/live-builds.ts';
import { LockHolder } from './builds/lock-holder.ts';
import { BUILD_LOCK, type BuildRecord, readBuild } from './builds/registry.ts';
import { PoisonEventError } from './fold.ts';
import type { LoopState, RunnerLog } from './loop-state.ts';
import { Pause } from './pause.ts';
import type { PositionWatch } from './position-watch.ts';

/** How long a runner that was woken by nothing sleeps, and how often a standby tries to take over, in milliseconds. */
const POLL_MS = 500;
/**
 * A session that says nothing for so many milliseconds belongs to a process that stands still (SIGSTOP, a
 * paused container, a network that is silent): the server ends it, or in the middle of a copy whoever stands
 * by, who takes the lock.
 */
const LOCK_LEASE_MS = 5_000;
/** The same while it follows the live build instead of the log, of which nothing wakes it. */
const DRAIN_POLL_MS = 50;
/** Bounds of the wait after a failure that may pass, in milliseconds. */
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;

export interface LoopParts {
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly readParsedFeed: ReadParsedFeed;
  readonly loadBatchEvents: number | undefined;
  readonly live: LiveBuilds;
  readonly watch: PositionWatch;
  readonly log: RunnerLog;
}

/**
 * Fills one build and keeps it up to date, in one process. It works while it holds the build's advisory
 * lock, on the very connection that holds it: when the connection dies, lock and transaction die
 * together. The checkpoint's compare-and-set guards against whatever slips through that.
 */
export class BuildLoop {
  readonly build: ReadableBuild;
  state: LoopState = { kind: 'stopped' };
  /** True once it has ended by itself: its build was let go of, or is no more. It does not go on when that changes. */
  isOver = false;
  private readonly parts: LoopParts;
  /** Between looks at the log, which appends cut short. */
  private readonly pause = new Pause();
  private readonly gathering = new Pause();
  /** Before the next try, whatever is appended meanwhile. */
  private readonly retry = new Pause();
  private stopping = false;
  private ended: Promise<void> = Promise.resolve();
  private connection: pg.PoolClient | null = null;
  private readonly holder: LockHolder;
  /** Why the connection in hand was lost, as far as it is known. */
  private ending: unknown = null;
  /** Most events of a transaction: fewer after one that took so long that the server ended it, more again once the log's end is reached. */
  private mostEvents = BATCH_EVENTS;
  /** True while it only follows the live build. */
  private draining = false;

  constructor(build: ReadableBuild, parts: LoopParts) {
    this.build = build;
    this.parts = parts;
    this.holder = new LockHolder(build, LOCK_LEASE_MS);
  }

  start(): void {
    this.stopping = false;
    this.ended = this.run();
  }

  wake(): void {
    this.pause.wake();
  }

  /** Told that somebody waits. */
  hurry(): void {
    this.gathering.wake();
  }

  /** Told what became of the build, by whoever looks at all of them. */
  known(record: BuildRecord): void {
    this.draining = record.state === 'draining';
  }

  /** Finishes the batch in hand; after `boundMs` milliseconds cuts it off instead, and the database takes it back. */
  async stop(boundMs: number): Promise<void> {
    this.stopping = true;
    this.pause.wake();
    this.gathering.wake();
    this.retry.wake();
    const cut = setTimeout(() => this.letGo(), boundMs);
    await this.ended;
    clearTimeout(cut);
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.stopping && !this.isOver; ) {
      try {
        if (!(await this.takeLock())) await this.standBy();
        else if ((await this.work(() => (failures = 0))) === 'gone') this.isOver = true;
      } catch (error) {
        if (this.stopping) break;
        if (error instanceof PoisonEventError) await this.failAndWait(error);
        else {
          this.state = { kind: 'retrying', error: messageOf(error) };
          this.parts.log.warn({ projection: this.build.schema, err: error }, 'projection interrupted, trying again');
          await this.retry.sleep(Math.min(FIRST_BACKOFF_MS * 2 ** failures, LONGEST_BACKOFF_MS) * (0.5 + Math.random() / 2));
          failures += 1;
        }
      } finally {
        this.letGo();
      }
    }
    this.state = { kind: 'stopped' };
  }

  /** Puts the failure on record and waits for the word to go on. The lock is free meanwhile: another release may know the event. */
  private async failAndWait(error: PoisonEventError): Promise<void> {
    const { schema } = this.build;
    this.state = { kind: 'failed', error: error.message, event: error.event };
    this.parts.log.error({ projection: schema, event: error.event, err: error }, 'projection stopped by an event that it cannot fold');
    this.letGo();
    for (let resumptions: number | null = null; !this.stopping; ) {
      try {
        if (resumptions === null) {
          resumptions = await recordFailure(this.parts.pool, this.build, error);
          if (resumptions === null) return;
        } else if (await mayGoOn(this.parts.pool, this.build, error, resumptions)) return;
      } catch (trouble) {
        this.parts.log.warn({ projection: schema, err: trouble }, 'the failure of a projection cannot be put on record, trying again');
      }
      await this.retry.sleep(POLL_MS);
    }
  }

  private async takeLock(): Promise<boolean> {
    const connection = await this.parts.pool.connect();
    // Without a listener the loss of a connection in hand would end the process.
    const heard = (error: unknown): void => {
      // What comes behind the server's own word tells only that the connection is gone.
      this.ending ??= error;
    };
    connection.on('error', heard);
    this.connection = connection;
    this.ending = null;
    const { rows } = await connection.query<{ locked: boolean }>(`SELECT ${BUILD_LOCK} AS locked`, [
      `${this.build.name}/${this.build.build}`,
    ]);
    if (rows[0]?.locked === true) return true;
    this.connection = null;
    connection.off('error', heard);
    connection.release();
    return false;
  }

  private async standBy(): Promise<void> {
    if (this.state.kind !== 'standby') this.parts.log.info({ projection: this.build.schema }, 'projection is run by another process');
    this.state = { kind: 'standby' };
    await this.holder.endWhenStill(this.parts.pool);
    await this.retry.sleep(POLL_MS);
  }

  /** Closes the connection rather than giving it back: with it go the lock and whatever transaction was left open. */
  private letGo(): void {
    const connection = this.connection;
    this.connection = null;
    connection?.release(true);
  }

  private async work(progressed: () => void): Promise<'gone' | 'stopped'> {
    const connection = this.connection as pg.PoolClient;
    const record = await readBuild(connection, this.build);
    if (record === null || record.state === 'retired') return 'gone';
    const setAside = await positionsSetAside(connection, this.build);
    const applier = new BatchApplier(connection, this.build, setAside);
    this.known(record);
    if (record.state === 'building') {
      this.state = { kind: 'building' };
      const { pool, store, readParsedFeed, loadBatchEvents, live, log } = this.parts;
      const apply = (from: number, batch: readonly RecordedEvent[]) => this.apply(applier, from, batch);
      await buildUp({
        pool,
        store,
        readParsedFeed,
        loadBatchEvents,
        live,
        log,
        connection,
        build: this.build,
        setAside,
        apply,
        progressed,
        isStopping: () => this.stopping,
      });
      if (this.stopping) return 'stopped';
    }
    this.state = { kind: 'running' };
    // What a crash of the server loses, rows and checkpoint together, is folded once more; the log itself loses nothing.
    await connection.query('SET synchronous_commit = off');
    await connection.query(`SET idle_session_timeout = ${LOCK_LEASE_MS}; SET idle_in_transaction_session_timeout = ${LOCK_LEASE_MS}`);
    return this.follow(connection, applier, progressed);
  }

  private async follow(connection: pg.PoolClient, applier: BatchApplier, progressed: () => void): Promise<'gone' | 'stopped'> {
    const following = this.parts.store.follow();
    try {
      return await this.goOn(connection, applier, following, progressed);
    } finally {
      following.end();
    }
  }

  private async goOn(
    connection: pg.PoolClient,
    applier: BatchApplier,
    following: Following,
    progressed: () => void,
  ): Promise<'gone' | 'stopped'> {
    let position: number | null = null;
    const pace = new BatchPace();
    while (!this.stopping) {
      const record: BuildRecord | null = position === null || this.draining ? await readBuild(connection, this.build) : null;
      if (record !== null) position = record.position;
      if (position === null || record?.state === 'retired') return 'gone';
      this.parts.watch.advanced(this.build, position);
      following.had(position);
      const begun = performance.now();
      const end = this.draining ? (record?.livePosition ?? 0) : Number.POSITIVE_INFINITY;
      const records = (await this.parts.store.readFeed(position, BATCH_EVENTS)).filter((one) => one.position <= end);
      position = await this.applyAll(applier, position, records, progressed);
      if (position !== null) following.had(position);
      if (records.length < BATCH_EVENTS) this.mostEvents = Math.min(BATCH_EVENTS, this.mostEvents * 2);
      if (records.length > 0) {
        await this.gather(pace.millisecondsApart(records.length, begun) - (performance.now() - begun));
        continue;
      }
      // Asking for the checkpoint also tells whether the connection, and with it the lock, is still there.
      if (!(await this.pause.sleep(this.draining ? DRAIN_POLL_MS : POLL_MS))) position = null;
    }
    return 'stopped';
  }

  private async gather(milliseconds: number): Promise<void> {
    if (milliseconds <= 0 || this.stopping || this.parts.watch.isWaitedFor(this.build)) return;
    await this.gathering.sleep(milliseconds);
  }

  /** @returns the position reached; null when somebody else moved it, or a switch wants it held back. */
  private async applyAll(
    applier: BatchApplier,
    from: number,
    records: readonly RecordedEvent[],
    progressed: () => void,
  ): Promise<number | null> {
    let position = from;
    try {
      for (const batch of batchesOf(records)) {
        if (this.stopping) break;
        position = await this.apply(applier, position, batch);
        progressed();
      }
      return position;
    } catch (error) {
      if (error instanceof CheckpointMovedError) return null;
      throw error;
    }
  }

  /** One transaction; in halves when the batch is refused, so that everything before the culprit is kept, or when it is known to be too much. */
  private async apply(applier: BatchApplier, from: number, batch: readonly RecordedEvent[]): Promise<number> {
    if (batch.length <= this.mostEvents) {
      try {
        const position = await applier.apply(from, batch);
        this.parts.watch.advanced(this.build, position);
        return position;
      } catch (error) {
        // Who is busy for so long in one go cannot even say so.
        if (isOfSilence(error) || isOfSilence(this.ending)) this.mostEvents = Math.max(1, batch.length >> 1);
        if (batch.length === 1 || !(error instanceof PoisonEventError || isDataError(error))) throw error;
      }
    }
    const middle = batch.length >> 1;
    return this.apply(applier, await this.apply(applier, from, batch.slice(0, middle)), batch.slice(middle));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
