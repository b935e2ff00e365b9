import type pg from 'pg';
import { type AppendResult, OutcomeUnknownError, StoreUnavailableError, type StreamAppend } from '../event-store.ts';
import { callAppendBatch } from './append-call.ts';
import { asWriteError, withConnection } from './connections.ts';
import type { RecentFeed } from './recent-feed.ts';
import type { StreamHeads } from './stream-heads.ts';

/** Two, so that one batch is made and sent while the other one commits; more would only wait for the same lock. */
export const BATCHES_IN_FLIGHT = 2;
/** Bounds of a batch: long enough to share a commit among many, short enough (some 10 ms) to hold the lock for. */
const MAX_BATCH_APPENDS = 256;
const MAX_BATCH_BYTES = 2 * 1024 * 1024;
/** Bounds of what waits: about a second of work. Beyond them it is kinder to say no at once. */
const MAX_WAITING_APPENDS = 10_000;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

interface Waiting {
  readonly parts: readonly StreamAppend[];
  readonly bytes: number;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

export interface AppenderParts {
  readonly pool: pg.Pool;
  readonly heads: StreamHeads;
  readonly recent: RecentFeed;
  /** Called after each batch that wrote something. */
  readonly onWritten: () => void;
}

/**
 * Sends what waits, across streams, in one statement and one transaction, so that many appends share
 * one commit. A stream is in one batch at a time, with one append, in the order of the calls.
 */
export class GroupAppender {
  private readonly parts: AppenderParts;
  private readonly busyStreams = new Set<string>();
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private inFlight = 0;
  private flushScheduled = false;
  private onDrained: (() => void) | null = null;

  constructor(parts: AppenderParts) {
    this.parts = parts;
  }

  /** What waits for its turn; what is being written is not in it. */
  get queue(): { readonly waiting: number; readonly bytes: number } {
    return { waiting: this.waiting.length, bytes: this.waitingBytes };
  }

  /**
   * @param bytes size of the append's data and metadata.
   * @throws StoreUnavailableError when too much is waiting, or after `close`.
   */
  async append(parts: readonly StreamAppend[], bytes: number): Promise<AppendResult> {
    if (this.onDrained !== null) throw new StoreUnavailableError('The event store is closed.');
    const count = this.waiting.length;
    if (count >= MAX_WAITING_APPENDS || this.waitingBytes + bytes > MAX_WAITING_BYTES) {
      throw new StoreUnavailableError(`Too much waits to be written: ${count} appends, ${this.waitingBytes} bytes.`);
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ parts, bytes, resolve, reject });
      this.waitingBytes += bytes;
      this.scheduleFlush();
    });
  }

  /** Takes nothing new, and waits until what was taken is answered. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.onDrained = resolve;
      this.scheduleFlush();
    });
  }

  /** The calls of one turn of the event loop go together. */
  private scheduleFlush(): void {
    if (this.flushScheduled) return;
    this.flushScheduled = true;
    setImmediate(() => {
      this.flushScheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    while (this.inFlight < BATCHES_IN_FLIGHT) {
      const batch = this.takeBatch();
      if (batch.length === 0) break;
      this.inFlight += 1;
      void this.send(batch).finally(() => {
        this.inFlight -= 1;
        for (const streamId of streamsOf(batch)) this.busyStreams.delete(streamId);
        this.flush();
      });
    }
    if (this.inFlight === 0 && this.waiting.length === 0) this.onDrained?.();
  }

  private takeBatch(): readonly Waiting[] {
    const { batch, left } = chooseBatch(this.waiting, this.busyStreams);
    this.waiting = left;
    for (const streamId of streamsOf(batch)) this.busyStreams.add(streamId);
    this.waitingBytes -= batch.reduce((sum, append) => sum + append.bytes, 0);
    return batch;
  }

  /** Answers every append of the batch; never rejects. */
  private async send(batch: readonly Waiting[]): Promise<void> {
    const { pool, heads, recent, onWritten } = this.parts;
    try {
      const appends = batch.map((append) => append.parts);
      const { results, written } = await withConnection(pool, (connection) => callAppendBatch(connection, heads, appends));
      recent.add(written);
      for (const [index, append] of batch.entries()) append.resolve(results[index]!);
      if (results.some((result) => result.kind === 'appended')) onWritten();
    } catch (failure) {
      const error = asWriteError(failure);
      const mayBeOneMember = !(error instanceof OutcomeUnknownError || error instanceof StoreUnavailableError);
      if (mayBeOneMember && batch.length > 1) {
        // The database refused something in it and rolled all of it back: find the one, write the others.
        const middle = Math.ceil(batch.length / 2);
        await this.send(batch.slice(0, middle));
        await this.send(batch.slice(middle));
      } else {
        for (const append of batch) append.reject(error);
      }
    }
  }
}

/** The oldest appends that fit into a batch and touch no busy stream, each stream at most once. */
function chooseBatch(waiting: readonly Waiting[], busyStreams: ReadonlySet<string>): { batch: Waiting[]; left: Waiting[] } {
  const batch: Waiting[] = [];
  const left: Waiting[] = [];
  // Also the streams that a passed over append waits for: a later one must not overtake it.
  const taken = new Set<string>(busyStreams);
  let bytes = 0;
  for (const [index, append] of waiting.entries()) {
    if (batch.length > 0 && (batch.length >= MAX_BATCH_APPENDS || bytes + append.bytes > MAX_BATCH_BYTES)) {
      return { batch, left: [...left, ...waiting.slice(index)] };
    }
    if (append.parts.some((part) => taken.has(part.streamId))) left.push(append);
    else {
      batch.push(append);
      bytes += append.bytes;
    }
    for (const part of append.parts) taken.add(part.streamId);
  }
  return { batch, left };
}

function streamsOf(batch: readonly Waiting[]): string[] {
  return batch.flatMap((append) => append.parts.map((part) => part.streamId));
}
