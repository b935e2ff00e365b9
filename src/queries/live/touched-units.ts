import { decodeEvent } from '../../eventstore/catalogue/codec.ts';
import type { RecordedEvent } from '../../eventstore/event-store.ts';
import { slotClaims } from '../../projections/inventory/slot-claims.ts';
import { slotUnits } from '../../projections/inventory/slot-units.ts';

/** Most units that are remembered of one slot; with more it is begun anew. A stadium has some ten thousand. */
const MAX_UNITS = 100_000;

/** Events about the slot as a whole. */
const TOUCHING_SLOT: ReadonlySet<string> = new Set(['SlotChanged', 'SlotClosed', 'SlotReopened', 'SlotCancelled']);

const DECIDING_OFFER = ['startsAt', 'endsAt', 'policy'];

/**
 * Which units of a slot were named by events, and at which version last. A change that was undone again
 * between two looks at the slot is not seen by comparing them; whoever knows the slot as it was in
 * between must be told all the same.
 */
export class TouchedUnits {
  private readonly versions = new Map<string, number>();
  private from = 0;
  private slotVersion = 0;

  /** Everything that happened after this version is known. */
  get knownFrom(): number {
    return this.from;
  }

  /** Notes what the event names. @param watched false when nobody needs to know exactly. */
  take(record: RecordedEvent, watched: boolean): void {
    const unitIds = watched ? unitIdsIn(record) : null;
    if (unitIds === null || this.versions.size + unitIds.length > MAX_UNITS) this.forget(record.version);
    else for (const unitId of unitIds) this.versions.set(unitId, record.version);
    if (TOUCHING_SLOT.has(record.type)) this.slotVersion = record.version;
  }

  /** What was named up to the version is not all known. */
  knowFrom(version: number): void {
    this.from = Math.max(this.from, version);
  }

  private forget(version: number): void {
    this.versions.clear();
    this.knowFrom(version);
  }

  hasUnitAfter(unitId: string, version: number): boolean {
    return (this.versions.get(unitId) ?? 0) > version;
  }

  *unitsAfter(version: number): Iterable<string> {
    for (const [unitId, touchedAt] of this.versions) if (touchedAt > version) yield unitId;
  }

  isSlotTouchedAfter(version: number): boolean {
    return this.slotVersion > version;
  }
}

/** Null when it may be any unit, or cannot be told. */
function unitIdsIn(record: RecordedEvent): readonly string[] | null {
  const { position, streamId, version, eventId, recordedAt } = record;
  try {
    const event = decodeEvent(record);
    // When the slot takes place, and whether it accepts what is past, decides what units are on offer.
    if (event.type === 'SlotChanged' && DECIDING_OFFER.some((field) => field in event.changes)) return null;
    const told = { position, streamId, version, eventId, at: recordedAt, event };
    return [...slotUnits.keysOf(told), ...slotClaims.keysOf(told)].map(([, unitId]) => String(unitId));
  } catch {
    // It cannot be read, or lacks what its type has: nobody else's events may be lost for that.
    return null;
  }
}
