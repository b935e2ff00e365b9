import type { Booking } from './booking.ts';

export type UnitStatus = 'free' | 'held' | 'sold' | 'blocked';

export interface UnavailableUnit {
  readonly unitId: string;
  readonly status: Exclude<UnitStatus, 'free'>;
}

/** Points to the field of the command that is at fault, as an RFC 6901 pointer into the request body. */
export interface FieldFault {
  readonly pointer: string;
  readonly message: string;
}

/**
 * Why a command was not done. `kind` is the stable code of the public contract; the rest is what
 * the customer needs in order to do better. `booking` is the booking as it stands.
 */
export type Refusal =
  | { readonly kind: 'slot-not-found' }
  | { readonly kind: 'booking-not-found' }
  | { readonly kind: 'slot-exists' }
  | { readonly kind: 'seats-taken'; readonly unavailable: readonly UnavailableUnit[]; readonly booking?: Booking }
  | { readonly kind: 'sold-out' }
  | { readonly kind: 'not-adjacent' }
  | { readonly kind: 'price-changed'; readonly expectedTotal: number; readonly total: number; readonly booking?: Booking }
  | { readonly kind: 'not-on-sale'; readonly booking?: Booking }
  | { readonly kind: 'slot-closed'; readonly booking?: Booking }
  | { readonly kind: 'slot-cancelled'; readonly booking?: Booking }
  | { readonly kind: 'already-confirmed'; readonly booking: Booking }
  | { readonly kind: 'already-released'; readonly booking: Booking }
  | { readonly kind: 'hold-expired'; readonly booking: Booking }
  | { readonly kind: 'stale-version'; readonly currentVersion: number }
  | { readonly kind: 'unknown-unit'; readonly fault: FieldFault }
  | { readonly kind: 'limit-exceeded'; readonly fault: FieldFault; readonly limit: number }
  | { readonly kind: 'span-required' }
  | { readonly kind: 'span-invalid'; readonly fault: FieldFault }
  | { readonly kind: 'in-the-past'; readonly fault: FieldFault }
  | { readonly kind: 'invalid-input'; readonly fault: FieldFault }
  | { readonly kind: 'would-leave-orphan'; readonly orphans: readonly string[] }
  | { readonly kind: 'hold-cap-reached'; readonly maxExpiresAt: number; readonly booking: Booking }
  | { readonly kind: 'idempotency-key-reused' };

/** What became of a command. */
export type Outcome =
  /** `bookingId` is set on booking commands. No events with it means that it was already so. */
  | {
      readonly kind: 'accepted';
      readonly bookingId: string | null;
      /** True when the very same thing was asked before, as the payment of a confirmed booking tells even without a key. */
      readonly repeated?: true;
    }
  /** The same command was accepted before: its last event has this version, and the answer is the one given then. */
  | { readonly kind: 'replayed'; readonly version: number; readonly bookingId: string | null }
  | { readonly kind: 'refused'; readonly refusal: Refusal };
