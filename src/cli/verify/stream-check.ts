import type { RecordedEvent } from '../../eventstore/event-store.ts';
import type { ReadEvent } from './stored-contract.ts';

/** What is checked of the content of a stream, beside its chain. */
export interface StreamCheck {
  take(recorded: RecordedEvent, read: ReadEvent): Promise<void>;
  finish(): Promise<void>;
}

export interface StreamCounts {
  events: number;
  streams: number;
  bookings: number;
  snapshots: number;
  /** Rows of read models that were compared. */
  rows: number;
}
