import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { NamedSlot, StoredEvent } from './import-target.ts';

/**
 * How a slot that is there stands to its import: `half-way` when it was opened closed and what followed are blocks of
 * that import alone; `other-content` when it looks so, but was opened or blocked otherwise than the file has it, or
 * its events are not understood; `left-alone` when it is on sale, or somebody else has dealt with it since.
 */
export type Leaving = 'half-way' | 'other-content' | 'left-alone';

/** An opening too large for one event goes on in `UnitsAdded`; a block that was there already is but acknowledged. */
const HALF_WAY: ReadonlySet<string> = new Set(['UnitsAdded', 'UnitsBlocked', 'CommandAcknowledged']);

const unitsSchema = z.object({ units: z.array(z.object({ unitId: z.string() })) });
const openedSchema = unitsSchema.extend({
  status: z.string(),
  category: z.string(),
  title: z.string(),
  metadata: z.record(z.string(), z.string()),
});
const blockedSchema = z.object({ blocks: z.array(z.object({ unitId: z.string() })), reason: z.string().nullable() });

/** @param events all that the slot's stream has. @param blocked units by the reason for which the import blocks them. */
export function howItWasLeft(events: readonly StoredEvent[], slot: NamedSlot, blocked: ReadonlyMap<string, readonly string[]>): Leaving {
  const { data: opened } = openedSchema.safeParse(events[0]?.data);
  if (opened === undefined) return 'other-content';
  const later = events.slice(1);
  if (opened.status !== 'CLOSED' || later.some(({ type }) => !HALF_WAY.has(type))) return 'left-alone';
  const units = opened.units.map(({ unitId }) => unitId);
  const blocks = new Map<string, readonly string[]>();
  for (const { type, data } of later) {
    const added = type === 'UnitsAdded' ? unitsSchema.safeParse(data) : null;
    const taken = type === 'UnitsBlocked' ? blockedSchema.safeParse(data) : null;
    if (added?.success === false || taken?.success === false) return 'other-content';
    for (const { unitId } of added?.data.units ?? []) units.push(unitId);
    if (taken === null) continue;
    const { reason, blocks: unitsOf } = taken.data;
    if (reason === null || !blocked.has(reason)) return 'left-alone';
    blocks.set(
      reason,
      unitsOf.map(({ unitId }) => unitId),
    );
  }
  const isSame =
    opened.category === slot.category &&
    opened.title === slot.title &&
    isDeepStrictEqual(opened.metadata, slot.metadata ?? {}) &&
    isSameSet(
      units,
      (slot.units ?? []).map(({ unitId }) => unitId),
    ) &&
    [...blocks].every(([reason, unitIds]) => isSameSet(unitIds, blocked.get(reason) ?? []));
  return isSame ? 'half-way' : 'other-content';
}

function isSameSet(ones: readonly string[], others: readonly string[]): boolean {
  return isDeepStrictEqual(new Set(ones), new Set(others));
}
