import type { Booking } from './booking.ts';
import type { UnitSelection } from './commands.ts';
import type { Claim } from './events.ts';
import { type Ruling, refuse, refuseField } from './ruling.ts';
import { headOf, type SlotState } from './state.ts';

/** The named part of a booking's claims, of each unit all that it has unless a quantity is told; or the fault in naming it. */
export function partOf(booking: Booking, units: readonly UnitSelection[], pointer: string): readonly Claim[] | Ruling {
  const part: Claim[] = [];
  for (const [position, { unitId, quantity: asked }] of units.entries()) {
    const claim = booking.claims.find((candidate) => candidate.unitId === unitId);
    if (claim === undefined) return refuseField('unknown-unit', `${pointer}/${position}`, `the booking has no unit "${unitId}"`);
    const quantity = asked ?? claim.quantity;
    if (quantity > claim.quantity)
      return refuseField('invalid-input', `${pointer}/${position}/quantity`, `the booking has only ${claim.quantity} of it`);
    part.push({ ...claim, quantity, amount: (claim.amount / claim.quantity) * quantity });
  }
  return part;
}

/** The ways in which nothing can be done with a booking any more; each its own code. */
export function tooLate(state: SlotState, booking: Booking): Ruling | null {
  if (booking.status === 'EXPIRED') return refuse({ kind: 'hold-expired', booking });
  if (booking.status === 'CANCELLED') return refuse({ kind: 'already-released', booking });
  if (headOf(state).status === 'CANCELLED') return refuse({ kind: 'slot-cancelled', booking });
  return null;
}
