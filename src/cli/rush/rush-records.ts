/** How a buyer deals with what it got hold of. */
export type Intention = 'with-the-hold' | 'at-once' | 'later' | 'let-go';

/** A request for seats as it was answered. */
export interface AskedSeats {
  readonly url: string;
  readonly quantity: number;
  /** The highest version of the slot that any answer had told before this request was sent. */
  readonly knownVersion: number;
  readonly status: number;
  /** Null when it was granted. */
  readonly code: string | null;
  /** Under which the refusal is on record; null when it is not. */
  readonly attemptId: string | null;
  readonly milliseconds: number;
}

/** A booking as it was last answered. */
export interface AnsweredBooking {
  readonly bookingId: string;
  readonly units: readonly string[];
  readonly status: string;
}

/** All that buyers were told. */
export interface RushOutcome {
  readonly slotId: string;
  /** Epoch milliseconds on this machine. */
  readonly startedAt: number;
  readonly seconds: number;
  readonly asked: readonly AskedSeats[];
  readonly bookings: ReadonlyMap<string, AnsweredBooking>;
  /** Confirmations and cancellations that were refused: code by booking. */
  readonly failures: readonly { readonly bookingId: string; readonly step: string; readonly code: string }[];
  /** Milliseconds of every write that was answered. */
  readonly durations: readonly number[];
  /** Requests that had to be sent again. */
  readonly resent: number;
  /** Holdfast-Position of the last write's answer. */
  readonly position: string;
}

export interface RushCounters {
  readonly asked: number;
  readonly held: number;
  readonly sold: number;
  readonly refused: number;
}

/** Takes down what buyers are told while they rush. */
export class RushRecords {
  readonly asked: AskedSeats[] = [];
  readonly bookings = new Map<string, AnsweredBooking>();
  readonly failures: { bookingId: string; step: string; code: string }[] = [];
  readonly durations: number[] = [];
  resent = 0;
  position = '';
  highestVersion = 0;
  private held = 0;
  private sold = 0;
  private refused = 0;

  get counters(): RushCounters {
    return { asked: this.asked.length, held: this.held, sold: this.sold, refused: this.refused };
  }

  /** A write was answered: how long it took, and what of the log it has shown. */
  answered({
    milliseconds,
    resent,
    position,
  }: {
    readonly milliseconds: number;
    readonly resent: number;
    readonly position: string;
  }): void {
    this.durations.push(milliseconds);
    this.resent += resent;
    if (position !== '') this.position = position;
  }

  seatsAsked(asked: AskedSeats): void {
    this.asked.push(asked);
    if (asked.code !== null) this.refused += 1;
  }

  /** The booking as it was answered now; what it was before is no more. */
  booking(booking: AnsweredBooking & { readonly version: number }): void {
    const { bookingId, units, status, version } = booking;
    this.highestVersion = Math.max(this.highestVersion, version);
    this.count(this.bookings.get(bookingId), -1);
    const known = { bookingId, units, status };
    this.bookings.set(bookingId, known);
    this.count(known, 1);
  }

  private count(booking: AnsweredBooking | undefined, sign: 1 | -1): void {
    if (booking?.status === 'HELD') this.held += sign * booking.units.length;
    if (booking?.status === 'CONFIRMED') this.sold += sign * booking.units.length;
  }
}
