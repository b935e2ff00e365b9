import type { SeatingPlan } from '../seating-plan.ts';
import { areAdjacent } from '../seating-plan.ts';
import { bestWindow } from './adjacent-window.ts';
import type { OrphanPolicy } from './events.ts';
import type { FreeOf, FreeRuns } from './free-runs.ts';
import { createFreeRuns } from './free-runs.ts';
import type { Party, Supply, Weights } from './party.ts';
import { ANY, supplyFor } from './party.ts';
import { bestPlaces } from './scattered-places.ts';

export interface AllocationRequest {
  /** At least 1. */
  readonly quantity: number;
  /** Null for whatever category, also several at once. */
  readonly category: string | null;
  /** True demands adjacent units, null prefers them, false does not care. */
  readonly adjacent: boolean | null;
  /** Exactly so many of the units are accessible; at most the quantity. */
  readonly accessible: number;
}

export interface AllocationOptions {
  readonly orphanPolicy: OrphanPolicy;
  /** Kept up by the owner of the state that `freeOf` tells of. Absent: everything is looked at afresh. */
  readonly freeRuns?: FreeRuns;
}

export interface AllocatedUnit {
  readonly index: number;
  readonly quantity: number;
}

export type Allocation =
  | { readonly kind: 'allocated'; readonly units: readonly AllocatedUnit[]; readonly adjacent: boolean }
  /** Fewer suitable units are free than were asked for. */
  | { readonly kind: 'sold-out' }
  /** Enough are free, but adjacency was demanded and they are not adjacent. */
  | { readonly kind: 'not-adjacent' }
  /** Only under `forbid`: every choice leaves orphans. `orphans` are those of the best choice. */
  | { readonly kind: 'would-leave-orphan'; readonly orphans: readonly number[] };

/**
 * Chooses the best free units. Best means, in this order: adjacent in one group, or in the fewest
 * groups (not when `adjacent` is false); fewest orphans (not under `allow`); least distance, summed
 * over the units (see SeatingPlan); first in declared order. The same inputs give the same choice.
 * Only for very large parties with many accessible units this is best for each of the two kinds alone.
 * Refuses for lack of units only when there are too few of them.
 */
export function allocate(plan: SeatingPlan, request: AllocationRequest, freeOf: FreeOf, options: AllocationOptions): Allocation {
  const { quantity, accessible } = request;
  if (!(quantity >= 1) || !(accessible >= 0 && accessible <= quantity)) throw new RangeError('quantity ≥ 1 and 0 ≤ accessible ≤ quantity');
  const runs = options.freeRuns ?? createFreeRuns(plan);
  if (runs.plan !== plan) throw new Error('the free runs belong to another seating plan');
  const category = request.category === null ? ANY : plan.categoryCode(request.category);
  if (category === undefined) return { kind: 'sold-out' };

  const party: Party = { plan, runs, freeOf, size: quantity, category, accessible };
  const units = bestUnits(party, request.adjacent, weightsFor(party, request.adjacent, options.orphanPolicy));
  if (typeof units === 'string') return { kind: units };
  if (units) return allocated(plan, units);

  if (options.orphanPolicy !== 'forbid') return { kind: 'not-adjacent' };

  // Perhaps orphans are all that stood in the way: name those that the best choice would have left.
  const tolerated = bestUnits(party, request.adjacent, weightsFor(party, request.adjacent, 'avoid'));
  if (tolerated === null || typeof tolerated === 'string') return { kind: 'not-adjacent' };
  const orphans = orphansLeft(plan, freeOf, new Set(tolerated.map(({ index }) => index)));
  // Of the two kinds of a large party's places either may leave some alone that the other takes.
  return orphans.length === 0 ? allocated(plan, tolerated) : { kind: 'would-leave-orphan', orphans };
}

/**
 * Free numbered units that would be left alone, with no free neighbour, although they have one now,
 * if the units in `taken` (free now) were taken. In ascending order.
 */
export function orphansLeft(plan: SeatingPlan, freeOf: FreeOf, taken: ReadonlySet<number>): number[] {
  const orphans = new Set<number>();
  for (const unit of taken) {
    const line = plan.lines[plan.lineOf[unit] ?? -1];
    if (!line || line.quantity || freeOf(unit) === 0) continue;
    const position = plan.positionOf[unit]!;
    const staysFree = (at: number) => {
      const neighbour = line.units[at];
      return neighbour !== undefined && !taken.has(neighbour) && freeOf(neighbour) > 0;
    };
    if (staysFree(position - 1) && !staysFree(position - 2)) orphans.add(line.units[position - 1]!);
    if (staysFree(position + 1) && !staysFree(position + 2)) orphans.add(line.units[position + 1]!);
  }
  return [...orphans].sort((a, b) => a - b);
}

/** Null when only forbidden orphans, or a demand for adjacency that may be due to them, stand in the way. */
function bestUnits(party: Party, adjacent: boolean | null, weights: Weights): readonly AllocatedUnit[] | 'sold-out' | null {
  const window = adjacent === false ? null : bestWindow(party, weights);
  if (window) {
    const { units, quantity } = party.plan.lines[window.line]!;
    if (quantity) return [{ index: units[0]!, quantity: party.size }];
    return Array.from(units.subarray(window.start, window.start + party.size), (index) => ({ index, quantity: 1 }));
  }
  const supply = supplyFor(party);
  if (supply.accessible < party.accessible || supply.ordinary < party.size - party.accessible) return 'sold-out';
  return adjacent === true ? null : together(placesApart(party, weights, supply));
}

/**
 * The search for scattered places takes time and memory for every pair of ordinary and accessible
 * places that a party may still need. Past so many pairs both kinds are searched on their own, so that
 * no request can hold up everybody else's for seconds: a party of 30 with 3 wheelchairs is below it.
 */
const MOST_PAIRS = 150;

/** Exact, but for parties beyond MOST_PAIRS, whose two kinds of places are each the best, though perhaps not the best together. */
function placesApart(party: Party, weights: Weights, supply: Supply): readonly number[] | null {
  const { plan, freeOf, size, accessible } = party;
  const isSmall = (accessible + 1) * (size - accessible + 1) <= MOST_PAIRS;
  if (isSmall || accessible === 0 || accessible === size) return bestPlaces(party, weights, supply);
  const parts = [
    { ...party, size: size - accessible, accessible: 0 },
    { ...party, size: accessible },
  ];
  const found = parts.map((part) => bestPlaces(part, weights, supplyFor(part)));
  if (found.includes(null)) return null;
  const places = found.flatMap((part) => part ?? []);
  const forbidsOrphans = weights.orphan === Number.POSITIVE_INFINITY;
  return forbidsOrphans && orphansLeft(plan, freeOf, new Set(places)).length > 0 ? null : places;
}

/** Counts the places of each unit, in the order of the places. */
function together(places: readonly number[] | null): readonly AllocatedUnit[] | null {
  if (!places) return null;
  const quantities = new Map<number, number>();
  for (const index of places) quantities.set(index, (quantities.get(index) ?? 0) + 1);
  return Array.from(quantities, ([index, quantity]) => ({ index, quantity }));
}

function allocated(plan: SeatingPlan, units: readonly AllocatedUnit[]): Allocation {
  const indexes = units.map(({ index }) => index);
  return { kind: 'allocated', units, adjacent: areAdjacent(plan, indexes) };
}

/** Each weight is just more than all that it must outweigh; a unit taken can leave an orphan on either side. */
function weightsFor({ plan, size }: Party, adjacent: boolean | null, policy: OrphanPolicy): Weights {
  const distances = plan.farthest * size + 1;
  const orphan = { allow: 0, avoid: distances, forbid: Number.POSITIVE_INFINITY }[policy];
  const group = adjacent === false ? 0 : distances * (policy === 'avoid' ? 2 * size + 1 : 1);
  return { group, orphan };
}
