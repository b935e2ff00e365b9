import type { SlotOpened } from '../../domain/slot/events.ts';
import type { Unit } from '../../domain/unit.ts';
import { slotIdOfStream } from '../../eventstore/streams.ts';
import type { FeedEvent, Key, Lookup, TableView } from '../projection.ts';
import { type Move, movesOf } from './moves.ts';
import { type FleetUnit, HOURLY_FLEETS, HOURLY_LAYOUTS, type HourlyFleetRow, type HourlyLayoutRow } from './tables.ts';
import { clipped, NOTHING, sumOver, type Taken, withoutBlocks, withPiece } from './taken.ts';

const DAY = 24 * 3_600_000;

/** A row per slot on the time axis; other slots have none. */
export const hourlyFleets: TableView<HourlyFleetRow> = {
  table: HOURLY_FLEETS,
  keysOf: keyOfSlot,
  readsOf: ({ event }) => {
    const isOnLayout = event.type === 'SlotOpened' && event.axis.type === 'time' && event.layoutId !== null;
    return isOnLayout ? [{ table: HOURLY_LAYOUTS, key: [event.layoutId] }] : [];
  },
  evolve: (row, feedEvent, _key, before) => {
    const { event } = feedEvent;
    return event.type === 'SlotOpened' ? opened(event, before) : row && fleetAfter(row, feedEvent);
  },
};

export const hourlyLayouts: TableView<HourlyLayoutRow> = {
  table: HOURLY_LAYOUTS,
  keysOf: ({ event }) => (event.type === 'LayoutUnitsAdded' ? [[event.layoutId]] : []),
  evolve: (row, { event }) =>
    event.type === 'LayoutUnitsAdded' ? { layoutId: event.layoutId, units: [...(row?.units ?? []), ...event.units.map(fleetUnit)] } : row,
};

/** The slot's own key in tables with a row per slot. */
export function keyOfSlot({ streamId }: FeedEvent): readonly Key[] {
  const slotId = slotIdOfStream(streamId);
  return slotId === null ? [] : [[slotId]];
}

/** The fleet with the event; the same object when nothing changes. */
export function fleetAfter(fleet: HourlyFleetRow, feedEvent: FeedEvent): HourlyFleetRow {
  const { event } = feedEvent;
  switch (event.type) {
    case 'SlotChanged': {
      const { title = fleet.title, timeZone = fleet.timeZone, metadata, venue } = event.changes;
      const hub = venue === undefined ? fleet.hub : (venue?.venueId ?? null);
      return {
        ...fleet,
        hub,
        timeZone,
        ...modelOf(title, metadata?.model ?? (metadata === undefined && fleet.hasModel ? fleet.model : undefined)),
      };
    }
    case 'SlotClosed':
      return { ...fleet, status: 'CLOSED' };
    case 'SlotReopened':
      return { ...fleet, status: 'OPEN' };
    case 'SlotCancelled':
      return { ...fleet, status: 'CANCELLED' };
    case 'UnitsAdded':
      return { ...fleet, units: withAdded(fleet.units, event.units) };
    case 'UnitsChanged':
      return event.changes.reduce(
        (left, { unitId, capacity }) => changing(left, unitId, (unit) => (capacity === undefined ? unit : { ...unit, capacity })),
        fleet,
      );
    case 'UnitsWithdrawn':
      return event.units.reduce((left, { unitId, quantity }) => changing(left, unitId, (unit) => withdrawn(unit, quantity)), fleet);
    default:
      return movesOf(feedEvent, fleet)
        .filter(({ isStanding }) => isStanding)
        .reduce((left, move) => changing(left, move.unitId, (unit) => standing(unit, move, feedEvent.at)), fleet);
  }
}

function opened(event: SlotOpened, before: Lookup): HourlyFleetRow | undefined {
  const { slotId, axis, layoutId, title, metadata, venue, status, timeZone } = event;
  if (axis.type !== 'time') return undefined;
  const shared = layoutId === null ? [] : before(HOURLY_LAYOUTS, [layoutId])?.units;
  if (shared === undefined) throw new Error(`layout ${layoutId} is not in the log before slot ${slotId}`);
  const rules = { status, timeZone, opening: axis.opening ?? null, bufferMinutes: axis.bufferMinutes };
  return { slotId, hub: venue?.venueId ?? null, ...modelOf(title, metadata.model), ...rules, units: withAdded(shared, event.units) };
}

function modelOf(title: string, model: string | undefined): Pick<HourlyFleetRow, 'title' | 'model' | 'hasModel'> {
  return { title, model: model ?? title, hasModel: model !== undefined };
}

function fleetUnit({ unitId, capacity, availableFrom, availableUntil }: Unit): FleetUnit {
  return {
    unitId,
    ...(capacity === undefined ? {} : { capacity }),
    ...(availableFrom === undefined ? {} : { availableFrom }),
    ...(availableUntil === undefined ? {} : { availableUntil }),
  };
}

/** A unit that was withdrawn and comes back stands where it stood, with the bookings that it had. */
function withAdded(units: readonly FleetUnit[], added: readonly Unit[]): readonly FleetUnit[] {
  const all = [...units];
  const places = new Map(units.map(({ unitId }, index) => [unitId, index]));
  for (const unit of added) {
    const place = places.get(unit.unitId) ?? all.length;
    all[place] = withStanding(fleetUnit(unit), all[place]?.standing ?? NOTHING);
  }
  return all;
}

/** A unit that goes as a whole takes its blocks along. */
function withdrawn(unit: FleetUnit, quantity: number): FleetUnit {
  if (unit.capacity !== undefined && unit.capacity > quantity) return { ...unit, capacity: unit.capacity - quantity };
  return { ...withStanding(unit, withoutBlocks(unit.standing ?? NOTHING)), withdrawn: true };
}

/** With the move among what stands; what was over more than a day ago is forgotten, on the way in and on the way out alike. */
function standing(unit: FleetUnit, move: Move, at: number): FleetUnit {
  const kept = { from: Math.floor(at / DAY - 1) * DAY, to: Number.POSITIVE_INFINITY };
  return withStanding(unit, withPiece(sumOver([unit.standing], kept), clipped(move, kept)));
}

function withStanding({ standing: _, ...unit }: FleetUnit, taken: Taken): FleetUnit {
  return taken.length === 0 ? unit : { ...unit, standing: taken };
}

function changing(fleet: HourlyFleetRow, unitId: string, change: (unit: FleetUnit) => FleetUnit): HourlyFleetRow {
  return { ...fleet, units: fleet.units.map((unit) => (unit.unitId === unitId ? change(unit) : unit)) };
}
