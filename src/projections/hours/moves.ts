import { occupiedSpan } from '../../domain/resolve-span.ts';
import type { Block, Claim } from '../../domain/slot/events.ts';
import type { FeedEvent } from '../projection.ts';
import type { HourlyFleetRow } from './tables.ts';
import type { Piece } from './taken.ts';

/**
 * What is booked or blocked for longer, in milliseconds, has no rows of its own but stands with the
 * fleet: so an event makes at most some 750 rows for a span, and a vehicle may be blocked for ever.
 */
const LONGEST_IN_ROWS = 31 * 24 * 3_600_000;

/** What an event adds to a unit, or takes from it. */
export interface Move extends Piece {
  readonly unitId: string;
  readonly isStanding: boolean;
}

/** What an event moves on the units of a fleet, with the buffer behind bookings. Holding and buying take the same. */
export function movesOf({ event }: FeedEvent, fleet: HourlyFleetRow): readonly Move[] {
  const booked = (claims: readonly Claim[], sign: 1 | -1) => claims.map((claim) => bookedMove(claim, sign, fleet));
  switch (event.type) {
    case 'SeatsHeld':
      return booked(event.claims, 1);
    case 'BookingChanged':
      return [...booked(event.dropped, -1), ...booked(event.added, 1)];
    case 'BookingConfirmed':
      return booked(event.released, -1);
    case 'SeatsReleased':
    case 'BookingCancelled':
    case 'BookingExpired':
      return booked(event.claims, -1);
    case 'UnitsBlocked':
      return event.blocks.map((block) => blockedMove(block, 1));
    case 'UnitsUnblocked':
      return event.blocks.map((block) => blockedMove(block, -1));
    default:
      return [];
  }
}

function bookedMove(claim: Claim, sign: 1 | -1, { bufferMinutes }: HourlyFleetRow): Move {
  const { from, to } = occupiedSpan({ type: 'time', bufferMinutes }, claim);
  return { unitId: claim.unitId, from, to, booked: sign * claim.quantity, blocked: 0, isStanding: isLong(claim) };
}

function blockedMove(block: Block, sign: 1 | -1): Move {
  const { unitId, quantity, from, to } = block;
  return { unitId, from, to, booked: 0, blocked: sign * quantity, isStanding: isLong(block) };
}

function isLong({ from, to }: { readonly from: number; readonly to: number }): boolean {
  return to - from > LONGEST_IN_ROWS;
}
