import type { LayoutEvent } from '../domain/layout.ts';
import type { SlotEvent } from '../domain/slot/events.ts';

/** An event ready to be stored. `data` and `metadata` are JSON texts; their very bytes are stored and hashed. */
export interface NewEvent {
  /** UUID in lower case, new for each decision: it identifies this attempt to write, so that a resend is recognised. */
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: string;
  readonly metadata: string;
  /**
   * What the texts were made of, and the instant in the metadata. Only the process that made them may have it;
   * who follows the log there need not take the texts apart again. Never to be changed.
   */
  readonly origin?: { readonly event: SlotEvent | LayoutEvent; readonly at: number };
}

export interface RecordedEvent extends NewEvent {
  /** Place in the whole log: 1, 2, 3 … without gaps, in the order of commit. */
  readonly position: number;
  readonly streamId: string;
  /** Place in the stream: 1, 2, 3 … without gaps. */
  readonly version: number;
  /** Epoch milliseconds on the store's clock, when the append ran. */
  readonly recordedAt: number;
  /** Lower-case hex SHA-256 that chains the event to the one before it in its stream (see hash-chain.ts). */
  readonly hash: string;
  readonly previousHash: string;
}

export interface StreamAppend {
  readonly streamId: string;
  /** The version that the stream must have now; 0 means that it must not exist. */
  readonly expectedVersion: number;
  readonly events: readonly NewEvent[];
}

export type AppendResult =
  | {
      readonly kind: 'appended' /** Position of the last event of the append. */;
      readonly position: number;
      readonly versions: Readonly<Record<string, number>>;
    }
  /** Nothing was written: the first stream found at another version than expected. */
  | { readonly kind: 'conflict'; readonly streamId: string; readonly expectedVersion: number; readonly actualVersion: number };

export type LockedAppendResult =
  | { readonly kind: 'appended'; readonly position: number; readonly version: number }
  /** The decision wrote nothing; `version` is the stream's version that it was made on. */
  | { readonly kind: 'nothing-to-append'; readonly version: number };

export interface Snapshot {
  readonly streamId: string;
  readonly version: number;
  /** Tells which code can read it; a reader that does not know it ignores the snapshot. */
  readonly schemaVersion: number;
  /** Hash of the stream's event at `version`. */
  readonly hash: string;
  /** Whatever the writer made of it; the store takes it as it is. */
  readonly state: Buffer;
}

/** Somebody who goes on through the whole feed. */
export interface Following {
  /** Tells that everything up to the position was read, and is not asked for again as a rule. */
  had(position: number): void;
  end(): void;
}

export interface FeedFilter {
  readonly types?: readonly string[];
  /** Epoch milliseconds on recordedAt, half open. */
  readonly from?: number;
  readonly to?: number;
}

/** The write may or may not have happened (the connection broke, or no answer came in time). Resend the very same append, or read the stream. */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
}

/** The store could not be reached and nothing was written. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** Events that were asked for are kept elsewhere by now, and have to be attached again to be read. Nothing was left out in silence. */
export class EventsDetachedError extends Error {
  override readonly name = 'EventsDetachedError';
}

/** Bounds that every store keeps: an event, and an append over all its streams, in bytes of data plus metadata. */
export const MAX_EVENT_BYTES = 256 * 1024;
export const MAX_APPEND_BYTES = 512 * 1024;
/** Most events that one read returns, whatever was asked for. */
export const MAX_READ_EVENTS = 5_000;

/**
 * The log of everything that happened: streams of events with expected-version concurrency, and one
 * ordered feed over all of them that subscribers can follow without ever skipping an event.
 */
export interface EventStore {
  /**
   * Writes all parts or none. An append whose first event already stands at `expectedVersion + 1` of
   * its stream is a resend and is answered as it was the first time.
   *
   * @throws OutcomeUnknownError, StoreUnavailableError; RangeError when a bound above is broken, a stream
   *   is named twice or without events, or an event id is no lower-case UUID.
   */
  append(parts: readonly StreamAppend[]): Promise<AppendResult>;

  /**
   * The fair way under contention: locks the log's position first, reads what the stream has beyond
   * `afterVersion`, lets `decide` make events from it, and appends them before anybody else can.
   * `decide` runs synchronously, once, while the lock is held. When it throws, nothing is written.
   * After an OutcomeUnknownError read the stream: it tells whether the events of the decision are there.
   *
   * @throws OutcomeUnknownError, StoreUnavailableError; RangeError as `append` does; whatever `decide` throws.
   */
  appendLocked(
    streamId: string,
    afterVersion: number,
    decide: (tail: readonly RecordedEvent[]) => readonly NewEvent[],
  ): Promise<LockedAppendResult>;

  /** Events of one stream from `fromVersion` (inclusive) on, at most `limit`; empty when there are none. @throws EventsDetachedError */
  readStream(streamId: string, fromVersion: number, limit: number): Promise<readonly RecordedEvent[]>;

  /** Events of all streams after the position (exclusive), in order, at most `limit`. @throws EventsDetachedError */
  readFeed(after: number, limit: number, filter?: FeedFilter): Promise<readonly RecordedEvent[]>;

  /**
   * Tells that somebody goes on through the feed, by `readFeed`. Stores may keep what this process writes at hand until all who
   * follow had it, so that it need not be read back: nothing depends on it but the cost.
   */
  follow(): Following;

  /** Position of the last event; 0 when there is none. */
  headPosition(): Promise<number>;

  /** Calls the listener soon after something was appended, by this process or another. A hint only: polling is the truth. Returns the way to stop. */
  onAppended(listener: () => void): () => void;

  readSnapshot(streamId: string, schemaVersion: number): Promise<Snapshot | null>;
  /** Keeps the newest per stream and schema version. Snapshots may be deleted at any time without loss. */
  writeSnapshot(snapshot: Snapshot): Promise<void>;

  /** The store's clock in epoch milliseconds, as well as it can be told from here. */
  now(): number;

  close(): Promise<void>;
}
