import { occupiedSpan } from '../../domain/resolve-span.ts';
import type { Claim, SlotDescription, SlotEvent, SlotOpened, UnitChange } from '../../domain/slot/events.ts';
import type { Span } from '../../domain/span.ts';
import { capacityOf } from '../../domain/unit.ts';
import { slotIdOfStream } from '../../eventstore/streams.ts';
import type { FeedEvent, Lookup, TableView } from '../projection.ts';
import { knownUnit, layoutUnitsToRead, slotIdOf } from './known-units.ts';
import { type PriceMove, priceCountsOf, priceRange, withPrices } from './price-counts.ts';
import { LAYOUTS, type PriceCounts, SLOTS, type SlotRow } from './tables.ts';
import { countsOf, type SlotUsage, withoutPast, withProfile, withTaken } from './usage.ts';

type WithdrawnUnit = Extract<SlotEvent, { readonly type: 'UnitsWithdrawn' }>['units'][number];

/** A row per slot: what it is, and how much of it is free. */
export const slots: TableView<SlotRow> = {
  table: SLOTS,
  keysOf: ({ streamId }) => {
    const slotId = slotIdOfStream(streamId);
    return slotId === null ? [] : [[slotId]];
  },
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
  const ofLayout: PriceCounts = layout === undefined ? {} : priceCountsOf(layout, event.prices);
  const priceCounts = withPrices(ofLayout, event.units.map(comes));
  const capacity = event.units.reduce((sum, unit) => sum + capacityOf(unit), layout?.capacity ?? 0);
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
      return priced({ ...row, capacity }, event.units.map(comes));
    }
    case 'UnitsChanged':
      return change(row, feedEvent, event.changes, before);
    case 'UnitsWithdrawn':
      return withdraw(row, feedEvent, event.units, before);
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

function change(row: SlotRow, feedEvent: FeedEvent, changes: readonly UnitChange[], before: Lookup): SlotRow {
  const moves: PriceMove[] = [];
  let { capacity } = row;
  for (const { unitId, ...changed } of changes) {
    const { unit } = knownUnit(feedEvent, unitId, before);
    moves.push(goes(unit), comes({ price: changed.price ?? unit.price }));
    capacity += (changed.capacity ?? capacityOf(unit)) - capacityOf(unit);
  }
  return priced({ ...row, capacity }, moves);
}

/** A unit that goes as a whole takes its blocks along. */
function withdraw(row: SlotRow, feedEvent: FeedEvent, units: readonly WithdrawnUnit[], before: Lookup): SlotRow {
  const moves: PriceMove[] = [];
  let { capacity } = row;
  let usage: SlotUsage = { profile: row.usage, from: row.usageFrom };
  for (const { unitId, quantity } of units) {
    const { unit, own } = knownUnit(feedEvent, unitId, before);
    const isLeft = unit.capacity !== undefined && unit.capacity > quantity;
    capacity -= isLeft ? quantity : capacityOf(unit);
    if (isLeft) continue;
    moves.push(goes(unit));
    usage = withProfile(usage, own?.blocks ?? [], -1);
  }
  return using(priced({ ...row, capacity }, moves), () => usage);
}

function comes({ price }: { readonly price?: number | undefined }): PriceMove {
  return [price ?? 0, 1];
}

function goes({ price }: { readonly price?: number | undefined }): PriceMove {
  return [price ?? 0, -1];
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

function priced(row: SlotRow, moves: readonly PriceMove[]): SlotRow {
  const priceCounts = withPrices(row.priceCounts, moves);
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
