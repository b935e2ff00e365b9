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
 *
 * Nearest lines are searched first, and more only while one beyond could still be part of something
 * better, so that a large hall costs no more than the places in question.
 */
export function bestPlaces(party: Party, weights: Weights, supply: Supply): readonly number[] | null {
  const order = party.plan.linesFor(1);
  const fixedCost = weights.group * fewestGroups(supply, party.size);
  const searched: number[] = [];
  let places = 0;
  let next = 0;
  let leastDistance = 0;
  for (let wanted = FIRST_PLACES * party.size; ; wanted *= 4) {
    for (; next < order.lines.length && places < wanted; next++) {
      const runs = runsFor(party, order.lines[next]!);
      if (!runs || runs.free === 0) continue;
      if (searched.length === 0) leastDistance = order.distances[next]!;
      searched.push(order.lines[next]!);
      places += runs.free;
    }
    const choice = choose(party, weights, layOut(party, weights, searched));
    if (next === order.lines.length) return choice?.units ?? null;
    const leastBeyond = fixedCost + order.distances[next]! + (party.size - 1) * leastDistance;
    if (choice && leastBeyond > choice.cost) return choice.units;
  }
}

function layOut(party: Party, weights: Weights, searched: readonly number[]): Places {
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
      for (let position = bounds[at]!; position < bounds[at + 1]!; position++) places.units.push(line.units[position]!);
      // A unit that is free alone already cannot be made an orphan.
      places.runs.push({ end: places.units.length, orphan: bounds[at + 1]! - bounds[at]! > 1 ? weights.orphan : 0 });
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
  for (let run = places.runs.length - 1; run >= 0; run--) {
    const { end, orphan } = places.runs[run]!;
    const taken = beginning.slice();
    const moreLeft = beginning.slice();
    const oneLeft = beginning.map((cost) => cost + orphan);
    const runStart = run === 0 ? 0 : places.runs[run - 1]!.end;
    for (let place = end - 1; place >= runStart; place--) {
      const unit = places.units[place]!;
      const fits = suits(party, unit);
      const step = party.plan.accessible[unit] === 1 ? accessibleStep : 1;
      const distance = party.plan.distanceOf[unit]!;
      // Downwards, so that `taken[need - step]` still tells of the places behind this one.
      for (let need = needs - 1; need >= 0; need--) {
        const wanted = fits && (step === 1 ? need % accessibleStep !== 0 : need >= step);
        const grouped = wanted ? distance + taken[need - step]! : Number.POSITIVE_INFINITY;
        const opened = grouped + weights.group;
        const [ifOneLeft, ifMoreLeft] = [oneLeft[need]!, moreLeft[need]!];
        let bits = 0;
        if (place === runStart) {
          if (opened <= ifOneLeft) bits |= BEGINNING;
          beginning[need] = Math.min(opened, ifOneLeft);
        }
        if (grouped <= ifOneLeft) bits |= TAKEN;
        if (opened + orphan <= ifMoreLeft) bits |= ONE_LEFT;
        if (opened <= ifMoreLeft) bits |= MORE_LEFT;
        taken[need] = Math.min(grouped, ifOneLeft);
        oneLeft[need] = Math.min(opened + orphan, ifMoreLeft);
        moreLeft[need] = Math.min(opened, ifMoreLeft);
        takes[place * needs + need] = bits;
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
