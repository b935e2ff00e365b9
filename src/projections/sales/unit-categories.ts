import type { Claim } from '../../domain/slot/events.ts';
import { slotIdOfStream, streamOfLayout } from '../../eventstore/streams.ts';
import type { FeedEvent, Lookup, RowRef, TableView } from '../projection.ts';
import { SOLD_SLOTS, UNIT_CATEGORIES, type UnitCategoryRow } from './tables.ts';
import { tradeOf } from './trade.ts';

const NO_KEYS: readonly never[] = [];

/** A withdrawn unit keeps its row: what was sold of it may still be given back. */
export const unitCategories: TableView<UnitCategoryRow> = {
  table: UNIT_CATEGORIES,
  keysOf: (feedEvent) => {
    const [put, traded] = [categorised(feedEvent), tradedUnits(feedEvent)];
    return put.size + traded.length === 0 ? NO_KEYS : [...put.keys(), ...traded].map((unitId) => [feedEvent.streamId, unitId]);
  },
  readsOf: (feedEvent, before) => {
    const traded = tradedUnits(feedEvent);
    const slotId = slotIdOfStream(feedEvent.streamId);
    const layoutId = slotId === null || traded.length === 0 ? null : (before(SOLD_SLOTS, [slotId])?.layoutId ?? null);
    if (layoutId === null) return NO_KEYS;
    const shared = traded.filter((unitId) => before(UNIT_CATEGORIES, [feedEvent.streamId, unitId]) === undefined);
    return shared.map((unitId): RowRef => ({ table: UNIT_CATEGORIES, key: [streamOfLayout(layoutId), unitId] }));
  },
  evolve: (row, feedEvent, [ownerId, unitId]) => {
    const category = categorised(feedEvent).get(String(unitId));
    return category === undefined ? row : { ownerId: String(ownerId), unitId: String(unitId), category };
  },
};

/** The category that the claimed unit has before the event. */
export function categoryOf({ streamId }: FeedEvent, { unitId }: Claim, layoutId: string | null, before: Lookup): string {
  const own = before(UNIT_CATEGORIES, [streamId, unitId]);
  const row = own ?? (layoutId === null ? undefined : before(UNIT_CATEGORIES, [streamOfLayout(layoutId), unitId]));
  if (row === undefined) throw new Error(`unit ${unitId} was never part of ${streamId}`);
  return row.category;
}

function tradedUnits(feedEvent: FeedEvent): readonly string[] {
  return tradeOf(feedEvent)?.claims.map(({ unitId }) => unitId) ?? NO_KEYS;
}

const NONE: ReadonlyMap<string, string> = new Map();
const known = new WeakMap<FeedEvent, ReadonlyMap<string, string>>();

/** Units that the event puts into a category; made once, because each of thousands asks. */
function categorised(feedEvent: FeedEvent): ReadonlyMap<string, string> {
  const { event } = feedEvent;
  switch (event.type) {
    case 'SlotOpened':
    case 'UnitsAdded':
    case 'LayoutUnitsAdded': {
      const categories = known.get(feedEvent) ?? new Map(event.units.map(({ unitId, category }) => [unitId, category]));
      known.set(feedEvent, categories);
      return categories;
    }
    case 'UnitsChanged':
      return new Map(event.changes.flatMap(({ unitId, category }) => (category === undefined ? [] : [[unitId, category] as const])));
    default:
      return NONE;
  }
}
