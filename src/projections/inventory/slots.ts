import { occupiedSpan } from '../../domain/resolve-span.ts';
import type { Claim, SlotDescription, SlotOpened } from '../../domain/slot/events.ts';
import type { Span } from '../../domain/span.ts';
import { capacityOf, type Unit } from '../../domain/unit.ts';
import type { FeedEvent, Lookup, TableView } from '../projection.ts';
import { knownUnit, layoutUnitsToRead, slotIdOf } from './known-units.ts';
import { priceCountsOf, priceRange, withPrice } from './price-counts.ts';
import { LAYOUTS, type PriceCounts, SLOTS, type SlotRow } from './tables.ts';
import { countsOf, type SlotUsage, withoutPast, withProfile, withTaken } from './usage.ts';

/** A row per slot: what it is, and how much of it is free. */
export const slots: TableView<SlotRow> = {
  table: SLOTS,
  keysOf: (feedEvent) => (feedEvent.streamId.startsWith('slot-') ? [[slotIdOf(feedEvent)]] : []),
  readsOf: (feedEvent, before) => {
    const { event } = feedEvent;
    if (event.type === 'SlotOpened') return event.layoutId === null ? [] : [{ table: LAYOUTS, key: [event.layoutId] }];
    return layoutUnitsToRead(feedEvent, before);
  },
  evolve: (row, feedEvent, _key, before) => {
    const { event, version, at } = feedEvent;
    if (event.type === 'SlotOpened') return counted(opened(event, before), null, version, at);
    if (row === undefined) throw new Error(`slot ${slotIdOf(feedEvent)} was never opened`);
    const usage = usageAfter(row, event);
    return usage === null ? counted(evolve(row, feedEvent, before), null, version, at) : counted(row, usage, version, at);
  },
};

function opened(event: SlotOpened, before: Lookup): SlotRow {
  const layout = event.layoutId === null ? undefined : before(LAYOUTS, [event.layoutId]);
  if (event.layoutId !== null && layout === undefined)
    throw new Error(`layout ${event.layoutId} is not in the log before slot ${event.slotId}`);
  let priceCounts: PriceCounts = layout === undefined ? {} : priceCountsOf(layout, event.prices);
  let capacity = layout?.capacity ?? 0;
  for (const unit of event.units) {
    capacity += capacityOf(unit);
    priceCounts = withPrice(priceCounts, unit.price ?? 0, 1);
  }
  const { slotId, currency, status, axis, layoutId, prices } = event;
  const counts = { capacity, free: capacity, held: 0, sold: 0, blocked: 0, usage: [], usageFrom: null };
  const identity = { slotId, version: 0, status, currency, axisType: axis.type, axis, layoutId, prices };
  return { ...identity, ...describedBy(event), ...counts, priceCounts, ...priceRange(priceCounts) };
}

function evolve(row: SlotRow, feedEvent: FeedEvent, before: Lookup): SlotRow {
  const { event } = feedEvent;
  switch (event.type) {
    case 'SlotChanged':
      return { ...row, ...describedBy({ ...descriptionOf(row), ...event.changes }) };
    case 'SlotClosed':
      return { ...row, status: 'CLOSED' };
    case 'SlotReopened':
      return { ...row, status: 'OPEN' };
    case 'SlotCancelled':
      return { ...row, status: 'CANCELLED' };
    case 'UnitsAdded': {
      const capacity = event.units.reduce((sum, unit) => sum + capacityOf(unit), row.capacity);
      return priced(
        { ...row, capacity },
        event.units.map((unit) => [unit.price ?? 0, 1]),
      );
    }
    case 'UnitsChanged': {
      let changed = row;
      for (const { unitId, price, capacity } of event.changes)
        changed = change(changed, knownUnit(feedEvent, unitId, before).unit, price, capacity);
      return changed;
    }
    case 'UnitsWithdrawn':
      return event.units.reduce((left, { unitId, quantity }) => withdraw(left, feedEvent, unitId, quantity, before), row);
    case 'UnitsBlocked':
      return using(row, (usage) => event.blocks.reduce((sum, block) => withTaken(sum, block, 'blocked', block.quantity), usage));
    case 'UnitsUnblocked':
      return using(row, (usage) => event.blocks.reduce((sum, block) => withTaken(sum, block, 'blocked', -block.quantity), usage));
    default:
      return row;
  }
}

/** What is taken after an event of a booking; null for other events. */
function usageAfter(row: SlotRow, event: FeedEvent['event']): SlotUsage | null {
  switch (event.type) {
    case 'SeatsHeld':
      return taking(row, event.claims, 'held', 1);
    case 'BookingChanged':
      return taking(row, event.added, 'held', 1, taking(row, event.dropped, 'held', -1));
    case 'BookingConfirmed':
      return taking(row, event.claims, 'sold', 1, taking(row, event.claims, 'held', -1, taking(row, event.released, 'held', -1)));
    case 'SeatsReleased':
    case 'BookingCancelled':
      return taking(row, event.claims, event.previousStatus === 'HELD' ? 'held' : 'sold', -1);
    case 'BookingExpired':
      return taking(row, event.claims, 'held', -1);
    default:
      return null;
  }
}

function change(row: SlotRow, unit: Unit, price = unit.price, capacity = capacityOf(unit)): SlotRow {
  const moves = [
    [unit.price ?? 0, -1],
    [price ?? 0, 1],
  ] as const;
  return priced({ ...row, capacity: row.capacity - capacityOf(unit) + capacity }, moves);
}

/** A unit that goes as a whole takes its blocks along. */
function withdraw(row: SlotRow, feedEvent: FeedEvent, unitId: string, quantity: number, before: Lookup): SlotRow {
  const { unit, own } = knownUnit(feedEvent, unitId, before);
  if (unit.capacity !== undefined && unit.capacity > quantity) return { ...row, capacity: row.capacity - quantity };
  const gone = priced({ ...row, capacity: row.capacity - capacityOf(unit) }, [[unit.price ?? 0, -1]]);
  return using(gone, (usage) => withProfile(usage, own?.blocks ?? [], -1));
}

/** The usage once claims begin or cease to take something. */
function taking(
  row: SlotRow,
  claims: readonly Claim[],
  taken: 'held' | 'sold',
  sign: 1 | -1,
  before: SlotUsage = { profile: row.usage, from: row.usageFrom },
): SlotUsage {
  let usage = before;
  for (const { span, quantity } of bySpan(claims)) usage = withTaken(usage, occupiedSpan(row.axis, span), taken, sign * quantity);
  return usage;
}

/** Claims as the sum that they take of each span; as a rule all claims of a booking have one span. */
function bySpan(claims: readonly Claim[]): readonly { readonly span: Span; readonly quantity: number }[] {
  const sums: { readonly span: Span; quantity: number }[] = [];
  for (const claim of claims) {
    const last = sums.at(-1);
    if (last !== undefined && last.span.from === claim.from && last.span.to === claim.to) last.quantity += claim.quantity;
    else sums.push({ span: claim, quantity: claim.quantity });
  }
  return sums;
}

function using(row: SlotRow, change: (usage: SlotUsage) => SlotUsage): SlotRow {
  const { profile, from } = change({ profile: row.usage, from: row.usageFrom });
  return profile === row.usage && from === row.usageFrom ? row : { ...row, usage: profile, usageFrom: from };
}

function priced(row: SlotRow, moves: readonly (readonly [price: number, units: number])[]): SlotRow {
  const priceCounts = moves.reduce((counts, [price, units]) => withPrice(counts, price, units), row.priceCounts);
  return { ...row, priceCounts, ...priceRange(priceCounts) };
}

/** The row at the version, with the usage (null: its own) and with the counts as of the event's time. */
function counted(row: SlotRow, usage: SlotUsage | null, version: number, at: number): SlotRow {
  const { profile, from } = withoutPast(usage ?? { profile: row.usage, from: row.usageFrom }, row.axisType, at);
  const { free, held, sold, blocked } = countsOf({ axis: row.axis, capacity: row.capacity, usage: profile }, at);
  // Every booking comes through here, and a spread of so many properties takes twenty times as long.
  return {
    slotId: row.slotId,
    version,
    status: row.status,
    category: row.category,
    title: row.title,
    venueId: row.venueId,
    venueName: row.venueName,
    venueCity: row.venueCity,
    hasVenue: row.hasVenue,
    startsAt: row.startsAt,
    endsAt: row.endsAt,
    timeZone: row.timeZone,
    salesFrom: row.salesFrom,
    salesUntil: row.salesUntil,
    currency: row.currency,
    reference: row.reference,
    metadata: row.metadata,
    policy: row.policy,
    axisType: row.axisType,
    axis: row.axis,
    layoutId: row.layoutId,
    prices: row.prices,
    capacity: row.capacity,
    free,
    held,
    sold,
    blocked,
    usage: profile,
    usageFrom: from,
    priceCounts: row.priceCounts,
    priceFrom: row.priceFrom,
    priceTo: row.priceTo,
  };
}

function describedBy(description: SlotDescription) {
  const { category, title, venue, startsAt, endsAt, timeZone, salesFrom, salesUntil, reference, metadata, policy } = description;
  const place = {
    hasVenue: venue !== null,
    venueId: venue?.venueId ?? null,
    venueName: venue?.name ?? null,
    venueCity: venue?.city ?? null,
  };
  return { category, title, ...place, startsAt, endsAt, timeZone, salesFrom, salesUntil, reference, metadata, policy };
}

/** What describes the slot, out of its columns again. */
export function descriptionOf(row: SlotRow): SlotDescription {
  const { category, title, startsAt, endsAt, timeZone, salesFrom, salesUntil, reference, metadata, policy } = row;
  const venue = row.hasVenue
    ? {
        ...(row.venueId === null ? {} : { venueId: row.venueId }),
        ...(row.venueName === null ? {} : { name: row.venueName }),
        ...(row.venueCity === null ? {} : { city: row.venueCity }),
      }
    : null;
  return { category, title, venue, startsAt, endsAt, timeZone, salesFrom, salesUntil, reference, metadata, policy };
}
