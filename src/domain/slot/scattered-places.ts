import { bestWindow } from './adjacent-window.ts';
import { NOTHING_FREE } from './free-runs.ts';
import { fewestMixedGroups } from './mixed-groups.ts';
import type { Party, Supply, Weights } from './party.ts';
import { fewestGroups, runsFor, suits } from './party.ts';

/** Free places laid out one after another, run by run in declared order. */
interface Places {
  readonly units: number[];
  /** Where each run ends (exclusive) in `units`, with what an orphan in it weighs. */
  readonly runs: { readonly end: number; readonly orphan: number }[];
}

interface Choice {
  /** One entry for each place taken; a quantity unit may come several times. */
  readonly units: readonly number[];
  readonly cost: number;
}

/** So many free places per member of the party are searched first; four times as many in each further round. */
const FIRST_PLACES = 4;

/**
 * The best places for a party that need not be adjacent: fewest groups, then fewest orphans (each as
 * far as it weighs), then nearest, then first in declared order. Exact. Null when every choice costs
 * too much: orphans are forbidden and cannot be helped.
 */
export function bestPlaces(party: Party, weights: Weights, supply: Supply): readonly number[] | null {
  const { groups, leastSize } = splitOf(party, weights, supply);
  const fixedCost = weights.group * groups;
  if (weights.group > 0 && leastSize > 1) {
    const choice = search(party, weights, leastSize, fixedCost + leastOfOthers(party, groups, leastSize));
    if (choice && choice.cost < fixedCost + weights.group) return choice.units;
    // Orphans, or too few runs of a kind, asked for more groups.
  }
  return search(party, weights, 1, fixedCost + nearestTogether(party, party.size - 1))?.units ?? null;
}

/** The fewest groups, as far as can be told beforehand, and the least size that each has then. */
function splitOf(party: Party, weights: Weights, supply: Supply): { readonly groups: number; readonly leastSize: number } {
  const byLength = fewestGroups(supply, party.size);
  const isMixed = party.accessible > 0 && party.accessible < party.size;
  if (!isMixed || weights.group === 0) return byLength;
  // It was not to be had in one group, or it would not be searched for here.
  const groups = fewestMixedGroups(party, Math.max(byLength.groups, 2));
  return groups > byLength.groups ? { groups, leastSize: 1 } : byLength;
}

/**
 * Searches runs of at least `leastSize` places. Near lines come first, and more only while a line
 * beyond could still be part of something as good, so that a large hall costs no more than the places
 * in question. `leastCost` is what a choice costs at least apart from one group of the least size.
 */
function search(party: Party, weights: Weights, leastSize: number, leastCost: number): Choice | null {
  const order = party.plan.linesFor(leastSize);
  const searched: number[] = [];
  let choice: Choice | null = null;
  let next = 0;
  for (let wanted = FIRST_PLACES * party.size; ; wanted *= 4) {
    const before = searched.length;
    for (let places = 0; next < order.lines.length && places < wanted; next++) {
      // With equal costs the declared order decides, so equals beyond are still of interest.
      if (choice && leastCost + order.distances[next]! > choice.cost) break;
      const runs = runsFor(party, order.lines[next]!);
      if (!runs || runs.longest < leastSize) continue;
      searched.push(order.lines[next]!);
      places += runs.free;
    }
    if (searched.length === before) return choice;
    choice = choose(party, weights, layOut(party, weights, searched, leastSize));
  }
}

/** Least distance of all groups but one when each has at least `leastSize` places. */
function leastOfOthers(party: Party, groups: number, leastSize: number): number {
  const apart = nearestTogether(party, party.size - leastSize);
  if (party.accessible > 0) return apart;
  const nearestGroup = bestWindow({ ...party, size: leastSize }, { group: 0, orphan: 0 });
  return Math.max(apart, (groups - 1) * (nearestGroup?.cost ?? 0));
}

/** Distance of the `count` nearest suitable free places together: no choice of so many is nearer. */
function nearestTogether(party: Party, count: number): number {
  const order = party.plan.linesFor(1);
  const nearest: number[] = [];
  const offer = (distance: number) => {
    if (nearest.length === count && distance >= nearest.at(-1)!) return;
    let at = nearest.length;
    while (at > 0 && nearest[at - 1]! > distance) at--;
    nearest.splice(at, 0, distance);
    if (nearest.length > count) nearest.pop();
  };
  for (let at = 0; count > 0 && at < order.lines.length; at++) {
    if (nearest.length === count && order.distances[at]! >= nearest.at(-1)!) break;
    const line = party.plan.lines[order.lines[at]!]!;
    const { bounds, free } = runsFor(party, order.lines[at]!) ?? NOTHING_FREE;
    if (line.quantity && suits(party, line.units[0]!)) for (let place = Math.min(free, count); place > 0; place--) offer(line.sums[1]!);
    for (let run = 0; !line.quantity && run < bounds.length; run += 2) {
      for (let position = bounds[run]!; position < bounds[run + 1]!; position++) {
        const unit = line.units[position]!;
        if (suits(party, unit)) offer(party.plan.distanceOf[unit]!);
      }
    }
  }
  return nearest.reduce((sum, distance) => sum + distance, 0);
}

function layOut(party: Party, weights: Weights, searched: readonly number[], leastSize: number): Places {
  const places: Places = { units: [], runs: [] };
  for (const lineIndex of Int32Array.from(searched).sort()) {
    const line = party.plan.lines[lineIndex]!;
    const { bounds, free } = party.runs.ofLine(lineIndex, party.freeOf);
    if (line.quantity) {
      for (let place = 0; place < Math.min(free, party.size); place++) places.units.push(line.units[0]!);
      places.runs.push({ end: places.units.length, orphan: 0 });
      continue;
    }
    for (let at = 0; at < bounds.length; at += 2) {
      const [start, end] = [bounds[at]!, bounds[at + 1]!];
      if (end - start < leastSize) continue;
      for (let position = start; position < end; position++) places.units.push(line.units[position]!);
      // A unit that is free alone already cannot be made an orphan.
      places.runs.push({ end: places.units.length, orphan: end - start > 1 ? weights.orphan : 0 });
    }
  }
  return places;
}

// What stands before a place: the run's beginning, a taken place, one place left free, more than one.
const BEGINNING = 1;
const TAKEN = 2;
const ONE_LEFT = 4;
const MORE_LEFT = 8;

/**
 * Dynamic programming over the places from the last to the first: the least cost of seating `need`
 * from here on, for each thing that may stand before. `need` counts ordinary and accessible places
 * in one number. Deciding from the end lets the walk from the front take the first of equals.
 */
function choose(party: Party, weights: Weights, places: Places): Choice | null {
  const accessibleStep = party.size - party.accessible + 1;
  const needs = (party.accessible + 1) * accessibleStep;
  const takes = new Uint8Array(places.units.length * needs);
  const beginning = new Float64Array(needs).fill(Number.POSITIVE_INFINITY);
  beginning[0] = 0;
  const [taken, oneLeft, moreLeft] = [new Float64Array(needs), new Float64Array(needs), new Float64Array(needs)];
  for (let run = places.runs.length - 1; run >= 0; run--) {
    const { end, orphan } = places.runs[run]!;
    const runStart = run === 0 ? 0 : places.runs[run - 1]!.end;
    for (let need = 0; need < needs; need++) {
      taken[need] = moreLeft[need] = beginning[need]!;
      oneLeft[need] = beginning[need]! + orphan;
    }
    for (let place = end - 1; place >= runStart; place--) {
      const unit = places.units[place]!;
      const fits = suits(party, unit);
      const ordinary = party.plan.accessible[unit] === 0;
      const step = ordinary ? 1 : accessibleStep;
      const distance = party.plan.distanceOf[unit]!;
      // Downwards, so that `taken[need - step]` still tells of the places behind this one.
      for (let need = needs - 1; need >= 0; need--) {
        const wanted = fits && (ordinary ? need % accessibleStep !== 0 : need >= step);
        const grouped = wanted ? distance + taken[need - step]! : Number.POSITIVE_INFINITY;
        const opened = grouped + weights.group;
        const stranding = opened + orphan;
        const ifOneLeft = oneLeft[need]!;
        const ifMoreLeft = moreLeft[need]!;
        takes[place * needs + need] =
          (opened <= ifOneLeft ? BEGINNING : 0) |
          (grouped <= ifOneLeft ? TAKEN : 0) |
          (stranding <= ifMoreLeft ? ONE_LEFT : 0) |
          (opened <= ifMoreLeft ? MORE_LEFT : 0);
        beginning[need] = opened <= ifOneLeft ? opened : ifOneLeft;
        taken[need] = grouped <= ifOneLeft ? grouped : ifOneLeft;
        oneLeft[need] = stranding <= ifMoreLeft ? stranding : ifMoreLeft;
        moreLeft[need] = opened <= ifMoreLeft ? opened : ifMoreLeft;
      }
    }
  }
  const cost = beginning[needs - 1]!;
  return cost === Number.POSITIVE_INFINITY ? null : { cost, units: walk(party, places, takes, needs, accessibleStep) };
}

/** Follows the decisions from the first place on. */
function walk(party: Party, places: Places, takes: Uint8Array, needs: number, accessibleStep: number): number[] {
  const chosen: number[] = [];
  let need = needs - 1;
  let place = 0;
  for (const { end } of places.runs) {
    let before = BEGINNING;
    for (; place < end; place++) {
      if ((takes[place * needs + need]! & before) === 0) {
        before = before === BEGINNING || before === TAKEN ? ONE_LEFT : MORE_LEFT;
        continue;
      }
      const unit = places.units[place]!;
      chosen.push(unit);
      need -= party.plan.accessible[unit] === 1 ? accessibleStep : 1;
      before = TAKEN;
    }
  }
  return chosen;
}
