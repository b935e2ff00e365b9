import type { OpeningHours } from '../../domain/axis.ts';
import type { SlotStatus } from '../../domain/slot/slot-status.ts';
import { column, nullable, type Table, text, word } from '../projection.ts';
import type { Taken } from './taken.ts';

/** What is taken by unit, as far as it is not standing with the fleet. */
export type TakenUnits = Readonly<Record<string, Taken>>;

export type HourlyAvailabilityRow = {
  readonly slotId: string;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly hub: string | null;
  readonly model: string;
  readonly day: string;
  readonly hour: number;
  readonly isOpen: boolean;
  readonly capacity: number;
  readonly free: number;
  readonly freeUnitIds: readonly string[];
  readonly taken: TakenUnits;
};

const FLEET = word('Slot that the fleet is: one model at one hub');
const HUB = nullable('word', 'Identifier of the place');
const MODEL = text('Model that the metadata of the slot names, else its title');

export const HOURLY_AVAILABILITY: Table<HourlyAvailabilityRow> = {
  name: 'hourly_availability',
  comment:
    'What can be booked of a fleet over a local hour. There is a row where a booking or a block touches the hour; without one the hour is as hourly_fleets says. An hour that is over for two hours keeps what it has.',
  key: ['slotId', 'startsAt'],
  columns: {
    slotId: FLEET,
    startsAt: column('instant', 'Start of the hour'),
    endsAt: column('instant', 'End of the hour; it is shorter where clocks are changed within it'),
    hub: HUB,
    model: MODEL,
    day: column('date', 'Day, by the clocks of the slot'),
    hour: column('integer', 'Hour of the day as these clocks show it; one comes twice when they are put back'),
    isOpen: column('boolean', 'Whether opening hours allow for a booking of this hour'),
    capacity: column('integer', 'Capacity of the whole fleet'),
    free: column('integer', 'What can be booked over the whole hour, with the buffer behind it'),
    freeUnitIds: column('words', 'Units that can be booked so'),
    taken: column('json', 'What takes units from here until the buffer behind the hour: [from, booked, blocked], each until the next'),
  },
  fillFactor: 70,
  indexes: { hourly_availability_of_hub: '(hub, model, day, starts_at)' },
};

/** A unit of a fleet. What is at its ordinary value is left out. */
export interface FleetUnit {
  readonly unitId: string;
  readonly capacity?: number;
  readonly availableFrom?: number;
  readonly availableUntil?: number;
  readonly withdrawn?: true;
  /** Bookings and blocks that are too long to have rows of their own. */
  readonly standing?: Taken;
}

export type HourlyFleetRow = {
  readonly slotId: string;
  readonly hub: string | null;
  readonly model: string;
  readonly title: string;
  readonly hasModel: boolean;
  readonly status: SlotStatus;
  readonly timeZone: string;
  readonly opening: readonly OpeningHours[] | null;
  readonly bufferMinutes: number;
  readonly units: readonly FleetUnit[];
};

export const HOURLY_FLEETS: Table<HourlyFleetRow> = {
  name: 'hourly_fleets',
  comment:
    'What a fleet offers in an hour that has no row in hourly_availability: all of its units in opening hours, but for what is standing.',
  key: ['slotId'],
  columns: {
    slotId: FLEET,
    hub: HUB,
    model: MODEL,
    title: text('Name of the slot'),
    hasModel: column('boolean', 'Whether the metadata of the slot names a model'),
    status: word('OPEN, CLOSED or CANCELLED; hours are counted whatever it is'),
    timeZone: text('IANA zone of its clocks'),
    opening: nullable('json', 'Opening hours by these clocks; null for always'),
    bufferMinutes: column('integer', 'Minutes that must lie free between two bookings of one unit'),
    units: column('json', 'Its units, with what takes them for more than a month on end: [from, booked, blocked], each until the next'),
  },
  indexes: { hourly_fleets_of_hub: '(hub, model)' },
};

export type HourlyTouchedRow = {
  readonly slotId: string;
  /** By day in UTC since 1970 a bit for each of its hours. */
  readonly days: Readonly<Record<string, number>>;
};

export const HOURLY_TOUCHED: Table<HourlyTouchedRow> = {
  name: 'hourly_touched',
  comment: 'Where a fleet may have rows in hourly_availability, for a change of the fleet to find them.',
  key: ['slotId'],
  columns: {
    slotId: FLEET,
    days: column('json', 'Hours in UTC, as a bit each, by the number of the day since 1970; what is over is forgotten'),
  },
};

export type HourlyLayoutRow = { readonly layoutId: string; readonly units: readonly FleetUnit[] };

export const HOURLY_LAYOUTS: Table<HourlyLayoutRow> = {
  name: 'hourly_layouts',
  comment: 'The units that a fleet takes from a layout.',
  key: ['layoutId'],
  columns: { layoutId: word('Identifier of the layout'), units: column('json', 'Its units as a fleet has them') },
};
