import { bookableUntil, type Extent, extentAt } from '../domain/availability.ts';
import type { SpanRequest } from '../domain/axis.ts';
import type { Layout } from '../domain/layout.ts';
import { NOTHING_TAKEN, type Profile, withUsages } from '../domain/profile.ts';
import { occupiedSpan, resolveSpan } from '../domain/resolve-span.ts';
import type { Span } from '../domain/span.ts';
import type { Unit } from '../domain/unit.ts';
import { priceInSlot } from '../projections/inventory/known-units.ts';
import type { SlotRows } from '../projections/inventory/slot-rows.ts';
import type { SlotClaimRow, SlotRow, SlotUnitRow } from '../projections/inventory/tables.ts';
import { unitOfColumns } from '../projections/inventory/unit-columns.ts';
import type { AsOfNow, SpanFault, SpanRead } from './answers.ts';
import type { ViewSource } from './database.ts';
import type { LayoutShelf } from './layout.ts';
import { ALL_CLAIMS, loadSlotRows } from './slot-rows.ts';

/** A unit of a slot with what is taken of it near the asked span. */
export interface UnitInSlot {
  readonly unit: Unit;
  /** Price of a new claim in minor units. */
  readonly price: number;
  /** Undefined when nothing is taken. */
  readonly profile: Profile | undefined;
  readonly claims: readonly ClaimOnUnit[];
}

export interface ClaimOnUnit {
  readonly status: 'held' | 'sold';
  readonly heldUntil: number | null;
  /** With the buffer behind it. */
  readonly occupied: Span;
}

/** A slot's units in its order, over a span that was placed on its axis. */
export interface UnitsOverSpan extends AsOfNow {
  readonly slotId: string;
  readonly version: number;
  readonly layoutId: string | null;
  readonly units: readonly UnitInSlot[];
  readonly occupied: Span;
  readonly extent: Extent;
}

export type OverSpan = { readonly kind: 'over'; readonly over: UnitsOverSpan } | { readonly kind: 'fault'; readonly fault: SpanFault };

/** Reads a slot's units over a span from PostgreSQL and answers with what `answer` makes of them. */
export async function overSpan<Value>(
  source: ViewSource,
  layouts: LayoutShelf,
  slotId: string,
  request: SpanRequest | null,
  answer: (units: UnitsOverSpan) => Value,
): Promise<SpanRead<Value>> {
  const window = request !== null && 'from' in request ? request : ALL_CLAIMS;
  const { rows, position } = await loadSlotRows(source, slotId, window);
  if (rows === null) return { kind: 'not-found', position };
  const { layoutId } = rows.slot;
  const layout = layoutId === null ? null : await layouts.ofSlot(layoutId);
  const found = unitsOverSpan(rows.slot, request, source.now(), () => unitsInSlot(rows, layout));
  if (found.kind === 'fault') return { ...found, position };
  return { kind: 'found', read: { value: answer(found.over), position, source: 'postgres' } };
}

/**
 * What every answer over a span is made of, wherever the units come from: so that no two layers can disagree.
 *
 * @param now epoch milliseconds on the log's clock.
 * @param units asked for the slot's units with the claims that touch the span at least, unless the span is at fault.
 */
export function unitsOverSpan(slot: SlotRow, request: SpanRequest | null, now: number, units: () => readonly UnitInSlot[]): OverSpan {
  const resolved = resolveSpan(slot, request);
  if (resolved.kind === 'span-required') return { kind: 'fault', fault: { kind: 'span-required' } };
  if (resolved.kind === 'span-invalid') return { kind: 'fault', fault: resolved };
  const { span, occupied } = resolved;
  const { slotId, version, layoutId } = slot;
  const extent = extentAt(slot, span, now);
  const isOver = extent === 'over';
  const changesAt = isOver ? Number.POSITIVE_INFINITY : bookableUntil(slot, span);
  return { kind: 'over', over: { slotId, version, layoutId, units: units(), occupied, extent, isOver, changesAt } };
}

/** The layout's units where it has them, then those that the slot added, in the order of adding. */
export function unitsInSlot(rows: SlotRows, layout: Layout | null): readonly UnitInSlot[] {
  const { slot } = rows;
  const own = new Map<string, SlotUnitRow>();
  for (const row of rows.units) own.set(row.unitId, row);
  const claims = new Map<string, SlotClaimRow[]>();
  for (const claim of rows.claims) {
    const known = claims.get(claim.unitId);
    if (known === undefined) claims.set(claim.unitId, [claim]);
    else known.push(claim);
  }
  const ofRow = (row: SlotUnitRow) => withClaims(slot, unitOfColumns(row), row.price ?? undefined, row.blocks, claims.get(row.unitId));
  const units: UnitInSlot[] = [];
  for (const unit of layout?.units ?? []) {
    const row = own.get(unit.unitId);
    if (row === undefined || row.inherited) {
      units.push(withClaims(slot, unit, priceInSlot(unit, slot.prices), row?.blocks, claims.get(unit.unitId)));
    } else if (row.chunk === null && !row.withdrawn) units.push(ofRow(row));
  }
  for (const row of own.values()) if (row.chunk !== null && !row.withdrawn) units.push(ofRow(row));
  return units;
}

const NO_CLAIMS: readonly never[] = [];

/** The unit with what is taken of it: the blocks, and the claims, which are of this unit. */
export function withClaims(
  { axis }: Pick<SlotRow, 'axis'>,
  unit: Unit,
  price = 0,
  blocks: Profile = NOTHING_TAKEN,
  claims: readonly SlotClaimRow[] = NO_CLAIMS,
): UnitInSlot {
  if (claims.length === 0) return { unit, price, profile: blocks.length === 0 ? undefined : blocks, claims: NO_CLAIMS };
  const onUnit = claims.map(({ spanFrom, spanTo, status, heldUntil }) => {
    return { status, heldUntil, occupied: occupiedSpan(axis, { from: spanFrom, to: spanTo }) };
  });
  const changes = claims.map(({ quantity, status }, index) => {
    return { span: (onUnit[index] as ClaimOnUnit).occupied, usage: status, quantity };
  });
  return { unit, price, profile: withUsages(blocks, changes), claims: onUnit };
}
