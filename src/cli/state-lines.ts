import { formatInstant } from '../commands/schemas/instants.ts';
import type { Booking } from '../domain/slot/booking.ts';
import type { SeatView } from '../queries/answers.ts';
import type { SlotAsOf } from '../queries/audit.ts';
import { coordinatesInWords, unitsInWords } from './words.ts';

/** Bookings told one by one; `--json` has them all. */
const MAX_BOOKINGS = 50;

/** A slot as it was, for people. */
export function stateLines({ summary, units, bookings, position }: SlotAsOf): readonly string[] {
  const { slotId, version, title, category, status, counts } = summary;
  const active = bookings.filter((booking) => booking.status === 'HELD' || booking.status === 'CONFIRMED');
  const blocked = units.filter((view) => blockedOf(view) > 0).map((view) => ({ unitId: view.unit.unitId, quantity: blockedOf(view) }));
  const { capacity, free, held, sold } = counts;
  const more = active.length - MAX_BOOKINGS;
  return [
    `${slotId} at version ${version} (position ${position}): "${title}" (${category}), ${status}`,
    `capacity ${capacity}: ${free} free, ${held} held, ${sold} sold, ${counts.blocked} blocked`,
    ...active.slice(0, MAX_BOOKINGS).map(bookingLine),
    ...(more > 0 ? [`… and ${more} more bookings`] : []),
    ...(blocked.length > 0 ? [`off sale: ${unitsInWords(blocked)}`] : []),
  ];
}

function bookingLine({ bookingId, customerId, status, claims, expiresAt }: Booking): string {
  const [first] = claims;
  const what = unitsInWords(claims) + (first === undefined ? '' : coordinatesInWords(first));
  return status === 'HELD'
    ? `held  ${bookingId} of ${customerId}: ${what}, until ${formatInstant(expiresAt)}`
    : `sold  ${bookingId} of ${customerId}: ${what}`;
}

function blockedOf({ status, quantities }: SeatView): number {
  return quantities?.blocked ?? (status === 'blocked' ? 1 : 0);
}
