import type { Offer } from './offer.ts';
import { type Ruling, refuse, refuseField } from './ruling.ts';
import { headOf, type SlotState } from './state.ts';

/** "From now on" reaches the server a little later: a span may start so many milliseconds ago. */
const GRACE = 5 * 60_000;

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
  if (headOf(offer.state).policy.acceptPast || !isOver(offer, now)) return null;
  return refuseField('in-the-past', pointer, 'this has begun or is over');
}

/** A whole slot can be booked until it ends, a trip until it leaves the customer's stop, a time until shortly after its start. */
function isOver(offer: Offer, now: number): boolean {
  if (offer.extent === null) return false;
  switch (headOf(offer.state).axis.type) {
    case 'whole':
      return offer.extent.to <= now;
    case 'stops':
      return offer.extent.from < now;
    case 'time':
      return offer.extent.from + GRACE < now;
  }
}
