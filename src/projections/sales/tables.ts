import { column, nullable, type Table, text, word } from '../projection.ts';

/** Units and money that changed hands, in minor units of the slot's currency. */
export type Turnover = {
  readonly unitsSold: number;
  readonly amountSold: number;
  readonly unitsGivenBack: number;
  readonly amountGivenBack: number;
};

export type DailySalesRow = Turnover & {
  readonly slotId: string;
  readonly day: string;
  readonly currency: string;
  readonly bookingsHeld: number;
  readonly bookingsConfirmed: number;
  readonly bookingsExpired: number;
  readonly bookingsCancelled: number;
};

const SLOT = word('Slot that was booked');
const DAY = column('date', 'Day on which it happened, by the clocks of the slot');
const CURRENCY = word('ISO 4217 code of the amounts');

const TURNOVER = {
  unitsSold: column('integer', 'Units that were confirmed on this day'),
  amountSold: column('integer', 'What they cost, in minor units of the currency'),
  unitsGivenBack: column('integer', 'Units that were confirmed before, on whatever day, and cancelled on this one'),
  amountGivenBack: column('integer', 'What they had cost, in minor units of the currency'),
};

export const DAILY_SALES: Table<DailySalesRow> = {
  name: 'daily_sales',
  comment: 'What happened to the bookings of a slot on a day of its local calendar. One row per slot and day on which something did.',
  key: ['slotId', 'day'],
  columns: {
    slotId: SLOT,
    day: DAY,
    currency: CURRENCY,
    bookingsHeld: column('integer', 'Bookings that were made on this day, whatever became of them'),
    bookingsConfirmed: column('integer', 'Bookings that were confirmed on this day'),
    bookingsExpired: column('integer', 'Bookings whose hold lapsed, by the day on which that was recorded'),
    bookingsCancelled: column('integer', 'Bookings that were cancelled as a whole on this day, held ones included'),
    ...TURNOVER,
  },
  fillFactor: 70,
  indexes: { daily_sales_by_day: '(day, slot_id)' },
};

export type DailyCategorySalesRow = Turnover & {
  readonly slotId: string;
  readonly day: string;
  readonly category: string;
  readonly currency: string;
};

export const DAILY_CATEGORY_SALES: Table<DailyCategorySalesRow> = {
  name: 'daily_category_sales',
  comment:
    'The units and amounts of daily_sales by price category. One row per slot, day and category in which something was sold or given back.',
  key: ['slotId', 'day', 'category'],
  columns: {
    slotId: SLOT,
    day: DAY,
    category: text('Price category that the units had by then'),
    currency: CURRENCY,
    ...TURNOVER,
  },
  fillFactor: 70,
  indexes: { daily_category_sales_by_day: '(day, slot_id)' },
};

export type SoldSlotRow = {
  readonly slotId: string;
  readonly timeZone: string;
  readonly currency: string;
  readonly layoutId: string | null;
};

export const SOLD_SLOTS: Table<SoldSlotRow> = {
  name: 'sold_slots',
  comment: 'What the sales of a slot are counted by.',
  key: ['slotId'],
  columns: {
    slotId: word('Identifier of the slot'),
    timeZone: text('IANA zone of its calendar'),
    currency: CURRENCY,
    layoutId: nullable('word', 'Layout that has the categories of its units, where the slot has none of its own'),
  },
};

export type UnitCategoryRow = {
  readonly ownerId: string;
  readonly unitId: string;
  readonly category: string;
};

export const UNIT_CATEGORIES: Table<UnitCategoryRow> = {
  name: 'unit_categories',
  comment: 'The price category of each unit of a layout, and of each unit that a slot has beyond its layout or otherwise than it.',
  key: ['ownerId', 'unitId'],
  columns: {
    ownerId: word('Stream of the slot or the layout: slot- or layout- and its identifier'),
    unitId: word('Identifier of the unit in it'),
    category: text('Price category'),
  },
};
