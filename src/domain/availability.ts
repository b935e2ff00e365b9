import type { Axis } from './axis.ts';
import { hasUsage, NOTHING_TAKEN, type Profile, takenAt, tightest } from './profile.ts';
import type { SlotPolicy } from './slot/events.ts';
import type { UnitStatus } from './slot/refusals.ts';
import type { SlotStatus } from './slot/slot-status.ts';
import type { Span } from './span.ts';
import { capacityOf, type Unit } from './unit.ts';

/** "From now on" reaches the server a little later: a span may start so many milliseconds ago. */
const GRACE = 5 * 60_000;

/** What of a slot tells when a span takes place. Instants are epoch milliseconds. */
export interface SlotTimes {
  readonly axis: Axis;
  readonly startsAt: number | null;
  readonly endsAt: number | null;
}

/** When a span takes place, in epoch milliseconds; null when the slot does not say. */
export function extentOf(slot: SlotTimes, span: Span): Span | null {
  switch (slot.axis.type) {
    case 'time':
      return span;
    case 'whole':
      return slot.startsAt === null ? null : { from: slot.startsAt, to: slot.endsAt ?? slot.startsAt };
    case 'stops': {
      const first = slot.axis.stops[span.from];
      const last = slot.axis.stops[span.to];
      const from = first?.departsAt ?? first?.arrivesAt ?? slot.startsAt;
      const to = last?.arrivesAt ?? last?.departsAt ?? from;
      return from === null || to === null ? null : { from, to };
    }
  }
}

/** What of a slot decides until when it can be booked at all. */
export interface SlotTerms extends SlotTimes {
  readonly status: SlotStatus;
  readonly policy: Pick<SlotPolicy, 'acceptPast'>;
}

/**
 * From when on nothing of the slot can be booked over the span ever again, in epoch milliseconds: a whole slot can be
 * until it ends, a trip until it leaves the customer's stop, a time until shortly after its start; what is cancelled
 * never. What may sell again, as a closed slot may, is not over.
 */
export function bookableUntil(slot: SlotTerms, span: Span): number {
  if (slot.status === 'CANCELLED') return Number.NEGATIVE_INFINITY;
  const extent = extentOf(slot, span);
  if (extent === null || slot.policy.acceptPast) return Number.POSITIVE_INFINITY;
  switch (slot.axis.type) {
    case 'whole':
      return extent.to;
    // The very instant is in time: instants are whole milliseconds.
    case 'stops':
      return extent.from + 1;
    case 'time':
      return extent.from + GRACE + 1;
  }
}

/** When a span takes place; null when the slot does not say, `over` when nothing can be booked over it any more. */
export type Extent = Span | 'over' | null;

/** The span's extent as those see it who book at the instant. */
export function extentAt(slot: SlotTerms, span: Span, now: number): Extent {
  return now < bookableUntil(slot, span) ? extentOf(slot, span) : 'over';
}

/** What of a unit decides how much of it is free. */
export type OfferedUnit = Pick<Unit, 'capacity' | 'availableFrom' | 'availableUntil'>;

/** Whether the unit is offered at all when the span takes place. */
export function isOffered(unit: OfferedUnit, extent: Extent): boolean {
  if (extent === null) return true;
  if (extent === 'over') return false;
  return extent.from >= (unit.availableFrom ?? Number.NEGATIVE_INFINITY) && extent.to <= (unit.availableUntil ?? Number.POSITIVE_INFINITY);
}

/** How much of a unit can be booked over the whole span (`occupied`: with its buffer). */
export function freeOver(unit: OfferedUnit, profile: Profile | undefined, occupied: Span, extent: Extent): number {
  if (!isOffered(unit, extent)) return 0;
  if (profile === undefined) return capacityOf(unit);
  return Math.max(0, capacityOf(unit) - takenAt(tightest(profile, occupied)));
}

/** A unit's status over the span: free only when bookable over all of it, else sold before held before blocked. */
export function statusOver(unit: Unit, profile: Profile | undefined, occupied: Span, extent: Extent): UnitStatus {
  return freeOver(unit, profile, occupied, extent) > 0 ? 'free' : takenStatus(profile, occupied);
}

/** What keeps a unit, or a part of it, from being bookable over the span: sold before held before blocked. */
export function takenStatus(profile: Profile | undefined, occupied: Span): Exclude<UnitStatus, 'free'> {
  if (hasUsage(profile ?? NOTHING_TAKEN, occupied, 'sold')) return 'sold';
  if (hasUsage(profile ?? NOTHING_TAKEN, occupied, 'held')) return 'held';
  return 'blocked';
}
