import { extentOf, freeOver, takenStatus } from '../availability.ts';
import { priceSteps } from '../price.ts';
import { type ResolvedSpan, resolveSpan } from '../resolve-span.ts';
import { seatingPlan } from '../seating-plan.ts';
import type { Span } from '../span.ts';
import type { Unit } from '../unit.ts';
import type { Claim } from './events.ts';
import { createFreeRuns, type FreeRuns } from './free-runs.ts';
import type { UnavailableUnit } from './refusals.ts';
import { type Ruling, refuse, refuseField } from './ruling.ts';
import { headOf, type SlotState } from './state.ts';

/** A slot's units as they are over one span: what is free, at what price. */
export interface Offer {
  readonly state: SlotState;
  /** What the customer asked for, in axis coordinates. */
  readonly span: Span;
  /** The span with the buffer behind it. */
  readonly occupied: Span;
  /** When it takes place, epoch milliseconds. */
  readonly extent: Span | null;
}

/** The offer over a resolved span. */
export function offerOver(state: SlotState, resolved: Extract<ResolvedSpan, { kind: 'resolved' }>): Offer {
  return { state, span: resolved.span, occupied: resolved.occupied, extent: extentOf(headOf(state), resolved.span) };
}

/** The offer over what the customer asks for, or why there can be none. */
export function offerFor(state: SlotState, request: Parameters<typeof resolveSpan>[1]): Offer | Ruling {
  const resolved = resolveSpan(headOf(state), request);
  if (resolved.kind === 'resolved') return offerOver(state, resolved);
  if (resolved.kind === 'span-required') return refuse({ kind: 'span-required' });
  return refuseField('span-invalid', resolved.pointer, resolved.message);
}

/** Free quantity of the unit at the index over the whole span; 0 for a withdrawn one. */
export function freeAt(offer: Offer, index: number): number {
  const unit = offer.state.units.at(index);
  return unit === undefined ? 0 : freeOver(unit, offer.state.profiles.get(index), offer.occupied, offer.extent);
}

/** The unit with what stands in the way of booking it. */
export function unavailableAt(offer: Offer, index: number): UnavailableUnit {
  const unit = offer.state.units.at(index) as Unit;
  return { unitId: unit.unitId, status: takenStatus(offer.state.profiles.get(index), offer.occupied) };
}

/** The seating plan of the slot's units, and on the `whole` axis the cached free runs to choose from. */
export function seating(offer: Offer): { readonly plan: ReturnType<typeof seatingPlan>; readonly freeRuns: FreeRuns | null } {
  const { state } = offer;
  const { places, focus, withdrawn } = state.units;
  const plan = seatingPlan(places, focus, withdrawn);
  if (headOf(state).axis.type !== 'whole') return { plan, freeRuns: null };
  return { plan, freeRuns: state.useFreeRuns(() => createFreeRuns(plan)) };
}

/** A claim at today's price. @throws when the amount is beyond what money can be counted in. */
export function claimAt(offer: Offer, index: number, quantity: number): Claim {
  const unit = offer.state.units.at(index) as Unit;
  const price = offer.state.units.priceAt(index) as number;
  const amount = price * priceSteps(unit.priceBasis, offer.span) * quantity;
  return { unitId: unit.unitId, quantity, from: offer.span.from, to: offer.span.to, price, amount };
}

/** Sum of the claims' amounts in minor units. */
export function totalOf(claims: readonly Claim[]): number {
  return claims.reduce((sum, claim) => sum + claim.amount, 0);
}
