import type { Claim, SlotEvent } from '../../domain/slot/events.ts';
import type { FeedEvent, Key, TableView } from '../projection.ts';
import { slotIdOf } from './known-units.ts';
import { SLOT_CLAIMS, type SlotClaimRow } from './tables.ts';

/** What bookings take of units: a row per unit, booking and start of span, as long as it takes something. */
export const slotClaims: TableView<SlotClaimRow> = {
  table: SLOT_CLAIMS,
  keysOf,
  // A booking is held once, and claims nothing before.
  makesNew: ({ event }) => event.type === 'SeatsHeld',
  evolve,
};

function keysOf(feedEvent: FeedEvent): readonly Key[] {
  const { event } = feedEvent;
  switch (event.type) {
    case 'SeatsHeld':
    case 'HoldExtended':
    case 'SeatsReleased':
    case 'BookingCancelled':
    case 'BookingExpired':
      return keysOfClaims(feedEvent, event.bookingId, event.claims);
    case 'BookingChanged':
      return keysOfClaims(feedEvent, event.bookingId, [...event.dropped, ...event.added]);
    case 'BookingConfirmed':
      return keysOfClaims(feedEvent, event.bookingId, event.released.length === 0 ? event.claims : [...event.claims, ...event.released]);
    default:
      return [];
  }
}

function keysOfClaims(feedEvent: FeedEvent, bookingId: string, claims: readonly Claim[]): readonly Key[] {
  const slotId = slotIdOf(feedEvent);
  return claims.map(({ unitId, from }) => [slotId, unitId, bookingId, from]);
}

function evolve(row: SlotClaimRow | undefined, { event }: FeedEvent, key: Key): SlotClaimRow | undefined {
  switch (event.type) {
    case 'SeatsHeld':
      return withQuantity(row, key, event, event.claims, quantityOf(key, event.claims));
    case 'BookingChanged': {
      const quantity = (row?.quantity ?? 0) + quantityOf(key, event.added) - quantityOf(key, event.dropped);
      return withQuantity(row, key, event, event.added, quantity);
    }
    case 'HoldExtended':
      return row === undefined ? undefined : { ...row, heldUntil: event.expiresAt };
    case 'BookingConfirmed': {
      const quantity = quantityOf(key, event.claims);
      return row === undefined || quantity === 0 ? undefined : { ...row, quantity, status: 'sold', heldUntil: null };
    }
    case 'SeatsReleased': {
      const quantity = (row?.quantity ?? 0) - quantityOf(key, event.claims);
      return row === undefined || quantity <= 0 ? undefined : { ...row, quantity };
    }
    case 'BookingCancelled':
    case 'BookingExpired':
      return undefined;
    default:
      return row;
  }
}

/** A held row with the quantity; made from the event's claim when it is new, gone when nothing is left. */
function withQuantity(
  row: SlotClaimRow | undefined,
  [slotId, unitId, bookingId, spanFrom]: Key,
  { expiresAt }: Extract<SlotEvent, { readonly type: 'SeatsHeld' | 'BookingChanged' }>,
  claims: readonly Claim[],
  quantity: number,
): SlotClaimRow | undefined {
  if (quantity <= 0) return undefined;
  const spanTo = row?.spanTo ?? claims.find((claim) => claim.unitId === unitId && claim.from === spanFrom)?.to;
  if (spanTo === undefined) throw new Error(`booking ${bookingId} drops unit ${unitId}, which it never had`);
  return {
    slotId: String(slotId),
    unitId: String(unitId),
    bookingId: String(bookingId),
    spanFrom: Number(spanFrom),
    spanTo,
    quantity,
    status: 'held',
    heldUntil: expiresAt,
  };
}

function quantityOf([, unitId, , spanFrom]: Key, claims: readonly Claim[]): number {
  return claims.reduce((sum, claim) => (claim.unitId === unitId && claim.from === spanFrom ? sum + claim.quantity : sum), 0);
}
