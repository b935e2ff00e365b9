import type pg from 'pg';
import { type AppendResult, OutcomeUnknownError, StoreUnavailableError, type StreamAppend } from '../event-store.ts';
import { callAppendBatch } from './append-call.ts';
import { asWriteError, withConnection } from './connections.ts';

/** Two, so that one batch is made and sent while the other one commits; more would only wait for the same lock. */
export const BATCHES_IN_FLIGHT = 2;
/** Bounds of a batch: long enough to share a commit among many, short enough (some 10 ms) to hold the lock for. */
const MAX_BATCH_APPENDS = 256;
const MAX_BATCH_BYTES = 2 * 1024 * 1024;
/** Bounds of what waits: about a second of work. Beyond them it is kinder to say no at once. */
export const MAX_WAITING_APPENDS = 10_000;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

interface Waiting {
  readonly parts: readonly StreamAppend[];
  readonly bytes: number;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupAppender {
  /**
   * @param bytes size of the append's data and metadata.
   * @throws StoreUnavailableError when too much is waiting, or after `close`.
   */
  append(parts: readonly StreamAppend[], bytes: number): Promise<AppendResult>;
  /** Takes nothing new, and waits until what was taken is answered. */
  close(): Promise<void>;
}

/**
 * Sends what waits, across streams, in one statement and one transaction, so that many appends share
 * one commit. A stream is in one batch at a time, with one append, in the order of the calls.
 */
export function createGroupAppender(pool: pg.Pool, onWritten: () => void): GroupAppender {
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let inFlight = 0;
  let flushScheduled = false;
  let onDrained: (() => void) | null = null;
  const busyStreams = new Set<string>();

  /** The calls of one turn of the event loop go together. */
  function scheduleFlush(): void {
    if (flushScheduled) return;
    flushScheduled = true;
    setImmediate(() => {
      flushScheduled = false;
      flush();
    });
  }

  function flush(): void {
    while (inFlight < BATCHES_IN_FLIGHT) {
      const batch = takeBatch();
      if (batch.length === 0) break;
      inFlight += 1;
      void send(batch).finally(() => {
        inFlight -= 1;
        for (const streamId of streamsOf(batch)) busyStreams.delete(streamId);
        flush();
      });
    }
    if (onDrained !== null && inFlight === 0 && waiting.length === 0) onDrained();
  }

  function takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    const left: Waiting[] = [];
    // Streams that an append passed over waits for: a later one on them must not overtake it.
    const awaited = new Set<string>();
    let bytes = 0;
    for (const append of waiting) {
      const full = batch.length >= MAX_BATCH_APPENDS || (batch.length > 0 && bytes + append.bytes > MAX_BATCH_BYTES);
      if (full || append.parts.some(({ streamId }) => busyStreams.has(streamId) || awaited.has(streamId))) {
        left.push(append);
        for (const { streamId } of append.parts) awaited.add(streamId);
      } else {
        batch.push(append);
        bytes += append.bytes;
        for (const { streamId } of append.parts) busyStreams.add(streamId);
      }
    }
    waiting = left;
    waitingBytes -= bytes;
    return batch;
  }

  /** Answers every append of the batch; never rejects. */
  async function send(batch: readonly Waiting[]): Promise<void> {
    try {
      const appends = batch.map((append) => append.parts);
      const results = await withConnection(pool, (connection) => callAppendBatch(connection, appends));
      for (const [index, append] of batch.entries()) append.resolve(results[index]!);
      if (results.some((result) => result.kind === 'appended')) onWritten();
    } catch (failure) {
      const error = asWriteError(failure);
      const mayBeOneMember = !(error instanceof OutcomeUnknownError || error instanceof StoreUnavailableError);
      if (mayBeOneMember && batch.length > 1) {
        // The database refused something in it and rolled all of it back: find the one, write the others.
        const middle = Math.ceil(batch.length / 2);
        await send(batch.slice(0, middle));
        await send(batch.slice(middle));
      } else {
        for (const append of batch) append.reject(error);
      }
    }
  }

  return {
    append: (parts, bytes) => {
      if (onDrained !== null) return Promise.reject(new StoreUnavailableError('The event store is closed.'));
      if (waiting.length >= MAX_WAITING_APPENDS || waitingBytes + bytes > MAX_WAITING_BYTES) {
        return Promise.reject(new StoreUnavailableError(`Too much waits to be written: ${waiting.length} appends, ${waitingBytes} bytes.`));
      }
      return new Promise((resolve, reject) => {
        waiting.push({ parts, bytes, resolve, reject });
        waitingBytes += bytes;
        scheduleFlush();
      });
    },
    close: () =>
      new Promise((resolve) => {
        onDrained = resolve;
        scheduleFlush();
      }),
  };
}

function streamsOf(batch: readonly Waiting[]): string[] {
  return batch.flatMap((append) => append.parts.map((part) => part.streamId));
}
