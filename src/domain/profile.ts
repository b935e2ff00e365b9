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

/** So much more (or, when negative, less) of one usage over a span. */
export interface Change {
  readonly span: Span;
  readonly usage: Usage;
  readonly quantity: number;
}

/** The profile with `quantity` more (or, when negative, less) of one usage over the span. Steps beyond it are copied as they are. */
export function withUsage(profile: Profile, span: Span, usage: Usage, quantity: number): Profile {
  if (quantity === 0 || span.from >= span.to) return profile;
  if (profile.length === 0) return firstUse(span, usage, quantity);
  const begin = firstStepFrom(profile, span.from);
  const end = firstStepFrom(profile, span.to);
  const before = begin === 0 ? NOTHING : (profile[begin - 1] as Step);
  const isSpliced = profile.length > LONG_PROFILE && end - begin < MOST_SPLICED;
  const steps = isSpliced ? [] : profile.slice(0, begin);
  // What was different from its neighbour within the span still is: two that are the same can only meet at its ends.
  const first = profile[begin];
  if (first === undefined || first.at !== span.from) steps.push(changed(before, span.from, usage, quantity));
  for (let index = begin; index < end; index += 1) {
    const step = profile[index] as Step;
    const now = changed(step, step.at, usage, quantity);
    if (index > begin || !isSame(steps[steps.length - 1] ?? before, now)) steps.push(now);
  }
  const { held, sold, blocked } = profile[end - 1] ?? NOTHING;
  const next = profile[end];
  const behind = next !== undefined && next.at === span.to ? next : { at: span.to, held, sold, blocked };
  if (!isSame(steps[steps.length - 1] ?? before, behind)) steps.push(behind);
  const rest = behind === next ? end + 1 : end;
  if (isSpliced) return profile.toSpliced(begin, rest - begin, ...steps);
  return rest === profile.length ? steps : steps.concat(profile.slice(rest));
}

/**
 * A profile of more steps is copied in one go, with what changes spliced in: in a third of the time, where the steps of a car park are
 * a hundred thousand. Short ones are faster without, and what is spliced has to fit on the stack.
 */
const LONG_PROFILE = 500;
const MOST_SPLICED = 1_000;

function changed({ held, sold, blocked }: Step, at: number, usage: Usage, quantity: number): Step {
  const step = { at, held, sold, blocked };
  step[usage] += quantity;
  return step;
}

/** The profile with all of the changes, in one sweep over the axis: one after the other, thousands of them would cost their square. */
export function withUsages(profile: Profile, changes: readonly Change[]): Profile {
  const [first] = changes;
  if (first === undefined) return profile;
  if (changes.length === 1) return withUsage(profile, first.span, first.usage, first.quantity);
  const moves: Step[] = [];
  profile.forEach((step, index) => {
    const { held, sold, blocked } = profile[index - 1] ?? NOTHING;
    moves.push({ at: step.at, held: step.held - held, sold: step.sold - sold, blocked: step.blocked - blocked });
  });
  for (const { span, usage, quantity } of changes) {
    if (span.from < span.to) moves.push(changed(NOTHING, span.from, usage, quantity), changed(NOTHING, span.to, usage, -quantity));
  }
  moves.sort((one, other) => one.at - other.at);
  const steps: Step[] = [];
  let taken: Step = NOTHING;
  for (const { at, held, sold, blocked } of moves) {
    taken = { at, held: taken.held + held, sold: taken.sold + sold, blocked: taken.blocked + blocked };
    if (steps.at(-1)?.at === at) steps.pop();
    if (!isSame(steps.at(-1) ?? NOTHING, taken)) steps.push(taken);
  }
  return steps;
}

const NOTHING: Step = { at: Number.NEGATIVE_INFINITY, held: 0, sold: 0, blocked: 0 };

function isSame(one: Step, other: Step): boolean {
  return one.held === other.held && one.sold === other.sold && one.blocked === other.blocked;
}

/** What was last made of nothing by each usage. Where seats are sold one by one, all of them come to have the same one. */
const lastFirstUses: { -readonly [Kind in Usage]: Profile } = { held: NOTHING_TAKEN, sold: NOTHING_TAKEN, blocked: NOTHING_TAKEN };

/** What becomes of a profile of which nothing was taken: the case of every seat that is sold. */
function firstUse({ from, to }: Span, usage: Usage, quantity: number): Profile {
  const last = lastFirstUses[usage];
  if (last[0]?.at === from && last[1]?.at === to && last[0][usage] === quantity) return last;
  const taken = { at: from, held: 0, sold: 0, blocked: 0 };
  taken[usage] = quantity;
  const made = [taken, { at: to, held: 0, sold: 0, blocked: 0 }];
  lastFirstUses[usage] = made;
  return made;
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
function firstStepWithin(profile: Profile, { from }: Span): number {
  const index = firstStepFrom(profile, from);
  return profile[index]?.at === from ? index : Math.max(0, index - 1);
}

/** Index of the first step at the coordinate or behind it. */
function firstStepFrom(profile: Profile, at: number): number {
  let low = 0;
  let high = profile.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((profile[middle] as Step).at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function merged(steps: readonly Step[]): Profile {
  const result: Step[] = [];
  for (const step of steps) if (!isSame(result.at(-1) ?? NOTHING, step)) result.push(step);
  return result;
}
