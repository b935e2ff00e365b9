import type { Axis, SpanRequest } from '../axis.ts';
import type { Unit, UnitQuantity } from '../unit.ts';
import type { Selection, SlotDescription, UnitChange } from './events.ts';
import type { SlotPatch } from './merge-patch.ts';

/** A unit that there is something to do with; without a quantity all of it is meant: of a booking, all that the booking has. */
export interface UnitSelection {
  readonly unitId: string;
  readonly quantity?: number;
}

export interface OpenSlot extends SlotDescription {
  readonly type: 'OpenSlot';
  readonly slotId: string;
  readonly currency: string;
  readonly status: 'OPEN' | 'CLOSED';
  readonly axis: Axis;
  readonly layoutId: string | null;
  readonly prices: Readonly<Record<string, number>> | null;
  readonly units: readonly Unit[];
}

export interface RequestBooking {
  readonly type: 'RequestBooking';
  readonly bookingId: string;
  readonly customerId: string;
  readonly selection: Selection;
  /** Null means the whole slot; refused with `span-required` on the `time` axis. */
  readonly span: SpanRequest | null;
  readonly expectedTotal: number | null;
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Holds and confirms in one decision. */
  readonly confirm: { readonly paymentReference: string } | null;
}

/** What may be asked of a slot. Validated at the edge; rules that need the state are checked by `decide`. */
export type SlotCommand =
  | OpenSlot
  | { readonly type: 'AddUnits'; readonly units: readonly Unit[] }
  | { readonly type: 'ChangeUnits'; readonly changes: readonly UnitChange[] }
  | {
      readonly type: 'BlockUnits';
      readonly units: readonly UnitSelection[];
      readonly span: SpanRequest | null;
      readonly reason: string | null;
    }
  | {
      readonly type: 'UnblockUnits';
      readonly units: readonly UnitSelection[];
      readonly span: SpanRequest | null;
      readonly reason: string | null;
    }
  | { readonly type: 'WithdrawUnits'; readonly units: readonly UnitSelection[]; readonly reason: string | null }
  | { readonly type: 'ChangeSlot'; readonly changes: SlotPatch }
  | { readonly type: 'CloseSlot'; readonly reason: string | null }
  | { readonly type: 'ReopenSlot'; readonly reason: string | null }
  | { readonly type: 'CancelSlot'; readonly reason: string | null }
  | RequestBooking
  | {
      readonly type: 'ConfirmBooking';
      readonly bookingId: string;
      readonly paymentReference: string;
      readonly units: readonly UnitSelection[] | null;
    }
  | {
      readonly type: 'CancelBooking';
      readonly bookingId: string;
      readonly units: readonly UnitSelection[] | null;
      readonly reason: string | null;
    }
  | { readonly type: 'ExtendHold'; readonly bookingId: string; readonly seconds: number }
  | {
      readonly type: 'ChangeBooking';
      readonly bookingId: string;
      readonly add: readonly UnitQuantity[];
      readonly drop: readonly UnitSelection[];
      readonly expectedTotal: number | null;
    }
  /** Records up to `limit` holds that have lapsed. */
  | { readonly type: 'ReleaseExpired'; readonly limit: number }
  /** Records the cancellation of up to `limit` bookings of a cancelled slot. */
  | { readonly type: 'ReleaseCancelled'; readonly limit: number };

/** A command with what the world knows when it is decided. */
export interface CommandEnvelope {
  readonly command: SlotCommand;
  /** Epoch milliseconds on the database's clock. Stream time never runs backwards even when this does. */
  readonly now: number;
  /** Identifies the request across retries (from its idempotency key); null when the client sent no key. */
  readonly commandId: string | null;
  /** Hash of the request's body, to tell a retry from a reuse of its key. Asked for only when the command is accepted, or was before. */
  readonly commandHash: string | null;
  /** The slot version that the client insists on; null when it does not. */
  readonly ifMatch: number | null;
}
