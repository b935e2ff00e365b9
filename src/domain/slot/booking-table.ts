import type { Booking } from './booking.ts';
import { JournalledMap } from './journal.ts';

/** A slot's bookings by their id, with how many claims they have, or had: what an ended booking of hundreds of seats takes in memory is those. */
export class BookingTable extends JournalledMap<string, Booking> {
  private parts = 0;

  /** Claims of all bookings, those that were released included. */
  get claims(): number {
    return this.parts;
  }

  override set(bookingId: string, booking: Booking): void {
    this.count(bookingId, booking);
    super.set(bookingId, booking);
  }

  override delete(bookingId: string): void {
    this.count(bookingId, undefined);
    super.delete(bookingId);
  }

  override restore(bookingId: string, previous: Booking | undefined): void {
    this.count(bookingId, previous);
    super.restore(bookingId, previous);
  }

  private count(bookingId: string, next: Booking | undefined): void {
    this.parts += claimsOf(next) - claimsOf(this.get(bookingId));
  }
}

function claimsOf(booking: Booking | undefined): number {
  return booking === undefined ? 0 : booking.claims.length + booking.released.length;
}
