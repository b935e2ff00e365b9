import { takenAt } from '../profile.ts';
import { capacityOf } from '../unit.ts';
import type { SlotState } from './state.ts';

/** A point of a unit at which its capacity does not add up. */
export interface ConservationFault {
  readonly unitId: string;
  /** Axis coordinate. */
  readonly at: number;
  readonly held: number;
  readonly sold: number;
  readonly blocked: number;
  readonly capacity: number;
}

/**
 * The points at which free + held + sold + blocked = capacity fails, with each of the four not
 * negative. Always empty unless there is a defect or the log was tampered with. On the `time` axis
 * the capacity counts from when it last shrank: past rentals may well have been more.
 */
export function conservationFaults(state: SlotState): readonly ConservationFault[] {
  const faults: ConservationFault[] = [];
  for (const [index, profile] of state.profiles) {
    const unit = state.units.at(index);
    const capacity = unit === undefined ? 0 : capacityOf(unit);
    for (const [position, step] of profile.entries()) {
      const isHistory = (profile[position + 1]?.at ?? Number.POSITIVE_INFINITY) <= state.shrunkAt;
      if ((isHistory || takenAt(step) <= capacity) && step.held >= 0 && step.sold >= 0 && step.blocked >= 0) continue;
      faults.push({ unitId: unit?.unitId ?? `#${index}`, capacity, ...step });
    }
  }
  return faults;
}
