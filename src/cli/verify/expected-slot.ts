import { headOf, type SlotState } from '../../domain/slot/state.ts';
import { summaryOf } from '../../domain/slot/summary.ts';
import type { SlotClaimRow, SlotRow } from '../../projections/inventory/tables.ts';
import type { AccountStep } from './unit-account.ts';

/** Stands for the price of units that nobody has priced. */
const NO_PRICE = 'none';

/** The row of a slot: what it is and its counts by the state, what is taken of it by the ledger. */
export function slotRow(state: SlotState, usage: readonly AccountStep[]): Omit<SlotRow, 'usageFrom'> {
  const { axis, prices, venue, policy, metadata, ...head } = headOf(state);
  const { counts } = summaryOf(state, state.lastEventAt);
  const priceCounts = priceCountsOf(state);
  const known = Object.keys(priceCounts)
    .filter((price) => price !== NO_PRICE)
    .map(Number);
  return {
    ...head,
    ...counts,
    slotId: state.slotId,
    version: state.version,
    venueId: venue?.venueId ?? null,
    venueName: venue?.name ?? null,
    venueCity: venue?.city ?? null,
    hasVenue: venue !== null,
    metadata,
    policy,
    axisType: axis.type,
    axis,
    prices,
    usage,
    priceCounts,
    priceFrom: known.length === 0 ? null : Math.min(...known),
    priceTo: known.length === 0 ? null : Math.max(...known),
  };
}

function priceCountsOf(state: SlotState): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [index, unit] of state.units.units.entries()) {
    if (unit === undefined) continue;
    const price = String(state.units.priceAt(index) ?? NO_PRICE);
    counts[price] = (counts[price] ?? 0) + 1;
  }
  return counts;
}

/** What bookings take of the slot's units. */
export function claimRows(state: SlotState): readonly SlotClaimRow[] {
  const rows: SlotClaimRow[] = [];
  for (const { bookingId, status, claims, expiresAt } of state.bookings.values()) {
    if (status !== 'HELD' && status !== 'CONFIRMED') continue;
    for (const { unitId, from, to, quantity } of claims) {
      rows.push({
        slotId: state.slotId,
        unitId,
        bookingId,
        spanFrom: from,
        spanTo: to,
        quantity,
        status: status === 'HELD' ? 'held' : 'sold',
        heldUntil: status === 'HELD' ? expiresAt : null,
      });
    }
  }
  return rows;
}
