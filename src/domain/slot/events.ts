import type { Axis, SpanRequest } from '../axis.ts';
import type { Unit } from '../unit.ts';

/**
 * A part of a booking: so many of a unit over a span, at a price fixed when it was held.
 * `from` and `to` are axis coordinates (see Span); on the `time` axis they are what the customer
 * asked for, without the buffer.
 */
export interface Claim {
  readonly unitId: string;
  readonly quantity: number;
  readonly from: number;
  readonly to: number;
  /** Price of one unit for one step of its price basis, in minor units. */
  readonly price: number;
  /** What the whole claim costs, in minor units. */
  readonly amount: number;
}

/** Units taken off sale over a span, without a booking. */
export interface Block {
  readonly unitId: string;
  readonly quantity: number;
  readonly from: number;
  readonly to: number;
}

export type OrphanPolicy = 'allow' | 'avoid' | 'forbid';

export interface SlotPolicy {
  readonly holdSeconds: number;
  readonly maxHoldSeconds: number;
  readonly maxUnitsPerBooking: number;
  readonly orphanSeats: OrphanPolicy;
  readonly acceptPast: boolean;
}

export interface Venue {
  readonly venueId?: string;
  readonly name?: string;
  readonly city?: string;
}

/** What describes a slot and may be patched later. Instants are epoch milliseconds; null means "not set". */
export interface SlotDescription {
  readonly category: string;
  readonly title: string;
  readonly venue: Venue | null;
  readonly startsAt: number | null;
  readonly endsAt: number | null;
  readonly timeZone: string;
  readonly salesFrom: number | null;
  readonly salesUntil: number | null;
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly policy: SlotPolicy;
}

export interface SlotOpened extends SlotDescription {
  readonly type: 'SlotOpened';
  readonly slotId: string;
  readonly currency: string;
  readonly status: 'OPEN' | 'CLOSED';
  readonly axis: Axis;
  readonly layoutId: string | null;
  /** Prices by category for the layout's units; they win over the layout's own prices. */
  readonly prices: Readonly<Record<string, number>> | null;
  /** Inline units; what does not fit in one event follows as UnitsAdded in the same append. */
  readonly units: readonly Unit[];
}

/** A unit's new price, category and capacity. In an event all that the unit has are given, changed or not. */
export interface UnitChange {
  readonly unitId: string;
  readonly price?: number;
  readonly category?: string;
  readonly capacity?: number;
}

/**
 * What can happen to a slot. All instants are epoch milliseconds. Every booking event names the
 * customer and the claims it moves, so that each read model finds its keys in the event itself.
 */
export type SlotEvent =
  | SlotOpened
  | { readonly type: 'UnitsAdded'; readonly units: readonly Unit[] }
  | { readonly type: 'UnitsChanged'; readonly changes: readonly UnitChange[] }
  | { readonly type: 'UnitsBlocked'; readonly blocks: readonly Block[]; readonly reason: string | null }
  | { readonly type: 'UnitsUnblocked'; readonly blocks: readonly Block[]; readonly reason: string | null }
  /** Takes so much capacity away for good; a numbered unit is gone. */
  | {
      readonly type: 'UnitsWithdrawn';
      readonly units: readonly { readonly unitId: string; readonly quantity: number }[];
      readonly reason: string | null;
    }
  | { readonly type: 'SlotChanged'; readonly changes: Partial<SlotDescription> }
  | { readonly type: 'SlotClosed'; readonly reason: string | null }
  | { readonly type: 'SlotReopened'; readonly reason: string | null }
  /** Decides the cancellation of every booking; a BookingCancelled for each one follows in batches. */
  | { readonly type: 'SlotCancelled'; readonly reason: string | null }
  /** A command with a key was accepted although all was so already: nothing changed, but from here on the key is bound. */
  | { readonly type: 'CommandAcknowledged'; readonly onBooking: string | null }
  | BookingEvent;

export type BookingEvent =
  | BookingRequested
  | SeatsHeld
  | {
      readonly type: 'HoldExtended';
      readonly bookingId: string;
      readonly customerId: string;
      readonly claims: readonly Claim[];
      readonly expiresAt: number;
    }
  /** While held: same id, same expiry, other units. */
  | {
      readonly type: 'BookingChanged';
      readonly bookingId: string;
      readonly customerId: string;
      readonly added: readonly Claim[];
      readonly dropped: readonly Claim[];
      readonly adjacent: boolean;
      readonly expiresAt: number;
    }
  /** `claims` are sold from here on; `released` (a partial confirmation) are free again. */
  | {
      readonly type: 'BookingConfirmed';
      readonly bookingId: string;
      readonly customerId: string;
      readonly paymentReference: string;
      readonly claims: readonly Claim[];
      readonly released: readonly Claim[];
    }
  /** A partial cancellation: the booking lives on with its other claims. */
  | {
      readonly type: 'SeatsReleased';
      readonly bookingId: string;
      readonly customerId: string;
      readonly claims: readonly Claim[];
      readonly previousStatus: 'HELD' | 'CONFIRMED';
      readonly reason: string | null;
    }
  | {
      readonly type: 'BookingCancelled';
      readonly bookingId: string;
      readonly customerId: string;
      readonly claims: readonly Claim[];
      readonly previousStatus: 'HELD' | 'CONFIRMED';
      readonly reason: string | null;
    }
  | {
      readonly type: 'BookingExpired';
      readonly bookingId: string;
      readonly customerId: string;
      readonly claims: readonly Claim[];
      readonly expiresAt: number;
    };

export interface BookingRequested {
  readonly type: 'BookingRequested';
  readonly bookingId: string;
  readonly customerId: string;
  readonly asked: Selection;
  /** The span in the customer's words; null for the whole slot. */
  readonly span: SpanRequest | null;
  /** The same span as axis coordinates. */
  readonly from: number;
  readonly to: number;
  readonly expectedTotal: number | null;
  readonly reference: string | null;
  /** Everything about the customer that is not a pseudonym, kept together so that it can be encrypted apart. */
  readonly personal: { readonly metadata: Readonly<Record<string, string>> };
}

export interface SeatsHeld {
  readonly type: 'SeatsHeld';
  readonly bookingId: string;
  readonly customerId: string;
  readonly claims: readonly Claim[];
  readonly adjacent: boolean;
  readonly requestedAt: number;
  readonly expiresAt: number;
  readonly maxExpiresAt: number;
}

/** What a customer asks for: these very units, or the best that there are. */
export type Selection =
  | { readonly kind: 'units'; readonly units: readonly { readonly unitId: string; readonly quantity: number }[] }
  | {
      readonly kind: 'bestAvailable';
      readonly quantity: number;
      /** Null when it may be of whichever category. */
      readonly category: string | null;
      /** True demands adjacent units, null prefers them, false does not care. */
      readonly adjacent: boolean | null;
      /** How many of the units must be accessible; others are chosen among units that are not. */
      readonly accessible: number;
    };
