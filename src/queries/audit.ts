import type { Profile } from '../domain/profile.ts';
import type { Booking } from '../domain/slot/booking.ts';
import type { SlotSummary } from '../domain/slot/summary.ts';
import type { SeatView } from './answers.ts';

/** An event as auditors read it. */
export interface AuditEvent {
  readonly position: number;
  readonly streamId: string;
  readonly version: number;
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: unknown;
  /** What was stored beside the data: actor, command, correlation, causation. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Epoch milliseconds on the store's clock. */
  readonly recordedAt: number;
  readonly hash: string;
  readonly previousHash: string;
}

export interface EventsFilter {
  /** Exclusive; 0 is the beginning of the log. */
  readonly after: number;
  readonly types?: readonly string[];
  /** Epoch milliseconds, half open. */
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
  /** True gives data in the newest form instead of as stored. */
  readonly upcast: boolean;
}

export interface AuditEventPage {
  readonly items: readonly AuditEvent[];
  /** Where the next page begins: behind this position. Everything up to it was looked at. */
  readonly next: number;
  readonly head: number;
}

export interface AuditStreamPage {
  readonly items: readonly AuditEvent[];
  /** The version that the next page begins with. */
  readonly next: number;
  readonly head: number;
}

/** The log as it is, for auditors. Throws the event store's errors. */
export interface AuditQueries {
  /** Position of the log's last event. */
  head(): Promise<number>;
  events(filter: EventsFilter): Promise<AuditEventPage>;
  /** From `fromVersion` (inclusive) on; null when there is no such stream. */
  streamEvents(streamId: string, fromVersion: number, limit: number, upcast: boolean): Promise<AuditStreamPage | null>;
}

/** Which state is asked for: the newest, the one at a version, or the one at an instant with everything up to it. */
export type AsOf =
  | { readonly kind: 'now' }
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'instant'; readonly at: number };

/** A slot's whole state as of then, with the holds applied that had lapsed. */
export interface SlotAsOf {
  /** `summary.version` is the version of the last event that is in it. */
  readonly summary: SlotSummary;
  /** Over the whole slot; on the `time` axis as of the instant asked for. */
  readonly units: readonly SeatView[];
  /** Oldest first. */
  readonly bookings: readonly Booking[];
  /** Log position of the last event that is in it. */
  readonly position: number;
}

export interface UnitHolder {
  readonly bookingId: string;
  readonly customerId: string;
  readonly status: 'held' | 'sold';
  readonly quantity: number;
}

export type UnitAsOf =
  | {
      readonly kind: 'found';
      /** Who has it at that instant: several on a quantity unit, or on parts of an axis. */
      readonly holders: readonly UnitHolder[];
      /** The events that made the unit what it is, oldest first. */
      readonly items: readonly AuditEvent[];
      /** What is taken of it at that instant, over the axis. */
      readonly taken: Profile;
      readonly position: number;
    }
  | { readonly kind: 'slot-not-found' }
  | { readonly kind: 'unknown-unit' };

/** Slots replayed from their streams. Null when the slot did not exist then. Throws ReplaysBusyError and the event store's errors. */
export interface SlotHistory {
  slotAsOf(slotId: string, asOf: AsOf): Promise<SlotAsOf | null>;
  /** @param at epoch milliseconds; null for now. */
  unitAsOf(slotId: string, unitId: string, at: number | null): Promise<UnitAsOf>;
}
