import type { LineRuns } from './free-runs.ts';
import { NOTHING_FREE } from './free-runs.ts';
import type { Party } from './party.ts';
import { runsFor, suits } from './party.ts';

/** Which windows there are: `has[n]` for every pair of ordinary and accessible places, in one number. */
interface Windows {
  readonly has: Uint8Array;
  /** What one accessible place adds to the number of a pair. */
  readonly accessibleStep: number;
}

/**
 * The fewest groups that a party of both kinds of places can be split into as far as the mixture goes that
 * neighbours make: two wheelchairs that stand apart are two groups. How often a mixture is free does not
 * count, so that it may take more groups, never fewer. Lines are looked at only until `atLeast` is reached.
 */
export function fewestMixedGroups(party: Party, atLeast: number): number {
  const accessibleStep = party.size - party.accessible + 1;
  const windows: Windows = { has: new Uint8Array((party.accessible + 1) * accessibleStep), accessibleStep };
  let fewest = Number.POSITIVE_INFINITY;
  for (let lineIndex = 0; lineIndex < party.plan.lines.length && fewest > atLeast; lineIndex++) {
    const isNew = addWindows(party, lineIndex, runsFor(party, lineIndex) ?? NOTHING_FREE, windows);
    if (isNew) fewest = fewestOf(windows);
  }
  return Math.max(fewest, atLeast);
}

/** Whether the line has a window of a mixture that was not known before. */
function addWindows(party: Party, lineIndex: number, { bounds, free }: LineRuns, windows: Windows): boolean {
  const line = party.plan.lines[lineIndex]!;
  if (line.quantity) return addAlike(party, line.units[0]!, free, windows);
  let isNew = false;
  for (let run = 0; run < bounds.length; run += 2) {
    for (let start = bounds[run]!; start < bounds[run + 1]!; start++) {
      if (addFrom(party, line.units, start, bounds[run + 1]!, windows)) isNew = true;
    }
  }
  return isNew;
}

/** All windows that begin at the position and are not too much for the party. */
function addFrom(party: Party, units: Int32Array, start: number, end: number, windows: Windows): boolean {
  let isNew = false;
  let [ordinary, accessible] = [party.size - party.accessible, party.accessible];
  let pair = 0;
  for (let position = start; position < end; position++) {
    const unit = units[position]!;
    if (!suits(party, unit)) return isNew;
    if (party.plan.accessible[unit] === 1) {
      accessible -= 1;
      pair += windows.accessibleStep;
    } else {
      ordinary -= 1;
      pair += 1;
    }
    if (ordinary < 0 || accessible < 0) return isNew;
    isNew ||= windows.has[pair] === 0;
    windows.has[pair] = 1;
  }
  return isNew;
}

/** The windows within one quantity unit. */
function addAlike(party: Party, unit: number, free: number, { has, accessibleStep }: Windows): boolean {
  if (!suits(party, unit)) return false;
  const isAccessible = party.plan.accessible[unit] === 1;
  const [step, most] = isAccessible ? [accessibleStep, party.accessible] : [1, party.size - party.accessible];
  let isNew = false;
  for (let count = 1; count <= Math.min(free, most); count++) {
    isNew ||= has[count * step] === 0;
    has[count * step] = 1;
  }
  return isNew;
}

/** How few windows make up the whole party, when there are enough of each. */
function fewestOf({ has, accessibleStep }: Windows): number {
  const fewest = new Float64Array(has.length).fill(Number.POSITIVE_INFINITY);
  fewest[0] = 0;
  for (let need = 1; need < has.length; need++) {
    for (let pair = 1; pair <= need; pair++) {
      if (has[pair] === 0 || pair % accessibleStep > need % accessibleStep) continue;
      fewest[need] = Math.min(fewest[need]!, fewest[need - pair]! + 1);
    }
  }
  return fewest.at(-1)!;
}
