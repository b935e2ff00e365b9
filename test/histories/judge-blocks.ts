import { unitsAsked } from './asked.ts';
import type { Stretch } from './head-account.ts';
import type { Json, LoggedEvent } from './history.ts';
import { stretchOfOperator } from './offer.ts';
import type { SlotAccount } from './slot-account.ts';
import type { UnitAccount } from './unit-account.ts';

/** A part of a unit that is blocked, or put on sale again. */
interface Piece extends Stretch {
  readonly unitId: string;
  readonly quantity: number;
}

/**
 * Whether the pieces of an event that blocks or unblocks come to just what was asked for: over the whole
 * stretch the quantity that was named, or all that there was to do; nothing beside it, and nothing elsewhere.
 */
export function areBlocksAsked(slot: SlotAccount, { type, data, at }: LoggedEvent, body: Json): boolean {
  const stretch = stretchOfOperator(slot.opened, body.span, at);
  if (typeof stretch === 'string') return false;
  const blocks = data.blocks as readonly Piece[];
  const asked = new Map(unitsAsked(body.units).map(({ unitId, quantity }) => [unitId, quantity]));
  if (blocks.some(({ unitId }) => !asked.has(unitId))) return false;
  return [...asked].every(([unitId, quantity]) => {
    const unit = slot.unit(unitId);
    if (unit === undefined) return false;
    const own = blocks.filter((piece) => piece.unitId === unitId);
    return isDone(unit, own, stretch, (blocked) => quantity ?? (type === 'UnitsBlocked' ? unit.capacity - blocked : blocked));
  });
}

/** @param toDo how much of the unit has to change where so much of it is blocked. */
function isDone(unit: UnitAccount, pieces: readonly Piece[], stretch: Stretch, toDo: (blocked: number) => number): boolean {
  if (pieces.some(({ from, to }) => from < stretch.from || to > stretch.to)) return false;
  const ends = [...new Set([stretch, ...pieces].flatMap(({ from, to }) => [from, to]))].sort((one, other) => one - other);
  return ends.slice(1).every((to, index) => {
    const from = ends[index] as number;
    const done = pieces.reduce((sum, piece) => sum + (piece.from < to && piece.to > from ? piece.quantity : 0), 0);
    return unit.levels(from, to).every(({ blocked }) => toDo(blocked) === done);
  });
}
