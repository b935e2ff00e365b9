import type { LoggedEvent } from './history.ts';
import { grouped } from './timeline.ts';

/** Milliseconds for which a key is remembered at least: after the end of its booking, or after work on a slot (docs/adr/0008). */
export const REMEMBERED_MS = 24 * 3_600_000;

/** When the bookings ended whose events it was given, in stream time. */
export class BookingEnds {
  private readonly ends = new Map<string, number>();
  private readonly byReference = new Map<unknown, string[]>();

  take({ type, data, at }: LoggedEvent): void {
    const bookingId = String(data.bookingId);
    if (type === 'BookingRequested') grouped(this.byReference, data.reference).push(bookingId);
    if (type === 'BookingCancelled' || type === 'BookingExpired') this.ends.set(bookingId, at);
  }

  /** Infinite for a booking that lives. */
  endOf(bookingId: string): number {
    return this.ends.get(bookingId) ?? Number.POSITIVE_INFINITY;
  }

  /** Bookings that were asked for by a reference. */
  ofReference(reference: unknown): readonly string[] {
    return this.byReference.get(reference) ?? [];
  }
}
