import { bookableUntil } from '../availability.ts';
import type { Offer } from './offer.ts';
import { type Ruling, refuse, refuseField } from './ruling.ts';
import { headOf, type SlotState } from './state.ts';

/** Why nothing new can be held in the slot now, whichever units are asked for; null when it can. */
export function closedToHolds(state: SlotState, now: number): Ruling | null {
  const { status, salesFrom, salesUntil } = headOf(state);
  if (status === 'CANCELLED') return refuse({ kind: 'slot-cancelled' });
  if (status === 'CLOSED') return refuse({ kind: 'slot-closed' });
  if ((salesFrom !== null && now < salesFrom) || (salesUntil !== null && now >= salesUntil)) return refuse({ kind: 'not-on-sale' });
  return null;
}

/** Refuses a span that is over; `pointer` names where the request says which. */
export function pastRefusal(offer: Offer, now: number, pointer: string): Ruling | null {
  if (now < bookableUntil(headOf(offer.state), offer.span)) return null;
  return refuseField('in-the-past', pointer, 'this has begun or is over');
}
