import type { Axis } from '../../domain/axis.ts';
import type { Profile } from '../../domain/profile.ts';
import type { SlotPolicy } from '../../domain/slot/events.ts';
import type { SlotStatus } from '../../domain/slot/summary.ts';
import { column, nullable, type Table, text, word } from '../projection.ts';
import { UNIT_COLUMNS, type UnitColumns } from './unit-columns.ts';

/** How many units cost so much, by price in minor units. */
export type PriceCounts = Readonly<Record<string, number>>;

export type SlotRow = {
  readonly slotId: string;
  readonly version: number;
  readonly status: SlotStatus;
  readonly category: string;
  readonly title: string;
  readonly venueId: string | null;
  readonly venueName: string | null;
  readonly venueCity: string | null;
  readonly hasVenue: boolean;
  readonly startsAt: number | null;
  readonly endsAt: number | null;
  readonly timeZone: string;
  readonly salesFrom: number | null;
  readonly salesUntil: number | null;
  readonly currency: string;
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly policy: SlotPolicy;
  readonly axisType: Axis['type'];
  readonly axis: Axis;
  readonly layoutId: string | null;
  readonly prices: Readonly<Record<string, number>> | null;
  readonly capacity: number;
  readonly free: number;
  readonly held: number;
  readonly sold: number;
  readonly blocked: number;
  readonly usage: Profile;
  readonly usageFrom: number | null;
  readonly priceCounts: PriceCounts;
  readonly priceFrom: number | null;
  readonly priceTo: number | null;
};

/** Stands behind every price where slots are sorted by it: no money can be counted beyond. */
export const UNPRICED = Number.MAX_SAFE_INTEGER;

export const SLOTS: Table<SlotRow> = {
  name: 'slots',
  comment: 'One row per slot: what it is and how much of it is free.',
  key: ['slotId'],
  columns: {
    slotId: word('Identifier of the slot: one show, one trip on one day, or one fleet'),
    version: column('integer', 'Number of the events in the stream of the slot that this row reflects'),
    status: word('OPEN, CLOSED or CANCELLED'),
    category: text('Line of business, such as theatre or bus'),
    title: text('Name of the slot as customers see it'),
    venueId: nullable('word', 'Identifier of the place'),
    venueName: nullable('text', 'Name of the place'),
    venueCity: nullable('text', 'City of the place'),
    hasVenue: column('boolean', 'Whether the slot names a place at all, be it an empty one'),
    startsAt: nullable('instant', 'Start of the occasion; null where it has none, as a fleet'),
    endsAt: nullable('instant', 'End of the occasion'),
    timeZone: text('IANA zone that local times are computed in'),
    salesFrom: nullable('instant', 'Nothing is sold before'),
    salesUntil: nullable('instant', 'Nothing is sold from then on'),
    currency: word('ISO 4217 code of all amounts of the slot'),
    reference: nullable('word', 'Reference of the operator'),
    metadata: column('json', 'Names and values of the operator'),
    policy: column('json', 'Rules of holding: seconds, limits, orphan seats'),
    axisType: word('What spans run over: whole, stops or time'),
    axis: column('json', 'The axis with its stops, or its opening hours and buffer'),
    layoutId: nullable('word', 'Layout that the slot shares with others'),
    prices: nullable('json', 'Price in minor units by category, for the units of the layout'),
    capacity: column('integer', 'Sum of the capacities of all units'),
    free: column('integer', 'Capacity that nothing takes; on stops at the tightest segment, on time as of the last event'),
    held: column('integer', 'Capacity taken by holds at that point'),
    sold: column('integer', 'Capacity taken by confirmed bookings at that point'),
    blocked: column('integer', 'Capacity off sale at that point'),
    usage: column('json', 'What is taken over the axis: steps of at, held, sold and blocked, each in force until the next'),
    usageFrom: nullable('instant', 'On time: what lies before is no longer kept in usage'),
    priceCounts: column('json', 'Number of units by price in minor units'),
    priceFrom: nullable('integer', 'Lowest price of a unit in minor units'),
    priceTo: nullable('integer', 'Highest price of a unit in minor units'),
  },
  generated: {
    words: {
      sqlType: 'tsvector',
      expression: 'holdfast_views.search_words(title, venue_name, venue_city)',
      comment: 'What a search by text goes through: words of the title (weight A), the place (B) and the city (C)',
    },
  },
  fillFactor: 70,
  // None of them has a column that a booking changes.
  indexes: {
    slots_by_start: "(status, coalesce(starts_at, 'infinity'), slot_id)",
    slots_by_category: "(status, category, coalesce(starts_at, 'infinity'), slot_id)",
    slots_by_venue: "(status, venue_id, coalesce(starts_at, 'infinity'), slot_id) WHERE venue_id IS NOT NULL",
    slots_by_city: "(status, venue_city, coalesce(starts_at, 'infinity'), slot_id) WHERE venue_city IS NOT NULL",
    slots_by_price: `(status, coalesce(price_from, ${UNPRICED}), slot_id)`,
    slots_by_reference: '(reference) WHERE reference IS NOT NULL',
    slots_by_words: 'USING gin (words)',
  },
};

export type SlotUnitRow = UnitColumns & {
  readonly slotId: string;
  /** Null for a unit of the layout: it stands where the layout has it. */
  readonly chunk: number | null;
  readonly place: number | null;
  readonly inherited: boolean;
  readonly withdrawn: boolean;
  readonly blocks: Profile;
};

export const SLOT_UNITS: Table<SlotUnitRow> = {
  name: 'slot_units',
  comment:
    'Units that a slot has beyond its layout, and units of the layout that differ in this slot. A unit of the layout without a row is as the layout says.',
  key: ['slotId', 'unitId'],
  columns: {
    slotId: word('Slot that the unit belongs to'),
    chunk: nullable('integer', 'Version of the event that added the unit; null for a unit of the layout'),
    place: nullable('integer', 'Place of the unit among those added together'),
    inherited: column('boolean', 'Whether the unit is as the layout says; its own columns are empty then'),
    withdrawn: column('boolean', 'Whether the unit was taken out of the slot for good'),
    blocks: column('json', 'What is off sale over the axis: steps of at and blocked, each in force until the next'),
    ...UNIT_COLUMNS,
  },
};

export type SlotClaimRow = {
  readonly slotId: string;
  readonly unitId: string;
  readonly bookingId: string;
  readonly spanFrom: number;
  readonly spanTo: number;
  readonly quantity: number;
  readonly status: 'held' | 'sold';
  readonly heldUntil: number | null;
};

export const SLOT_CLAIMS: Table<SlotClaimRow> = {
  name: 'slot_claims',
  comment: 'What bookings take of units, as long as they do.',
  key: ['slotId', 'unitId', 'bookingId', 'spanFrom'],
  columns: {
    slotId: word('Slot of the claim'),
    unitId: word('Unit that is claimed'),
    bookingId: word('Booking that claims it'),
    spanFrom: column('integer', 'Start on the axis: stop index, or milliseconds since 1970 UTC'),
    spanTo: column('integer', 'End on the axis, exclusive; without the buffer'),
    quantity: column('integer', 'How many of the unit'),
    status: word('held or sold'),
    heldUntil: nullable('instant', 'When the hold lapses; null once sold'),
  },
  indexes: {
    // On time slots what is over is passed by.
    slot_claims_by_end: '(slot_id, span_to)',
  },
};

export type LayoutRow = {
  readonly layoutId: string;
  readonly name: string;
  readonly focusX: number | null;
  readonly focusY: number | null;
  readonly unitCount: number;
  readonly capacity: number;
  readonly categories: Readonly<Record<string, PriceCounts>>;
  readonly complete: boolean;
};

export const LAYOUTS: Table<LayoutRow> = {
  name: 'layouts',
  comment: 'Units and geometry that many slots share.',
  key: ['layoutId'],
  columns: {
    layoutId: word('Hash of the content of the layout'),
    name: text('Name of the layout'),
    focusX: nullable('real', 'Point that the best seats are near to'),
    focusY: nullable('real', 'Point that the best seats are near to'),
    unitCount: column('integer', 'Number of its units'),
    capacity: column('integer', 'Sum of the capacities of its units'),
    categories: column('json', 'Number of units by category and own price; none stands for units without one'),
    complete: column('boolean', 'Whether all of its units are there'),
  },
};

export type LayoutUnitRow = UnitColumns & { readonly layoutId: string; readonly chunk: number; readonly place: number };

export const LAYOUT_UNITS: Table<LayoutUnitRow> = {
  name: 'layout_units',
  comment: 'The units of layouts, in order of chunk and place.',
  key: ['layoutId', 'unitId'],
  columns: {
    layoutId: word('Layout that the unit belongs to'),
    chunk: column('integer', 'Version of the event that brought the unit'),
    place: column('integer', 'Place of the unit within that event'),
    ...UNIT_COLUMNS,
  },
};
