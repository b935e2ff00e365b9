import type { Line, SeatingPlan } from '../seating-plan.ts';
import { MIXED } from '../seating-plan.ts';
import type { FreeOf, FreeRuns, LineRuns } from './free-runs.ts';

/** Any category will do. */
export const ANY = -1;

/** Who is to be seated, and where things stand: the input of every search. */
export interface Party {
  readonly plan: SeatingPlan;
  readonly runs: FreeRuns;
  readonly freeOf: FreeOf;
  readonly size: number;
  /** A category's code in the plan, or ANY. */
  readonly category: number;
  /** Exactly so many of the units are accessible, the others are not. */
  readonly accessible: number;
}

/**
 * What counts how much: one more group outweighs all orphans, one more orphan outweighs all distances.
 * 0 does not care; an infinite orphan weight forbids them.
 */
export interface Weights {
  readonly group: number;
  readonly orphan: number;
}

/** Whether the unit is of the category, and of a kind, accessible or not, of which the party wants any. */
export function suits(party: Party, unit: number): boolean {
  if (party.category !== ANY && party.plan.categoryOf[unit] !== party.category) return false;
  return party.plan.accessible[unit] === 1 ? party.accessible > 0 : party.accessible < party.size;
}

/** True when every unit of the line is known to suit, so that none has to be looked at. */
export function suitsWhole(party: Party, line: Line): boolean {
  if (line.quantity) return suits(party, line.units[0]!);
  if (party.category !== ANY && line.category !== party.category) return false;
  return party.accessible === 0 ? !line.hasAccessible : party.accessible < party.size;
}

/** Free runs of the line; none when it is known to have no unit of the category. */
export function runsFor(party: Party, lineIndex: number): LineRuns | null {
  const { category } = party.plan.lines[lineIndex]!;
  if (party.category !== ANY && category !== MIXED && category !== party.category) return null;
  return party.runs.ofLine(lineIndex, party.freeOf);
}

export interface Supply {
  ordinary: number;
  accessible: number;
  /** `stretches[n]`: how many runs of n suitable free places there are; longer than the party counts as its size. */
  readonly stretches: Int32Array;
}

/** What is free for the party in the whole plan. */
export function supplyFor(party: Party): Supply {
  const supply: Supply = { ordinary: 0, accessible: 0, stretches: new Int32Array(party.size + 1) };
  const { lines } = party.plan;
  for (let lineIndex = 0; lineIndex < lines.length; lineIndex++) {
    const runs = runsFor(party, lineIndex);
    if (!runs || runs.free === 0) continue;
    const line = lines[lineIndex]!;
    if (!line.quantity && (line.hasAccessible || !suitsWhole(party, line))) addUnits(party, line, runs, supply);
    else if (suitsWhole(party, line)) addRuns(line, runs, party.size, supply);
  }
  return supply;
}

/** Of a line whose units all suit alike. */
function addRuns(line: Line, { bounds, free }: LineRuns, size: number, supply: Supply): void {
  if (line.hasAccessible) supply.accessible += free;
  else supply.ordinary += free;
  for (let at = 0; at < bounds.length; at += 2) {
    const length = bounds[at + 1]! - bounds[at]!;
    supply.stretches[length < size ? length : size]! += 1;
  }
}

/** Of a line whose units have to be looked at one by one. */
function addUnits(party: Party, line: Line, { bounds }: LineRuns, supply: Supply): void {
  for (let at = 0; at < bounds.length; at += 2) {
    let stretch = 0;
    for (let position = bounds[at]!; position <= bounds[at + 1]!; position++) {
      const unit = line.units[position] ?? -1;
      if (position < bounds[at + 1]! && suits(party, unit)) {
        stretch += 1;
        if (party.plan.accessible[unit] === 1) supply.accessible += 1;
        else supply.ordinary += 1;
      } else if (stretch > 0) {
        supply.stretches[Math.min(stretch, party.size)]! += 1;
        stretch = 0;
      }
    }
  }
}

/**
 * The fewest groups that the party can be split into as far as the lengths of the runs go, and the
 * least size that a group can have then.
 */
export function fewestGroups(supply: Supply, size: number): { readonly groups: number; readonly leastSize: number } {
  let groups = 0;
  let remaining = size;
  let leastSize = size;
  for (let length = size; length > 0 && remaining > 0; length--) {
    const used = Math.min(supply.stretches[length]!, Math.ceil(remaining / length));
    if (used === 0) continue;
    groups += used;
    // What the last group has to take when all others are as long as they can be.
    leastSize = remaining - (used - 1) * length;
    remaining -= used * length;
  }
  return { groups, leastSize: Math.min(leastSize, size) };
}
