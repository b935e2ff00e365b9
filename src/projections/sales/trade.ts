import type { Claim } from '../../domain/slot/events.ts';
import type { FeedEvent } from '../projection.ts';
import type { Turnover } from './tables.ts';

/** What an event sells or takes back; null when it does neither. A hold sells nothing yet. */
export interface Trade {
  readonly kind: 'sold' | 'given-back';
  readonly claims: readonly Claim[];
}

export function tradeOf({ event }: FeedEvent): Trade | null {
  switch (event.type) {
    case 'BookingConfirmed':
      return { kind: 'sold', claims: event.claims };
    case 'SeatsReleased':
    case 'BookingCancelled':
      return event.previousStatus === 'CONFIRMED' ? { kind: 'given-back', claims: event.claims } : null;
    default:
      return null;
  }
}

/** The turnover with what the claims add to it. */
export function turnoverWith(
  { unitsSold, amountSold, unitsGivenBack, amountGivenBack }: Turnover,
  kind: Trade['kind'],
  claims: readonly Claim[],
): Turnover {
  const units = claims.reduce((sum, { quantity }) => sum + quantity, 0);
  const amount = claims.reduce((sum, claim) => sum + claim.amount, 0);
  return kind === 'sold'
    ? { unitsSold: unitsSold + units, amountSold: amountSold + amount, unitsGivenBack, amountGivenBack }
    : { unitsSold, amountSold, unitsGivenBack: unitsGivenBack + units, amountGivenBack: amountGivenBack + amount };
}

export const NO_TURNOVER: Turnover = { unitsSold: 0, amountSold: 0, unitsGivenBack: 0, amountGivenBack: 0 };
