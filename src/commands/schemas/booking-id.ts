import { randomFillSync } from 'node:crypto';

const RANDOM_BYTES = 8;
/** Asking for random bytes costs as much for many as for few. */
const randomness = Buffer.alloc(RANDOM_BYTES * 256);
let used = randomness.length;

/** Of an id's own part, in the order of their bytes, which is that in which the database keeps ids. */
const DIGITS = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
/** As many as the milliseconds since 1970 take until the year 2109. */
const TIME_DIGITS = 7;

/**
 * A booking's id tells its slot, so that confirming needs no read model and a proxy can choose by it. Behind the slot come the instant
 * (epoch milliseconds), so that the indexes of a slot in a rush grow at one end and not all over, and 64 random bits.
 */
export function newBookingId(slotId: string, instant: number): string {
  if (used === randomness.length) {
    randomFillSync(randomness);
    used = 0;
  }
  used += RANDOM_BYTES;
  return `${slotId}.${timeText(instant)}${randomness.toString('base64url', used - RANDOM_BYTES, used)}`;
}

/** The slot that a booking's id tells; null for what no booking can be called. */
export function slotIdOfBooking(bookingId: string): string | null {
  return /^([A-Za-z0-9_-]{1,64})\.[A-Za-z0-9_-]{1,64}$/.exec(bookingId)?.[1] ?? null;
}

let lastInstant = Number.NaN;
let lastText = '';

function timeText(instant: number): string {
  if (instant !== lastInstant) {
    lastText = '';
    for (let rest = Math.floor(instant), digit = 0; digit < TIME_DIGITS; digit += 1, rest = Math.floor(rest / DIGITS.length))
      lastText = DIGITS.charAt(rest % DIGITS.length) + lastText;
    lastInstant = instant;
  }
  return lastText;
}
