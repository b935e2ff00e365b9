import type { Line } from '../seating-plan.ts';
import type { Party, Weights } from './party.ts';
import { runsFor, suits, suitsWhole } from './party.ts';

/** `size` places of one line, from position `start` on. */
export interface Window {
  readonly line: number;
  readonly start: number;
  readonly cost: number;
}

/**
 * The best window of adjacent places for the party: least orphans (as far as they weigh), then
 * nearest, then first in declared order. Null when there is none, or none without orphans where they
 * are forbidden.
 */
export function bestWindow(party: Party, weights: Weights): Window | null {
  const order = party.plan.linesFor(party.size);
  let best: Window | null = null;
  for (let at = 0; at < order.lines.length; at++) {
    // Nothing that follows can be nearer; equally near windows still have to be compared by order.
    if (best && order.distances[at]! > best.cost) break;
    const line = order.lines[at]!;
    const runs = runsFor(party, line);
    if (!runs || runs.longest < party.size) continue;
    best = bestInLine(party, weights, line, runs.bounds, best);
  }
  return best;
}

function bestInLine(party: Party, weights: Weights, lineIndex: number, bounds: readonly number[], best: Window | null): Window | null {
  const line = party.plan.lines[lineIndex]!;
  if (line.quantity) {
    const accessibles = line.hasAccessible ? party.size : 0;
    if (!suits(party, line.units[0]!) || accessibles !== party.accessible) return best;
    return better(best, { line: lineIndex, start: 0, cost: party.size * line.sums[1]! });
  }
  if (party.accessible > 0 && !line.hasAccessible) return best;
  let found = best;
  const noneToCheck = suitsWhole(party, line) && !line.hasAccessible && party.accessible === 0;
  for (let at = 0; at < bounds.length; at += 2) {
    const [runStart, runEnd] = [bounds[at]!, bounds[at + 1]!];
    if (runEnd - runStart < party.size) continue;
    const fits = noneToCheck ? null : slidingCheck(party, line, runStart);
    for (let end = runStart + 1; end <= runEnd; end++) {
      const fit = fits === null || fits(end);
      const start = end - party.size;
      if (!fit || start < runStart) continue;
      const orphans = (start - runStart === 1 ? 1 : 0) + (runEnd - end === 1 ? 1 : 0);
      const distance = line.sums[end]! - line.sums[start]!;
      const cost = orphans === 0 ? distance : distance + orphans * weights.orphan;
      if (cost < Number.POSITIVE_INFINITY) found = better(found, { line: lineIndex, start, cost });
    }
  }
  return found;
}

/** Told each end of a window in turn, tells whether the window's units suit and as many are accessible as asked. */
function slidingCheck(party: Party, line: Line, runStart: number): (end: number) => boolean {
  let unsuitable = 0;
  let accessible = 0;
  const count = (position: number, change: 1 | -1) => {
    const unit = line.units[position]!;
    if (!suits(party, unit)) unsuitable += change;
    if (party.plan.accessible[unit] === 1) accessible += change;
  };
  return (end) => {
    count(end - 1, 1);
    if (end - 1 - party.size >= runStart) count(end - 1 - party.size, -1);
    return unsuitable === 0 && accessible === party.accessible;
  };
}

function better(a: Window | null, b: Window): Window {
  if (!a || b.cost < a.cost) return b;
  return b.cost === a.cost && (b.line < a.line || (b.line === a.line && b.start < a.start)) ? b : a;
}
