import type { SpanRequest } from '../../domain/axis.ts';
import type { Counts } from '../../domain/slot/summary.ts';
import type { AsOfNow, SeatView, SlotSummary, SpanFault } from '../answers.ts';

/** A slot over a span as of one version of it: what its summary and its seat map say. */
export interface LiveState extends AsOfNow {
  readonly slot: SlotSummary;
  readonly units: readonly SeatView[];
  /** The slot's stream version. */
  readonly version: number;
  /** The log position that the view had reached. */
  readonly position: number;
}

/** What is different from one version of a state to a later one. */
export interface LiveChange {
  readonly slotId: string;
  /** The version that it leads from. */
  readonly from: number;
  readonly version: number;
  readonly position: number;
  /** Set when something that describes the slot has changed, or its status. */
  readonly slot: SlotSummary | null;
  /** Units that are new or not what they were, in the slot's order. */
  readonly units: readonly SeatView[];
  /** Ids of units that are gone. */
  readonly removed: readonly string[];
  readonly counts: Counts;
}

/** Why a stream ends: the slot is over, the client does not read, or the service stops. */
export type ByeReason = 'slot-over' | 'too-slow' | 'stopping';

/** Writes what is sent, so that it is written once for everybody who gets it. */
export interface LiveText {
  hello(): Buffer;
  reset(state: LiveState): Buffer;
  change(change: LiveChange): Buffer;
  bye(state: LiveState, reason: ByeReason): Buffer;
  /** @param current false when the log cannot be reached, so that there may be more in it than is told. */
  heartbeat(current: boolean): Buffer;
}

/** The way to one client. */
export interface LiveSink {
  /** @returns false when the client has not taken in what was written; it is told when it has. */
  write(bytes: Buffer): boolean;
  /** Writes the last there is, and closes; what cannot be written within a moment is not. */
  end(bytes: Buffer): void;
  /** Closes at once, whatever is on its way. */
  cut(): void;
}

/** What the edge tells of a client that watches. */
export interface LiveWatch {
  /** The client has taken in all that was written. */
  drained(): void;
  /** The client has left. */
  gone(): void;
}

/** What a client has of a slot. */
export interface LivePoint {
  readonly version: number;
  /** Whether it was cut off just before the counts of this version. */
  readonly lacksCounts: boolean;
}

export interface LiveQuestion {
  readonly slotId: string;
  /** Null means the whole slot, as for a seat map. */
  readonly span: SpanRequest | null;
  /** What the client has, so that it gets what came after; null when it needs the whole state. */
  readonly after: LivePoint | null;
  /** The slot's version that it must be told at least; `latest` when that is not known. */
  readonly atLeast: number | 'latest';
}

export type LiveAnswer =
  | {
      readonly kind: 'open';
      readonly version: number;
      /** Everything up to this log position is in what is told. */
      readonly position: number;
      readonly stale: boolean;
      /** Begins to tell; called at once or never. */
      begin(sink: LiveSink): LiveWatch;
    }
  | { readonly kind: 'over'; readonly version: number; readonly position: number; readonly stale: boolean }
  | { readonly kind: 'not-found'; readonly position: number }
  | { readonly kind: 'fault'; readonly fault: SpanFault }
  /** Nothing more can be watched in this process now. */
  | { readonly kind: 'unavailable' };

/** Counts of what is watched; `framesSent` and `cutOff` only ever grow. */
export interface LiveStatistics {
  readonly watchers: number;
  /** Slots over spans of which changes are kept, watched or not any more. */
  readonly channels: number;
  /** Times that a state or a change was sent to a client. */
  readonly framesSent: number;
  /** Clients that were sent away because they did not read. */
  readonly cutOff: number;
  /** Bytes that clients were sent and have not read, once for all who were sent the same. */
  readonly unreadBytes: number;
}

/** Seat maps that are told as they change. */
export interface LiveMaps {
  /** @throws ViewsUnavailableError, StoreUnavailableError */
  open(question: LiveQuestion): Promise<LiveAnswer>;
  /** Tells everybody that it ends, and takes nobody any more. */
  stop(): void;
  statistics(): LiveStatistics;
}
