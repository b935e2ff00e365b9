import type { Booking } from '../domain/slot/booking.ts';
import type { UnitStatus } from '../domain/slot/refusals.ts';
import type { SlotSummary } from '../domain/slot/summary.ts';
import type { Unit } from '../domain/unit.ts';

export type ReadSource = 'memory' | 'redis' | 'postgres';

/** A value that may be there at once: what memory knows does not wait for a turn of the event loop. */
export type Soon<Value> = Value | Promise<Value>;

/** An answer with what it is known to reflect. */
export interface Read<Value> {
  readonly value: Value;
  /** The log position that the view has reached: everything up to it is in the answer. */
  readonly position: number;
  readonly source: ReadSource;
  /** True when the layer knows that it may not be current, because what feeds it cannot be reached. */
  readonly stale?: true;
}

/** A numbered unit's status over the asked span, or a quantity unit's four numbers at the span's tightest point. */
export interface SeatView {
  readonly unit: Unit;
  /** Price that a new claim pays, in minor units: the unit's own or its category's. */
  readonly price: number;
  readonly status: UnitStatus | null;
  /** Epoch milliseconds; set when the status is `held`. */
  readonly heldUntil: number | null;
  readonly quantities: { readonly free: number; readonly held: number; readonly sold: number; readonly blocked: number } | null;
}

/** What the clock alone does to an answer over a span. */
export interface AsOfNow {
  /** Whether nothing can be booked over the span any more: it is over, or the slot was cancelled. */
  readonly isOver: boolean;
  /** Epoch milliseconds at which it will be over without any event; Infinity for never, or when it is. */
  readonly changesAt: number;
}

export interface SlotSeats {
  readonly slotId: string;
  readonly version: number;
  readonly units: readonly SeatView[];
}

export interface SeatMap extends SlotSeats, AsOfNow {
  /** The layout that the slot stands on: the map's unit objects are mostly the layout's own. */
  readonly layoutId: string | null;
}

export interface CategoryAvailability {
  readonly category: string;
  readonly price: number;
  readonly maxPrice: number;
  readonly capacity: number;
  readonly free: number;
}

export interface Availability extends AsOfNow {
  readonly slotId: string;
  readonly version: number;
  readonly categories: readonly CategoryAvailability[];
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

export interface SlotFilter {
  readonly text?: string;
  readonly category?: string;
  readonly venueId?: string;
  readonly city?: string;
  /** Epoch milliseconds on startsAt, half open. */
  readonly from?: number;
  readonly to?: number;
  readonly minFree?: number;
  readonly status?: string;
  readonly reference?: string;
  readonly sort?: 'startsAt' | 'price' | 'free';
  readonly limit: number;
  readonly cursor?: string;
}

export interface BookingFilter {
  readonly slotId?: string;
  readonly customerId?: string;
  readonly reference?: string;
  readonly unitId?: string;
  readonly status?: string;
  /** Epoch milliseconds on requestedAt, half open. */
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
  readonly cursor?: string;
}

/** A booking with its slot's currency, which its amounts are in. */
export interface BookingView {
  readonly booking: Booking;
  readonly currency: string;
}

/** Why a span cannot be read: the same rules and codes as for booking it. */
export type SpanFault =
  | { readonly kind: 'span-required' }
  | {
      readonly kind: 'span-invalid' /** RFC 6901 pointer below `/span`, as booking it would give. */;
      readonly pointer: string;
      readonly message: string;
    };

export type SpanRead<Value> =
  | { readonly kind: 'found'; readonly read: Read<Value> }
  | { readonly kind: 'not-found'; readonly position: number }
  | { readonly kind: 'fault'; readonly fault: SpanFault; readonly position: number };

/** A page, or the news that the cursor is not one that this list gave out under the same sort. */
export type PageRead<Item> = { readonly kind: 'found'; readonly read: Read<Page<Item>> } | { readonly kind: 'invalid-cursor' };

/** The views' database could not be reached; asking again later may help. */
export class ViewsUnavailableError extends Error {
  override readonly name = 'ViewsUnavailableError';
}

export type { SlotSummary };
