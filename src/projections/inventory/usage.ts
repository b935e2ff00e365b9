import type { Axis } from '../../domain/axis.ts';
import { type Profile, type Step, tightest, withUsage } from '../../domain/profile.ts';
import { wholeAxis } from '../../domain/resolve-span.ts';
import type { Counts } from '../../domain/slot/summary.ts';
import type { Span } from '../../domain/span.ts';

/** How long the past of a slot over time is kept in its usage: longer than any clock is late. In milliseconds. */
const KEPT_PAST = 24 * 3_600_000;
/** The past is cut off in pieces of an hour, so that not every event moves the edge. */
const CUT = 3_600_000;

type Taken = 'held' | 'sold' | 'blocked';

/** What is taken of a slot as a whole; before `from` (null: no bound) it is no longer known. */
export interface SlotUsage {
  readonly profile: Profile;
  readonly from: number | null;
}

/** Adds to (or takes from) the usage. What falls before the kept past is left out, on the way in and on the way out alike. */
export function withTaken(usage: SlotUsage, span: Span, taken: Taken, quantity: number): SlotUsage {
  const from = Math.max(span.from, usage.from ?? Number.NEGATIVE_INFINITY);
  if (from >= span.to || quantity === 0) return usage;
  return { ...usage, profile: withUsage(usage.profile, { from, to: span.to }, taken, quantity) };
}

/** Adds (or takes) a unit's own profile. */
export function withProfile(usage: SlotUsage, profile: Profile, sign: 1 | -1): SlotUsage {
  let result = usage;
  profile.forEach((step, index) => {
    const next = profile[index + 1];
    if (next === undefined) return;
    const span = { from: step.at, to: next.at };
    for (const taken of ['held', 'sold', 'blocked'] as const) result = withTaken(result, span, taken, sign * step[taken]);
  });
  return result;
}

/** On `time` forgets what lies more than a day behind the instant (epoch milliseconds); other axes end by themselves. */
export function withoutPast(usage: SlotUsage, axisType: Axis['type'], at: number): SlotUsage {
  if (axisType !== 'time') return usage;
  const edge = Math.floor((at - KEPT_PAST) / CUT) * CUT;
  if (usage.from !== null && edge <= usage.from) return usage;
  const first = usage.profile.findIndex((step) => step.at > edge);
  const inForce = usage.profile[(first < 0 ? usage.profile.length : first) - 1];
  if (inForce === undefined) return { ...usage, from: edge };
  const rest = first < 0 ? [] : usage.profile.slice(first);
  const takesSomething = inForce.held + inForce.sold + inForce.blocked > 0;
  return { profile: takesSomething ? [{ ...inForce, at: edge }, ...rest] : rest, from: edge };
}

/** The slot's counts: at the tightest point of the axis, on `time` at the instant (epoch milliseconds). */
export function countsOf(slot: { readonly axis: Axis; readonly capacity: number; readonly usage: Profile }, at: number): Counts {
  const span = slot.axis.type === 'time' ? { from: at, to: at + 1 } : wholeAxis(slot.axis);
  const { held, sold, blocked }: Step = tightest(slot.usage, span);
  return { capacity: slot.capacity, free: slot.capacity - held - sold - blocked, held, sold, blocked };
}
