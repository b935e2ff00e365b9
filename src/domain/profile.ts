import type { Span } from './span.ts';

/** What a unit's capacity can be taken by. */
export type Usage = 'held' | 'sold' | 'blocked';

/** From `at` (an axis coordinate) until the next step, so much of the unit is taken. */
export interface Step {
  readonly at: number;
  readonly held: number;
  readonly sold: number;
  readonly blocked: number;
}

/**
 * How much of a unit is taken at every point of the axis: steps in ascending order, nothing before
 * the first one, nothing from the last one on. No two neighbours are equal. Values are immutable.
 *
 * This is the one collision rule of all three axes: a claim fits when at no point of its span the
 * sum of what is taken and what it wants exceeds the capacity.
 */
export type Profile = readonly Step[];

export const NOTHING_TAKEN: Profile = Object.freeze([]);

/** The profile with `quantity` more (or, when negative, less) of one usage over the span. */
export function withUsage(profile: Profile, span: Span, usage: Usage, quantity: number): Profile {
  if (profile.length === 0 && span.from < span.to && quantity !== 0) return firstUse(span, usage, quantity);
  const steps = splitAt(splitAt(profile, span.from), span.to);
  const changed = steps.map((step) => (step.at >= span.from && step.at < span.to ? { ...step, [usage]: step[usage] + quantity } : step));
  return merged(changed);
}

/** What becomes of a profile of which nothing was taken: the case of every seat that is sold. */
function firstUse({ from, to }: Span, usage: Usage, quantity: number): Profile {
  const taken = { at: from, held: 0, sold: 0, blocked: 0 };
  taken[usage] = quantity;
  return [taken, { at: to, held: 0, sold: 0, blocked: 0 }];
}

/** The profile without any of one usage. */
export function withoutUsage(profile: Profile, usage: Usage): Profile {
  return merged(profile.map((step) => ({ ...step, [usage]: 0 })));
}

/** How much is taken at the point of the span where most is taken. */
export function tightest(profile: Profile, span: Span): Step {
  let found: Step = { at: span.from, held: 0, sold: 0, blocked: 0 };
  for (let index = firstStepWithin(profile, span); index < profile.length; index += 1) {
    const step = profile[index] as Step;
    if (step.at >= span.to) break;
    if (takenAt(step) > takenAt(found)) found = step;
  }
  return found;
}

/** The pieces of the span over which the taken quantities do not change, in order, without gaps. */
export function pieces(profile: Profile, span: Span): readonly (Span & { readonly step: Step })[] {
  const found: (Span & { step: Step })[] = [];
  let from = span.from;
  let current: Step = { at: span.from, held: 0, sold: 0, blocked: 0 };
  for (let index = firstStepWithin(profile, span); index < profile.length; index += 1) {
    const step = profile[index] as Step;
    if (step.at >= span.to) break;
    if (step.at > from) {
      found.push({ from, to: step.at, step: current });
      from = step.at;
    }
    current = step;
  }
  found.push({ from, to: span.to, step: current });
  return found;
}

/** All that is taken at a step. */
export function takenAt(step: Step): number {
  return step.held + step.sold + step.blocked;
}

/** Whether any of one usage stands somewhere in the span. */
export function hasUsage(profile: Profile, span: Span, usage: Usage): boolean {
  for (let index = firstStepWithin(profile, span); index < profile.length; index += 1) {
    const step = profile[index] as Step;
    if (step.at >= span.to) return false;
    if (step[usage] > 0) return true;
  }
  return false;
}

/** Index of the step that is in force at the start of the span, or of the first one inside it. */
function firstStepWithin(profile: Profile, span: Span): number {
  let low = 0;
  let high = profile.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((profile[middle] as Step).at <= span.from) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

function splitAt(profile: Profile, at: number): Profile {
  const index = profile.findIndex((step) => step.at >= at);
  if (index >= 0 && (profile[index] as Step).at === at) return profile;
  const before = index < 0 ? profile.length : index;
  const inForce = before > 0 ? (profile[before - 1] as Step) : { held: 0, sold: 0, blocked: 0 };
  return [...profile.slice(0, before), { ...inForce, at }, ...profile.slice(before)];
}

function merged(steps: readonly Step[]): Profile {
  const result: Step[] = [];
  let previous: Step | null = null;
  for (const step of steps) {
    const same =
      previous === null
        ? takenAt(step) === 0
        : previous.held === step.held && previous.sold === step.sold && previous.blocked === step.blocked;
    if (same) continue;
    result.push(step);
    previous = step;
  }
  return result;
}
