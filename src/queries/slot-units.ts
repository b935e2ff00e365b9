import { extentOf } from '../domain/availability.ts';
import type { SpanRequest } from '../domain/axis.ts';
import { NOTHING_TAKEN, type Profile, withUsage } from '../domain/profile.ts';
import { occupiedSpan, resolveSpan } from '../domain/resolve-span.ts';
import type { Span } from '../domain/span.ts';
import type { Unit } from '../domain/unit.ts';
import { perBuild } from '../projections/builds/live-builds.ts';
import { inventory } from '../projections/inventory/inventory.ts';
import { priceInSlot } from '../projections/inventory/known-units.ts';
import { SLOT_CLAIMS, SLOT_UNITS, SLOTS, type SlotRow, type SlotUnitRow } from '../projections/inventory/tables.ts';
import { unitOfColumns } from '../projections/inventory/unit-columns.ts';
import { selectList } from '../projections/table-sql.ts';
import type { Read, SpanRead } from './answers.ts';
import { ask, type ViewSource } from './database.ts';
import type { LayoutShelf } from './layout.ts';

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
export interface UnitsOverSpan {
  readonly slotId: string;
  readonly version: number;
  readonly units: readonly UnitInSlot[];
  readonly occupied: Span;
  /** When the span takes place, epoch milliseconds; null when the slot does not say. */
  readonly extent: Span | null;
}

type ClaimTuple = readonly [unitId: string, from: number, to: number, quantity: number, status: 'held' | 'sold', heldUntil: number | null];

interface SlotFound extends SlotRow {
  readonly viewPosition: number;
  readonly units: readonly SlotUnitRow[];
  readonly claims: readonly ClaimTuple[];
}

/**
 * Slot, units and claims in one statement, so that version, position and rows are of one moment. On
 * `time` only the claims around the span ($2 to $3) are read: a fleet's past grows for ever.
 */
const selectUnits = perBuild(
  (build) => `
  SELECT ${build.position} AS "viewPosition", ${selectList(SLOTS, 's')},
    (SELECT coalesce(json_agg(own ORDER BY own.chunk, own.place), '[]')
       FROM (SELECT ${selectList(SLOT_UNITS, 'u')} FROM ${build.table(SLOT_UNITS)} u WHERE u.slot_id = $1) AS own) AS units,
    (SELECT coalesce(json_agg(json_build_array(c.unit_id, c.span_from, c.span_to, c.quantity, c.status,
                                               (extract(epoch FROM c.held_until) * 1000)::float8)), '[]')
       FROM ${build.table(SLOT_CLAIMS)} c
      WHERE c.slot_id = $1 AND ($2::bigint IS NULL OR (c.span_to > $2::bigint - buffer.ms AND c.span_from < $3::bigint + buffer.ms))) AS claims
    FROM (VALUES (1)) AS one(n)
    LEFT JOIN ${build.table(SLOTS)} s ON s.slot_id = $1
    CROSS JOIN LATERAL (SELECT coalesce((s.axis ->> 'bufferMinutes')::bigint, 0) * 60000 AS ms) AS buffer`,
);

/** Reads a slot's units over a span and answers with what `answer` makes of them. */
export async function overSpan<Value>(
  source: ViewSource,
  layouts: LayoutShelf,
  slotId: string,
  request: SpanRequest | null,
  answer: (units: UnitsOverSpan) => Value,
): Promise<SpanRead<Value>> {
  const bounds = request !== null && 'from' in request ? [request.from, request.to] : [null, null];
  const [found] = await ask<SlotFound>(source, inventory, selectUnits, [slotId, ...bounds]);
  if (found === undefined) throw new Error('the statement answers one row, whether there is a slot or not');
  if (found.slotId === null) return { kind: 'not-found', position: found.viewPosition };
  const resolved = resolveSpan(found, request);
  if (resolved.kind === 'span-required') return { kind: 'fault', fault: { kind: 'span-required' } };
  if (resolved.kind === 'span-invalid') return { kind: 'fault', fault: resolved };
  const layout = found.layoutId === null ? null : await layouts.ofSlot(found.layoutId);
  const { span, occupied } = resolved;
  const units = unitsOf(found, layout?.units ?? []);
  const value = answer({ slotId, version: found.version, units, occupied, extent: extentOf(found, span) });
  const read: Read<Value> = { value, position: found.viewPosition, source: 'postgres' };
  return { kind: 'found', read };
}

/** The layout's units where it has them, then those that the slot added, in the order of adding. */
function unitsOf(found: SlotFound, shared: readonly Unit[]): readonly UnitInSlot[] {
  const own = new Map(found.units.map((row) => [row.unitId, row]));
  const claims = new Map<string, ClaimTuple[]>();
  for (const claim of found.claims) {
    const known = claims.get(claim[0]);
    if (known === undefined) claims.set(claim[0], [claim]);
    else known.push(claim);
  }
  const units: UnitInSlot[] = [];
  for (const unit of shared) {
    const row = own.get(unit.unitId);
    if (row === undefined || row.inherited) {
      units.push(inSlot(found, unit, priceInSlot(unit, found.prices), row?.blocks, claims.get(unit.unitId)));
    } else if (row.chunk === null && !row.withdrawn) units.push(ofRow(found, row, claims));
  }
  for (const row of found.units) if (row.chunk !== null && !row.withdrawn) units.push(ofRow(found, row, claims));
  return units;
}

function ofRow(found: SlotFound, row: SlotUnitRow, claims: ReadonlyMap<string, readonly ClaimTuple[]>): UnitInSlot {
  return inSlot(found, unitOfColumns(row), row.price ?? undefined, row.blocks, claims.get(row.unitId));
}

function inSlot({ axis }: SlotRow, unit: Unit, price = 0, blocks: Profile = NOTHING_TAKEN, claims: readonly ClaimTuple[] = []): UnitInSlot {
  if (claims.length === 0) return { unit, price, profile: blocks.length === 0 ? undefined : blocks, claims: [] };
  let profile = blocks;
  const onUnit = claims.map(([, from, to, quantity, status, heldUntil]) => {
    const occupied = occupiedSpan(axis, { from, to });
    profile = withUsage(profile, occupied, status, quantity);
    return { status, heldUntil, occupied };
  });
  return { unit, price, profile, claims: onUnit };
}
