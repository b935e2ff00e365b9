import { localDateAt } from '../../domain/local-hours.ts';
import { slotIdOfStream } from '../../eventstore/streams.ts';
import type { FeedEvent, Lookup, Projection, TableView } from '../projection.ts';
import {
  DAILY_CATEGORY_SALES,
  DAILY_SALES,
  type DailyCategorySalesRow,
  type DailySalesRow,
  SOLD_SLOTS,
  type SoldSlotRow,
} from './tables.ts';
import { NO_TURNOVER, tradeOf, turnoverWith } from './trade.ts';
import { categoryOf, unitCategories } from './unit-categories.ts';

const NO_KEYS: readonly never[] = [];

const soldSlots: TableView<SoldSlotRow> = {
  table: SOLD_SLOTS,
  keysOf: ({ streamId }) => {
    const slotId = slotIdOfStream(streamId);
    return slotId === null ? [] : [[slotId]];
  },
  evolve: (row, { event }) => {
    if (event.type === 'SlotOpened') {
      const { slotId, timeZone, currency, layoutId } = event;
      return { slotId, timeZone, currency, layoutId };
    }
    if (row === undefined || event.type !== 'SlotChanged') return row;
    const { timeZone = row.timeZone } = event.changes;
    return timeZone === row.timeZone ? row : { ...row, timeZone };
  },
};

const dailySales: TableView<DailySalesRow> = {
  table: DAILY_SALES,
  keysOf: () => NO_KEYS,
  furtherKeysOf: (feedEvent, before) => {
    if (countedAs(feedEvent) === null && tradeOf(feedEvent) === null) return NO_KEYS;
    return [[...dayOf(feedEvent, slotBefore(feedEvent, before))]];
  },
  evolve: (row, feedEvent, [slotId, day], before) => {
    const { currency } = slotBefore(feedEvent, before);
    const counted = countedAs(feedEvent);
    const trade = tradeOf(feedEvent);
    const begun = row ?? { slotId: String(slotId), day: String(day), currency, ...NO_BOOKINGS, ...NO_TURNOVER };
    const sold = trade === null ? begun : { ...begun, ...turnoverWith(begun, trade.kind, trade.claims) };
    return counted === null ? sold : { ...sold, [counted]: sold[counted] + 1 };
  },
};

const dailyCategorySales: TableView<DailyCategorySalesRow> = {
  table: DAILY_CATEGORY_SALES,
  keysOf: () => NO_KEYS,
  furtherKeysOf: (feedEvent, before) => {
    const claims = tradeOf(feedEvent)?.claims ?? NO_KEYS;
    if (claims.length === 0) return NO_KEYS;
    const slot = slotBefore(feedEvent, before);
    return claims.map((claim) => [...dayOf(feedEvent, slot), categoryOf(feedEvent, claim, slot.layoutId, before)]);
  },
  evolve: (row, feedEvent, [slotId, day, key], before) => {
    const trade = tradeOf(feedEvent);
    if (trade === null) return row;
    const { currency, layoutId } = slotBefore(feedEvent, before);
    const category = String(key);
    const begun = row ?? { slotId: String(slotId), day: String(day), category, currency, ...NO_TURNOVER };
    const claims = trade.claims.filter((claim) => categoryOf(feedEvent, claim, layoutId, before) === category);
    return { ...begun, ...turnoverWith(begun, trade.kind, claims) };
  },
};

/** Bookings, units and amounts by day, for analysts. Days are those of the slots' own calendars. */
export const sales: Projection = {
  name: 'sales',
  version: 1,
  events: [
    'LayoutUnitsAdded',
    'SlotOpened',
    'SlotChanged',
    'UnitsAdded',
    'UnitsChanged',
    'SeatsHeld',
    'BookingConfirmed',
    'SeatsReleased',
    'BookingCancelled',
    'BookingExpired',
  ],
  tables: [soldSlots, unitCategories, dailySales, dailyCategorySales],
};

function slotBefore({ streamId }: FeedEvent, before: Lookup): SoldSlotRow {
  const row = before(SOLD_SLOTS, [slotIdOfStream(streamId) ?? '']);
  if (row === undefined) throw new Error(`the slot of ${streamId} was never opened`);
  return row;
}

function dayOf({ at }: FeedEvent, { slotId, timeZone }: SoldSlotRow): readonly [slotId: string, day: string] {
  return [slotId, localDateAt(at, timeZone)];
}

type Counted = 'bookingsHeld' | 'bookingsConfirmed' | 'bookingsExpired' | 'bookingsCancelled';

const NO_BOOKINGS: Readonly<Record<Counted, number>> = { bookingsHeld: 0, bookingsConfirmed: 0, bookingsExpired: 0, bookingsCancelled: 0 };

/** What the event counts its booking as; null when it counts none. */
function countedAs({ event }: FeedEvent): Counted | null {
  switch (event.type) {
    case 'SeatsHeld':
      return 'bookingsHeld';
    case 'BookingConfirmed':
      return 'bookingsConfirmed';
    case 'BookingExpired':
      return 'bookingsExpired';
    case 'BookingCancelled':
      return 'bookingsCancelled';
    default:
      return null;
  }
}
