import type { SpanRequest } from '../axis.ts';
import type { Claim } from './events.ts';

export type BookingStatus = 'HELD' | 'CONFIRMED' | 'EXPIRED' | 'CANCELLED';

/** Why claims left a booking. */
export type ReleaseReason = 'expired' | 'cancelled' | 'not-confirmed' | 'changed' | 'slot-cancelled';

export interface ReleasedClaim {
  readonly unitId: string;
  readonly quantity: number;
  readonly reason: ReleaseReason;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A booking as the slot's state keeps it. Values are replaced, never changed in place. */
export interface Booking {
  readonly bookingId: string;
  readonly slotId: string;
  readonly customerId: string;
  readonly status: BookingStatus;
  /** The slot's version at the booking's last event. */
  readonly version: number;
  readonly adjacent: boolean;
  /** What the booking has now: empty once expired or cancelled as a whole. */
  readonly claims: readonly Claim[];
  readonly released: readonly ReleasedClaim[];
  /** The span in the customer's words; null for the whole slot. */
  readonly span: SpanRequest | null;
  readonly requestedAt: number;
  readonly expiresAt: number;
  readonly maxExpiresAt: number;
  readonly confirmedAt: number | null;
  readonly paymentReference: string | null;
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}
