import type { Asked } from './asked.ts';
import type { Place } from './audit.ts';
import { asTold, instant } from './booking-account.ts';
import { type HeadAccount, type Stretch, stretchAsked } from './head-account.ts';
import type { Json } from './history.ts';
import { type Offer, offerOver } from './offer.ts';
import { isNoSpan, keepsOpeningHours } from './opening-hours.ts';
import { isOver } from './past.ts';
import { unless, type Verdict } from './refusal-case.ts';
import { differenceOf } from './same.ts';
import type { SlotAccount } from './slot-account.ts';
import { summaryTold } from './summary.ts';
import { total, type UnitAccount } from './unit-account.ts';

/** Between which instants a read was answered, on the clock that it goes by; epoch milliseconds. */
export interface ReadTime {
  readonly earliest: number;
  readonly latest: number;
}

/** What is wrong with a read's content, by the slot as it was at the version that the body names. */
export function readFault(slot: SlotAccount, asked: Asked, query: string, body: Json, time: ReadTime): Verdict {
  if (slot.head === null) return 'the log has no such slot';
  if (asked.deed === 'read-slot') return differenceOf(summaryTold(slot), body);
  if (asked.deed === 'read-booking') {
    const booking = slot.booked.byId.get(asked.bookingId ?? '');
    return booking === undefined ? 'the log has no such booking' : differenceOf(asTold(booking, slot.opened.currency), body);
  }
  const stretch = stretchAsked(slot.opened, spanOf(query));
  if (typeof stretch === 'string') return `its span was ${stretch}`;
  if (!keepsOpeningHours(slot.opened, stretch)) return 'its span lies outside the opening hours';
  const faultOf = asked.deed === 'read-seats' ? seatsFault : availabilityFault;
  const offer = offerOver(slot, stretch);
  const faults = mayBeOver(slot.opened, stretch, time).map((isGone) => faultOf(isGone ? { ...offer, freeOf: () => 0 } : offer, body));
  return faults.includes(null) ? null : faults[0];
}

/** Nothing is free of what is over or cancelled. Which of the two it was, or either, if it came to be over meanwhile. */
function mayBeOver(head: HeadAccount, stretch: Stretch, { earliest, latest }: ReadTime): readonly boolean[] {
  if (head.status === 'CANCELLED') return [true];
  if (head.policy.acceptPast) return [false];
  return [...new Set([isOver(head, stretch, earliest), isOver(head, stretch, latest)])];
}

/** What is wrong with telling a reader that the span is none; what decides it stands in the slot's first event and never changes. */
export function noSpanFault(slot: SlotAccount, { deed }: Asked, query: string): Verdict {
  return slot.head === null ? 'the log has no such slot' : unless(isNoSpan(slot.head, deed, spanOf(query)), 'the span fits the slot');
}

function spanOf(query: string): Json | null {
  const parameters = new URLSearchParams(query);
  return parameters.size === 0 ? null : Object.fromEntries(parameters);
}

/** What is wrong with where a read says that it stands; null when nothing is. */
export function placeFault({ slotId }: Asked, place: Place | null, { version = null }: Json): string | null {
  if (place === null) return 'it tells no position';
  if (place.streamId === null || version === null) return null;
  return place.streamId === `slot-${slotId}` && place.version === version
    ? null
    : `it tells version ${version}, and by its position version ${place.version} of ${place.streamId}`;
}

function seatsFault(offer: Offer, body: Json): Verdict {
  const told = new Map((body.units as readonly Json[]).map((unit) => [String(unit.unitId), unit]));
  const holds = holdsIn(offer.slot, offer.occupied);
  let count = 0;
  for (const unit of offer.slot.units.values()) {
    if (unit.capacity === 0) continue;
    count += 1;
    const seat = told.get(unit.data.unitId);
    if (seat === undefined) return `${unit.data.unitId} is missing`;
    const difference = differenceOf(seatTold(offer, unit, holds), seat, unit.data.unitId);
    if (difference !== null) return difference;
  }
  return unless(count === told.size, `it tells of ${told.size} units, not of ${count}`);
}

function seatTold({ occupied, freeOf }: Offer, unit: UnitAccount, holds: ReadonlyMap<string, number>): Json {
  const { from, to } = occupied;
  const free = freeOf(unit);
  if (unit.isQuantity) {
    // As of the point where most is taken; what is not on offer counts as blocked.
    const fullest = unit.levels(from, to).reduce((most, level) => (total(level) > total(most) ? level : most));
    const { held, sold } = fullest;
    return { price: unit.price, free, held, sold, blocked: unit.capacity - free - held - sold };
  }
  const status = free > 0 ? 'free' : unit.status(from, to);
  const until = holds.get(unit.data.unitId);
  const heldUntil = status === 'held' && until !== undefined ? { heldUntil: instant(until) } : {};
  return { price: unit.price, status: status === 'free' && free === 0 ? 'blocked' : status, ...heldUntil };
}

/** Until when each unit is held somewhere in the stretch. */
function holdsIn({ booked, opened: { axis } }: SlotAccount, { from, to }: Stretch): ReadonlyMap<string, number> {
  const holds = new Map<string, number>();
  const buffer = axis.type === 'time' ? axis.bufferMinutes * 60_000 : 0;
  for (const { status, claims, expiresAt } of booked.byId.values()) {
    if (status !== 'HELD') continue;
    for (const claim of claims) {
      if (claim.from < to && claim.to + buffer > from) holds.set(claim.unitId, Math.max(expiresAt, holds.get(claim.unitId) ?? 0));
    }
  }
  return holds;
}

function availabilityFault({ slot, freeOf }: Offer, body: Json): Verdict {
  const categories = new Map<string, { price: number; maxPrice: number; capacity: number; free: number }>();
  for (const unit of slot.units.values()) {
    if (unit.capacity === 0) continue;
    const { price = 0, capacity } = unit;
    const known = categories.get(unit.data.category) ?? { price, maxPrice: price, capacity: 0, free: 0 };
    categories.set(unit.data.category, {
      price: Math.min(known.price, price),
      maxPrice: Math.max(known.maxPrice, price),
      capacity: known.capacity + capacity,
      free: known.free + freeOf(unit),
    });
  }
  const told = body.categories as readonly Json[];
  if (told.length !== categories.size) return `it tells of ${told.length} categories, not of ${categories.size}`;
  const byName = new Map(told.map((one) => [one.category, one]));
  for (const [category, own] of categories) {
    const difference = differenceOf(own, byName.get(category) ?? {}, category);
    if (difference !== null) return difference;
  }
  return null;
}
