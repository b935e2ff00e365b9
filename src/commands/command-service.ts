import type { LayoutContent } from '../domain/layout.ts';
import type { Booking } from '../domain/slot/booking.ts';
import type { SlotCommand } from '../domain/slot/commands.ts';
import type { Refusal } from '../domain/slot/refusals.ts';
import type { SlotSummary } from '../domain/slot/summary.ts';

/** Who asks, and how a repeat of the same request is recognised. */
export interface CommandContext {
  /** Derived from caller, method, path and Idempotency-Key; null without a key. */
  readonly commandId: string | null;
  /** Hash of the request's body by value; null without a key. May be worked out when it is first asked for. */
  readonly commandHash: string | null;
  /** The version in If-Match; null without the header. */
  readonly ifMatch: number | null;
  readonly actor: string;
  readonly correlationId: string;
}

/** Where in the log an answer stands; it becomes Holdfast-Position. */
export interface LogPlace {
  readonly position: number;
  readonly streamId: string;
  readonly version: number;
}

export type CommandResult =
  | {
      readonly kind: 'accepted';
      /** True when the answer is the one that was given to the same command before. */
      readonly replayed: boolean;
      readonly place: LogPlace;
      /** The booking that the command was about, as of `place.version`; null for commands on the slot. */
      readonly booking: Booking | null;
      /** The slot as of `place.version`; null for commands on a booking. */
      readonly slot: SlotSummary | null;
      readonly currency: string;
    }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      /** The state that refused: what it had seen of the log. */
      readonly place: LogPlace;
      readonly currency: string | null;
      /** Set for refused bookings: the attempt's record. */
      readonly attemptId: string | null;
    };

export interface LayoutResult {
  readonly layoutId: string;
  readonly units: number;
  /** False when the very same layout was there already. */
  readonly created: boolean;
  readonly place: LogPlace;
}

/** True overload: the slot could not be decided within the bounds. Nothing was written. */
export class TooMuchContentionError extends Error {
  override readonly name = 'TooMuchContentionError';
}

/** The command side as the edge sees it. Throws TooMuchContentionError, ReplaysBusyError and the event store's errors; refusals are values. */
export interface CommandService {
  execute(slotId: string, command: SlotCommand, context: CommandContext): Promise<CommandResult>;
  defineLayout(content: LayoutContent, context: CommandContext): Promise<LayoutResult>;
}
