import { freeOver } from '../../domain/availability.ts';
import type { LocalHour } from '../../domain/local-hours.ts';
import { resolveSpan } from '../../domain/resolve-span.ts';
import type { FeedEvent, Lookup, Projection, ProjectionRelease, TableView } from '../projection.ts';
import { hourlyFleets, hourlyLayouts, keyOfSlot } from './fleets.ts';
import { type Impact, impactOf, settledBefore } from './impact.ts';
import {
  HOURLY_AVAILABILITY,
  HOURLY_TOUCHED,
  type HourlyAvailabilityRow,
  type HourlyFleetRow,
  type HourlyTouchedRow,
  type TakenUnits,
} from './tables.ts';
import { clipped, NOTHING, profileOf, sumOver, withoutBlocks, withPiece } from './taken.ts';
import { withHours } from './touched.ts';

const MINUTE = 60_000;

const hourlyTouched: TableView<HourlyTouchedRow> = {
  table: HOURLY_TOUCHED,
  keysOf: keyOfSlot,
  evolve: (row, feedEvent, [slotId], before) => {
    const impact = impactOf(feedEvent, before);
    if (impact === null || (impact.moves.length === 0 && impact.former === null)) return row;
    const known = row?.days ?? {};
    const days = withHours(known, impact.hours.values(), feedEvent.at);
    return days === known ? row : { slotId: String(slotId), days };
  },
};

const hourlyAvailability: TableView<HourlyAvailabilityRow> = {
  table: HOURLY_AVAILABILITY,
  keysOf: () => [],
  furtherKeysOf: (feedEvent, before) => {
    const impact = impactOf(feedEvent, before);
    if (impact === null) return [];
    return [...impact.hours.keys(), ...(impact.former?.keys() ?? [])].map((start) => [impact.before.slotId, start]);
  },
  evolve: (row, feedEvent, [, start], before) => {
    const impact = impactOf(feedEvent, before);
    const hour = impact?.hours.get(Number(start));
    if (impact === null || hour === undefined) {
      // By the clocks that are in force now no hour begins there.
      return row !== undefined && row.endsAt <= settledBefore(feedEvent) ? row : undefined;
    }
    const taken = takenAfter(row, feedEvent, impact, hour, before);
    return Object.keys(taken).length === 0 ? undefined : availabilityOf(impact.after, hour, taken);
  },
};

/** Hour by hour what can be booked of fleets, made beforehand, so that nobody has to look at bookings for it. */
export const hours: Projection = {
  name: 'hours',
  version: 2,
  events: [
    'LayoutUnitsAdded',
    'SlotOpened',
    'UnitsAdded',
    'UnitsChanged',
    'UnitsBlocked',
    'UnitsUnblocked',
    'UnitsWithdrawn',
    'SlotChanged',
    'SlotClosed',
    'SlotReopened',
    'SlotCancelled',
    'SeatsHeld',
    'BookingChanged',
    'BookingConfirmed',
    'SeatsReleased',
    'BookingCancelled',
    'BookingExpired',
  ],
  tables: [hourlyFleets, hourlyTouched, hourlyAvailability, hourlyLayouts],
};

/**
 * Rows of version 1 tell of hours that end when a fleet opens again after a pause as closed. They are kept
 * up, by the rules of today, and read until those of version 2 are there.
 */
export const HOURS: ProjectionRelease = { current: hours, previous: { ...hours, version: 1 } };

/**
 * What can be booked of the fleet over the hour, by the rules that bookings go by. With nothing in `taken`
 * it is what an hour without a row offers.
 */
export function availabilityOf(fleet: HourlyFleetRow, hour: LocalHour, taken: TakenUnits): HourlyAvailabilityRow {
  const { slotId, hub, model, opening, bufferMinutes, timeZone } = fleet;
  const span = { from: hour.from, to: hour.to };
  const resolved = resolveSpan({ axis: { type: 'time', bufferMinutes, ...(opening === null ? {} : { opening }) }, timeZone }, span);
  const isOpen = resolved.kind === 'resolved';
  const occupied = isOpen ? resolved.occupied : span;
  const freeUnitIds: string[] = [];
  let capacity = 0;
  let free = 0;
  for (const unit of fleet.units) {
    if (unit.withdrawn) continue;
    capacity += unit.capacity ?? 1;
    const own = Object.hasOwn(taken, unit.unitId) ? taken[unit.unitId] : undefined;
    const isTouched = own !== undefined || unit.standing !== undefined;
    const profile = isTouched ? profileOf(sumOver([unit.standing, own], occupied)) : undefined;
    const ofUnit = isOpen ? freeOver(unit, profile, occupied, span) : 0;
    if (ofUnit > 0) freeUnitIds.push(unit.unitId);
    free += ofUnit;
  }
  return {
    slotId,
    startsAt: hour.from,
    endsAt: hour.to,
    hub,
    model,
    day: hour.date,
    hour: hour.hour,
    isOpen,
    capacity,
    free,
    freeUnitIds,
    taken,
  };
}

/** What the row is to have taken: what it had, with what the event moves near the hour. */
function takenAfter(
  row: HourlyAvailabilityRow | undefined,
  { event }: FeedEvent,
  impact: Impact,
  hour: LocalHour,
  before: Lookup,
): TakenUnits {
  const window = { from: hour.from, to: hour.to + impact.after.bufferMinutes * MINUTE };
  const taken = new Map(Object.entries(impact.former === null ? (row?.taken ?? {}) : recut(impact, window, before)));
  for (const move of impact.moves) {
    const piece = clipped(move, window);
    if (piece.from < piece.to) taken.set(move.unitId, withPiece(taken.get(move.unitId) ?? NOTHING, piece));
  }
  if (event.type === 'UnitsWithdrawn') {
    for (const { unitId } of impact.after.units.filter((unit) => unit.withdrawn)) {
      const left = taken.get(unitId);
      if (left !== undefined) taken.set(unitId, withoutBlocks(left));
    }
  }
  return Object.fromEntries([...taken].filter(([, left]) => left.length > 0));
}

/** What is taken in the window by the rows of before, each of which tells of its own hour. */
function recut({ before: { slotId }, former }: Impact, window: { readonly from: number; readonly to: number }, before: Lookup): TakenUnits {
  const taken = new Map<string, readonly (readonly [number, number, number])[]>();
  for (const hour of former?.values() ?? []) {
    const own = before(HOURLY_AVAILABILITY, [slotId, hour.from])?.taken ?? {};
    for (const [unitId, steps] of Object.entries(own)) {
      const within = { from: Math.max(hour.from, window.from), to: Math.min(hour.to, window.to) };
      taken.set(unitId, sumOver([taken.get(unitId), sumOver([steps], within)], window));
    }
  }
  return Object.fromEntries(taken);
}
