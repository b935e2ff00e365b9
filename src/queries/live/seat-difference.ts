import { isDeepStrictEqual } from 'node:util';
import type { SeatView, SlotSummary } from '../answers.ts';

/** What units of a seat map are not as they were. */
export interface SeatDifference {
  /** Ids of units that are new or different. */
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Compares two seat maps. Most units of most maps stand where they stood, so that is looked at first. */
export function seatDifference(before: readonly SeatView[], after: readonly SeatView[]): SeatDifference {
  const changed: string[] = [];
  let moved = before.length !== after.length;
  for (const [index, seat] of after.entries()) {
    const old = before[index];
    if (old === undefined || old.unit.unitId !== seat.unit.unitId) {
      moved = true;
      break;
    }
    if (!isSameSeat(old, seat)) changed.push(seat.unit.unitId);
  }
  return moved ? differenceById(before, after) : { changed, removed: [] };
}

function differenceById(before: readonly SeatView[], after: readonly SeatView[]): SeatDifference {
  const gone = new Map(before.map((seat) => [seat.unit.unitId, seat]));
  const changed: string[] = [];
  for (const seat of after) {
    const { unitId } = seat.unit;
    const old = gone.get(unitId);
    gone.delete(unitId);
    if (old === undefined || !isSameSeat(old, seat)) changed.push(unitId);
  }
  return { changed, removed: [...gone.keys()] };
}

function isSameSeat(a: SeatView, b: SeatView): boolean {
  if (a === b) return true;
  if (a.price !== b.price || a.status !== b.status || a.heldUntil !== b.heldUntil) return false;
  // What did not change is mostly the same object; after a slot was loaded anew it is only equal.
  return (a.unit === b.unit || isDeepStrictEqual(a.unit, b.unit)) && isDeepStrictEqual(a.quantities, b.quantities);
}

/** Whether what describes the slot, or its status, is the same; version and counts aside. */
export function isSameDescription(a: SlotSummary, b: SlotSummary): boolean {
  const { version: _versionA, counts: _countsA, ...descriptionA } = a;
  const { version: _versionB, counts: _countsB, ...descriptionB } = b;
  return isDeepStrictEqual(descriptionA, descriptionB);
}
