import type { Axis } from '../axis.ts';
import { NOTHING_TAKEN, type Profile, type Step, takenAt, tightest, withUsage } from '../profile.ts';
import { wholeAxis } from '../resolve-span.ts';
import type { Span } from '../span.ts';
import { capacityOf } from '../unit.ts';
import type { SlotDescription } from './events.ts';
import type { SlotStatus } from './slot-status.ts';
import { headOf, type SlotState } from './state.ts';

export type { SlotStatus };

/** Quantities over all units: `free + held + sold + blocked = capacity`. On `stops` as of the tightest segment, on `time` as of now. */
export interface Counts {
  readonly capacity: number;
  readonly free: number;
  readonly held: number;
  readonly sold: number;
  readonly blocked: number;
}

/** A slot without its units. */
export interface SlotSummary extends SlotDescription {
  readonly slotId: string;
  readonly status: SlotStatus;
  readonly currency: string;
  readonly axis: Axis;
  readonly layoutId: string | null;
  /** The slot's stream version that this describes. */
  readonly version: number;
  readonly counts: Counts;
}

/** The slot as the state has it. `now` (epoch milliseconds) matters on the `time` axis, where counts are as of now. */
export function summaryOf(state: SlotState, now: number): SlotSummary {
  const { prices: _prices, ...head } = headOf(state);
  return { ...head, slotId: state.slotId, version: state.version, counts: countsOf(state, now) };
}

function countsOf(state: SlotState, now: number): Counts {
  const { axis } = headOf(state);
  let capacity = 0;
  for (const unit of state.units.units) if (unit !== undefined) capacity += capacityOf(unit);
  const span = axis.type === 'time' ? { from: now, to: now + 1 } : wholeAxis(axis);
  const { held, sold, blocked } = axis.type === 'stops' ? tightest(usageBySegment(state), span) : usageOver(state, span);
  return { capacity, free: capacity - held - sold - blocked, held, sold, blocked };
}

function usageOver(state: SlotState, span: Span): Omit<Step, 'at'> {
  const sum = { held: 0, sold: 0, blocked: 0 };
  for (const [index, profile] of state.profiles) {
    if (state.units.at(index) === undefined) continue;
    const step = tightest(profile, span);
    sum.held += step.held;
    sum.sold += step.sold;
    sum.blocked += step.blocked;
  }
  return sum;
}

function usageBySegment(state: SlotState): Profile {
  let total: Profile = NOTHING_TAKEN;
  for (const [, profile] of state.profiles) total = added(total, profile);
  return total;
}

function added(total: Profile, profile: Profile): Profile {
  let result = total;
  profile.forEach((step: Step, index) => {
    const next = profile[index + 1];
    if (next === undefined || takenAt(step) === 0) return;
    for (const usage of ['held', 'sold', 'blocked'] as const) {
      if (step[usage] > 0) result = withUsage(result, { from: step.at, to: next.at }, usage, step[usage]);
    }
  });
  return result;
}
