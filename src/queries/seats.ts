import { freeOver, statusOver } from '../domain/availability.ts';
import type { SpanRequest } from '../domain/axis.ts';
import { NOTHING_TAKEN, tightest } from '../domain/profile.ts';
import { overlaps } from '../domain/span.ts';
import { capacityOf } from '../domain/unit.ts';
import type { SeatMap, SeatView, SpanRead } from './answers.ts';
import type { ViewSource } from './database.ts';
import type { LayoutShelf } from './layout.ts';
import { overSpan, type UnitInSlot, type UnitsOverSpan } from './slot-units.ts';

/** Every unit of a slot with its status over the span, by the rules that booking it goes by. */
export function seats(source: ViewSource, layouts: LayoutShelf, slotId: string, span: SpanRequest | null): Promise<SpanRead<SeatMap>> {
  return overSpan(source, layouts, slotId, span, seatMapOf);
}

export function seatMapOf(over: UnitsOverSpan): SeatMap {
  const units = over.units.map((unit) => (unit.unit.capacity === undefined ? numbered(over, unit) : quantity(over, unit)));
  const { slotId, version, layoutId, isOver, changesAt } = over;
  return { slotId, version, layoutId, units, isOver, changesAt };
}

function numbered(over: UnitsOverSpan, { unit, price, profile, claims }: UnitInSlot): SeatView {
  const status = statusOver(unit, profile, over.occupied, over.extent);
  const holds = status === 'held' ? claims.filter((claim) => claim.status === 'held' && overlaps(claim.occupied, over.occupied)) : [];
  // Of several holds in the span the last one to lapse is what a customer would wait for.
  const heldUntil = holds.reduce<number | null>((latest, { heldUntil: until }) => Math.max(latest ?? 0, until ?? 0), null);
  return { unit, price, status, heldUntil, quantities: null };
}

/**
 * A quantity unit at the tightest point of the span; what is not on offer then counts as blocked. Of a pool that was made
 * smaller since, more may have been sold over a span in the past than it has now.
 */
function quantity(over: UnitsOverSpan, { unit, price, profile }: UnitInSlot): SeatView {
  const { held, sold } = tightest(profile ?? NOTHING_TAKEN, over.occupied);
  const free = freeOver(unit, profile, over.occupied, over.extent);
  const blocked = Math.max(0, capacityOf(unit) - free - held - sold);
  return { unit, price, status: null, heldUntil: null, quantities: { free, held, sold, blocked } };
}
