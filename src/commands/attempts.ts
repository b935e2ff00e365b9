import { AscendingIds } from './ascending-ids.ts';

/** A request for a booking that was refused: who, what was asked, why, and on which state. */
export interface Attempt {
  /** Null when the id of the booking that was asked for names none. */
  readonly slotId: string | null;
  /** Null for a new booking. */
  readonly bookingId: string | null;
  /** Null when the request did not name a customer in a readable way. */
  readonly customerId: string | null;
  /** The units that were named. */
  readonly unitIds: readonly string[];
  /** The problem's code. */
  readonly code: string;
  /** JSON text of what was asked, as far as it could be read. */
  readonly asked: string | null;
  /** The slot version that it was decided on; null when it was refused before. */
  readonly slotVersion: number | null;
  readonly actor: string;
  readonly correlationId: string;
}

export interface RecordedAttempt extends Attempt {
  readonly attemptId: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** So many attempts were not recorded between these instants (epoch milliseconds, both included). */
export interface DroppedAttempts {
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
}

export interface AttemptRecorder {
  /** Takes the attempt down without waiting for anything. @returns the id under which it can be read soon after. */
  record(attempt: Attempt): string;
}

/** Attempts that were recorded here and cannot be read yet. */
export interface AttemptQueue {
  /**
   * Resolves as soon as everything that has been recorded so far can be read, or is counted as dropped, however much comes after it.
   *
   * @returns false when that is not so after so many milliseconds, or too many wait for it.
   */
  written(timeoutMs: number): Promise<boolean>;
}

/** Where attempts are kept. Writing the same attempt twice must do no harm. */
export interface AttemptSink {
  write(attempts: readonly RecordedAttempt[], dropped: DroppedAttempts | null): Promise<void>;
}

/** A rush refuses thousands in a second: some seconds of them are kept while the database is slow, in a few megabytes. */
export const MAX_WAITING_ATTEMPTS = 10_000;
/** Attempts in one write: one round trip, of some milliseconds. */
export const MAX_BATCH = 500;
/**
 * In a rush on what is sold out the database has better things to do than to take down refusals: after each
 * full write it is left alone for so many times as long as that took.
 */
const REST_SHARE = 1;
/** What was asked is cut at this many characters: enough for any sensible request. */
export const MAX_ASKED_CHARACTERS = 4_000;
const RETRY_AFTER_MS = 1_000;
/** So many may wait until what is in the queue can be read. */
export const MAX_WAITING_READERS = 1_000;

/** Somebody who waits until so many attempts of this process are written, and so many are counted as dropped. */
interface WaitingReader {
  readonly recorded: number;
  readonly dropped: number;
  done(isWritten: boolean): void;
}

/** Keeps attempts in a bounded queue and writes them in batches, off the path of the requests that were refused. */
export class QueuedAttemptRecorder implements AttemptRecorder, AttemptQueue {
  private readonly sink: AttemptSink;
  private readonly now: () => number;
  private waiting: RecordedAttempt[] = [];
  private dropped: DroppedAttempts | null = null;
  private writing: Promise<void> | null = null;
  private stopping = false;
  private lost = 0;
  /** How many were taken out of the queue, ever, and how many of those that were lost are on record as such. */
  private taken = 0;
  private toldLost = 0;
  private readonly readers = new Set<WaitingReader>();
  /** By the clock that the attempts' time is by, so that they are found by either. */
  private readonly ids = new AscendingIds();
  private wake: () => void = () => undefined;

  /** @param now epoch milliseconds. */
  constructor(sink: AttemptSink, now: () => number = Date.now) {
    this.sink = sink;
    this.now = now;
  }

  record(attempt: Attempt): string {
    const at = this.now();
    const attemptId = this.ids.next(at);
    if (this.waiting.length < MAX_WAITING_ATTEMPTS) this.waiting.push(recordedAttempt(attempt, attemptId, at));
    else {
      this.drop(at, at, 1);
      this.lost += 1;
    }
    if (this.writing === null) this.start();
    return attemptId;
  }

  /** How many wait to be written, and of how many, ever, there will be no record. */
  get queue(): { readonly waiting: number; readonly dropped: number } {
    return { waiting: this.waiting.length, dropped: this.lost };
  }

  written(timeoutMs: number): Promise<boolean> {
    const recorded = this.taken + this.waiting.length;
    const dropped = this.lost;
    if (this.isWritten(recorded, dropped)) return Promise.resolve(true);
    if (this.readers.size >= MAX_WAITING_READERS) return Promise.resolve(false);
    return new Promise((resolve) => {
      const reader: WaitingReader = {
        recorded,
        dropped,
        done: (isWritten) => {
          clearTimeout(timer);
          this.readers.delete(reader);
          resolve(isWritten);
        },
      };
      const timer = setTimeout(() => reader.done(false), timeoutMs);
      this.readers.add(reader);
    });
  }

  /** Resolves once everything recorded so far is written. Does not give up by itself. */
  async flush(): Promise<void> {
    await this.writing;
  }

  /** Writes what is left, for at most so many milliseconds. @returns how many attempts were lost. */
  async stop(boundMs: number): Promise<number> {
    this.stopping = true;
    this.wake();
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, boundMs);
    });
    await Promise.race([this.writing ?? Promise.resolve(), bound]);
    clearTimeout(timer);
    return this.waiting.length + (this.dropped?.count ?? 0);
  }

  private start(): void {
    this.writing ??= this.writeAll().finally(() => {
      this.writing = null;
      // Something may have come in after the last look at the queue.
      if (this.waiting.length > 0 && !this.stopping) this.start();
    });
  }

  private wrote(attempts: number, dropped: number): void {
    this.waiting = this.waiting.slice(attempts);
    this.taken += attempts;
    this.toldLost += dropped;
    for (const reader of this.readers) if (this.isWritten(reader.recorded, reader.dropped)) reader.done(true);
  }

  private isWritten(recorded: number, dropped: number): boolean {
    return this.taken >= recorded && this.toldLost >= dropped;
  }

  private drop(firstAt: number, lastAt: number, count: number): void {
    const before = this.dropped;
    this.dropped =
      before === null
        ? { firstAt, lastAt, count }
        : { firstAt: Math.min(before.firstAt, firstAt), lastAt: Math.max(before.lastAt, lastAt), count: before.count + count };
  }

  private async writeAll(): Promise<void> {
    // What is refused in the same turn of the event loop goes into one write.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0 || this.dropped !== null) {
      const batch = this.waiting.slice(0, MAX_BATCH);
      const dropped = this.dropped;
      this.dropped = null;
      try {
        const begun = performance.now();
        await this.sink.write(batch, dropped);
        this.wrote(batch.length, dropped?.count ?? 0);
        if (batch.length === MAX_BATCH) await this.pause(REST_SHARE * (performance.now() - begun));
      } catch {
        if (dropped !== null) this.drop(dropped.firstAt, dropped.lastAt, dropped.count);
        if (this.stopping) return;
        await this.pause(RETRY_AFTER_MS);
      }
    }
  }

  private pause(milliseconds: number): Promise<void> {
    if (this.stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      timer.unref();
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Written out member by member: those of an attempt may be made only now, when they are read. */
function recordedAttempt(attempt: Attempt, attemptId: string, at: number): RecordedAttempt {
  const { slotId, bookingId, customerId, unitIds, code, asked, slotVersion, actor, correlationId } = attempt;
  return {
    attemptId,
    at,
    slotId,
    bookingId,
    customerId,
    unitIds,
    code,
    asked: asked === null ? null : cut(asked),
    slotVersion,
    actor,
    correlationId,
  };
}

/** Not in the middle of a character of two halves: one half alone cannot be stored. */
function cut(text: string): string {
  if (text.length <= MAX_ASKED_CHARACTERS) return text;
  const last = text.charCodeAt(MAX_ASKED_CHARACTERS - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? MAX_ASKED_CHARACTERS - 1 : MAX_ASKED_CHARACTERS);
}
