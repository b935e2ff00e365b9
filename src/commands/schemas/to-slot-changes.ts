import type { SlotPatch } from '../../domain/slot/merge-patch.ts';
import { instantOrNull } from './instants.ts';
import type { PatchSlotInput } from './slots.ts';

/** The patch with its instants in epoch milliseconds. It is merged when its slot decides it: into nothing but what the slot is then. */
export function toSlotChanges({ startsAt, endsAt, salesFrom, salesUntil, ...rest }: PatchSlotInput): SlotPatch {
  return {
    ...rest,
    ...(startsAt !== undefined && { startsAt: instantOrNull(startsAt) }),
    ...(endsAt !== undefined && { endsAt: instantOrNull(endsAt) }),
    ...(salesFrom !== undefined && { salesFrom: instantOrNull(salesFrom) }),
    ...(salesUntil !== undefined && { salesUntil: instantOrNull(salesUntil) }),
  };
}
