import { partAsked, unitsAsked } from './asked.ts';
import { amountOf, type Offer, offerTo } from './offer.ts';
import { type RefusalCase, unless, type Verdict } from './refusal-case.ts';
import { type BestWish, hasAdjacent, orphansOf, supplyOf } from './seating.ts';

/** Refusals of what could not be chosen, or not at this price or in this number. */
export function choiceFault(refusal: RefusalCase, code: string): Verdict {
  const offer = offerTo(refusal.asked, refusal.slot);
  if (typeof offer === 'string') return offer;
  // A hold that had surely lapsed stood in nobody's way.
  return refusal.slot.booked.lapsedBy(refusal.earliest, () => {
    switch (code) {
      case 'sold-out':
        return soldOutFault(refusal, offer);
      case 'not-adjacent':
        return adjacencyFault(refusal, offer);
      case 'would-leave-orphan':
        return orphanFault(refusal, offer);
      case 'price-changed':
        return priceFault(refusal, offer);
      default:
        return limitFault(refusal);
    }
  });
}

function soldOutFault({ slot, asked }: RefusalCase, { freeOf }: Offer): Verdict {
  const wish = asked.body.bestAvailable as BestWish | undefined;
  if (wish === undefined) return 'it named its units';
  const { ordinary, accessible } = supplyOf(slot, wish, freeOf);
  const wheelchairs = wish.accessible ?? 0;
  return unless(ordinary < wish.quantity - wheelchairs || accessible < wheelchairs, `${ordinary} and ${accessible} accessible were free`);
}

function adjacencyFault({ slot, asked }: RefusalCase, { freeOf }: Offer): Verdict {
  const wish = asked.body.bestAvailable as BestWish | undefined;
  if (wish?.adjacent !== true) return 'nobody asked for units side by side';
  return unless(!hasAdjacent(slot, wish, freeOf), 'there were enough of them side by side');
}

function orphanFault({ slot, asked, problem }: RefusalCase, { freeOf }: Offer): Verdict {
  if (slot.opened.policy.orphanSeats !== 'forbid') return 'the slot does not forbid it';
  // Whether every other choice would have left one as well is not for this judge.
  if (asked.body.bestAvailable !== undefined) return undefined;
  const taken = new Set(unitsAsked(asked.deed === 'book' ? asked.body.units : asked.body.add).map(({ unitId }) => unitId));
  const orphans = orphansOf(slot, taken, freeOf);
  const named = new Set(problem.orphans as readonly string[]);
  return unless(
    orphans.size > 0 && orphans.size === named.size && [...named].every((unitId) => orphans.has(unitId)),
    `it would have left ${[...orphans].join(', ') || 'none'}`,
  );
}

function priceFault(refusal: RefusalCase, offer: Offer): Verdict {
  const { asked, problem } = refusal;
  const { amount } = problem.total as { readonly amount: number };
  if (asked.body.expectedTotal === amount) return 'it is the price that was expected';
  if (asked.body.bestAvailable !== undefined) return null;
  const own = totalOf(refusal, offer);
  return unless(own === amount, `the total was ${own}, not ${amount}`);
}

/** What the request would have come to. More of a unit that a booking has is priced as the booking was. */
function totalOf({ slot, asked }: RefusalCase, { stretch }: Offer): number {
  const booking = slot.booked.byId.get(asked.bookingId ?? '');
  const priceOf = (unitId: string, quantity: number) => {
    const own = booking?.claims.find((claim) => claim.unitId === unitId);
    if (own !== undefined) return (own.amount / own.quantity) * quantity;
    const unit = slot.unit(unitId);
    return unit === undefined ? 0 : amountOf(unit, stretch, quantity);
  };
  const sum = (units: ReturnType<typeof unitsAsked>) => units.reduce((all, { unitId, quantity = 1 }) => all + priceOf(unitId, quantity), 0);
  if (booking === undefined) return sum(unitsAsked(asked.body.units));
  const { claims } = booking;
  const own = claims.reduce((all, { amount }) => all + amount, 0);
  return own + sum(unitsAsked(asked.body.add)) - sum(partAsked(asked.body.drop, claims));
}

function limitFault({ slot, asked, problem }: RefusalCase): Verdict {
  const { maxUnitsPerBooking } = slot.opened.policy;
  const count = (units: ReturnType<typeof unitsAsked>) => units.reduce((all, { quantity = 1 }) => all + quantity, 0);
  const { body } = asked;
  const claims = slot.booked.byId.get(asked.bookingId ?? '')?.claims ?? [];
  const best = body.bestAvailable as BestWish | undefined;
  const changed = () => count(claims) + count(unitsAsked(body.add)) - count(partAsked(body.drop, claims));
  const wanted = best?.quantity ?? (asked.deed === 'book' ? count(unitsAsked(body.units)) : changed());
  return unless(
    wanted > maxUnitsPerBooking && problem.limit === maxUnitsPerBooking,
    `${wanted} of at most ${maxUnitsPerBooking} were asked for`,
  );
}
