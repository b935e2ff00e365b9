import type { Page } from './answers.ts';

/** A refused request for a booking, as it was recorded. */
export interface AttemptView {
  readonly attemptId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Null when the id of the booking that was asked for names none. */
  readonly slotId: string | null;
  readonly bookingId: string | null;
  readonly customerId: string | null;
  readonly unitIds: readonly string[];
  readonly code: string;
  /** What was asked: parsed JSON, or the text as far as it was kept when it is cut. */
  readonly asked: unknown;
  readonly slotVersion: number | null;
  readonly actor: string;
  readonly correlationId: string;
}

export interface AttemptFilter {
  readonly slotId?: string;
  readonly customerId?: string;
  readonly unitId?: string;
  readonly code?: string;
  /** Epoch milliseconds, half open. */
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
  readonly cursor?: string;
}

export type AttemptsRead =
  | {
      readonly kind: 'found';
      /** Newest first. */
      readonly page: Page<AttemptView>;
      /** How many attempts of that time were not recorded, over all slots. */
      readonly dropped: number;
    }
  | { readonly kind: 'invalid-cursor' };

/** What is on record about refused bookings. Throws ViewsUnavailableError. */
export interface AttemptQueries {
  attempts(filter: AttemptFilter): Promise<AttemptsRead>;
  attempt(attemptId: string): Promise<AttemptView | null>;
}
