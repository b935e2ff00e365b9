import type { Block, SlotEvent } from '../../domain/slot/events.ts';
import type { Span } from '../../domain/span.ts';
import type { AuditEvent } from '../../queries/audit.ts';
import { instantOfEvent } from '../describe-event.ts';

/** How a booking came to have no more of the unit. */
export type EndKind = 'expired' | 'cancelled' | 'given-back' | 'not-confirmed' | 'changed';

/** What one booking had of the unit, from its hold to its end. Instants are epoch milliseconds. */
export interface BookingStory {
  readonly kind: 'booking';
  readonly at: number;
  readonly bookingId: string;
  readonly customerId: string;
  readonly span: Span;
  /** How many of the unit at the beginning, and now. */
  readonly taken: number;
  quantity: number;
  heldUntil: number;
  extendedAt: number | null;
  confirmed: { readonly at: number; readonly paymentReference: string } | null;
  /** Parts that left while others stayed. */
  readonly parts: { readonly at: number; readonly quantity: number; readonly kind: EndKind }[];
  end: { readonly kind: EndKind; readonly at: number; readonly reason: string | null } | null;
}

/** What operators did to the unit. */
export type OperatorStory =
  | { readonly kind: 'there' | 'added'; readonly at: number }
  | { readonly kind: 'changed'; readonly at: number; readonly changes: Readonly<Record<string, unknown>> }
  | { readonly kind: 'blocked' | 'unblocked'; readonly at: number; readonly block: Block; readonly reason: string | null }
  | { readonly kind: 'withdrawn'; readonly at: number; readonly quantity: number; readonly reason: string | null }
  | { readonly kind: 'slot-cancelled'; readonly at: number; readonly reason: string | null };

export type UnitStory = BookingStory | OperatorStory;

/** What became of a unit, out of the events that touched it, in the order in which each part of it began. */
export function tellUnit(unitId: string, items: readonly AuditEvent[]): readonly UnitStory[] {
  const stories: UnitStory[] = [];
  const bookings = new Map<string, BookingStory>();
  for (const item of items) {
    const event = { ...(item.data as object), type: item.type } as SlotEvent;
    const at = instantOfEvent(item);
    if ('bookingId' in event) tellBooking(event, at, unitId, bookings, stories);
    else tellOperator(event, at, unitId, stories);
  }
  return stories;
}

function tellOperator(event: Exclude<SlotEvent, { readonly bookingId: string }>, at: number, unitId: string, stories: UnitStory[]): void {
  switch (event.type) {
    case 'SlotOpened':
      stories.push({ kind: 'there', at });
      return;
    case 'UnitsAdded':
      stories.push({ kind: 'added', at });
      return;
    case 'UnitsChanged':
      for (const { unitId: id, ...changes } of event.changes) if (id === unitId) stories.push({ kind: 'changed', at, changes });
      return;
    case 'UnitsBlocked':
    case 'UnitsUnblocked':
      for (const block of event.blocks) {
        if (block.unitId !== unitId) continue;
        stories.push({ kind: event.type === 'UnitsBlocked' ? 'blocked' : 'unblocked', at, block, reason: event.reason });
      }
      return;
    case 'UnitsWithdrawn':
      for (const { unitId: id, quantity } of event.units) {
        if (id === unitId) stories.push({ kind: 'withdrawn', at, quantity, reason: event.reason });
      }
      return;
    case 'SlotCancelled':
      stories.push({ kind: 'slot-cancelled', at, reason: event.reason });
      return;
    case 'SlotChanged':
    case 'SlotClosed':
    case 'SlotReopened':
      return;
  }
}

function tellBooking(
  event: Extract<SlotEvent, { readonly bookingId: string }>,
  at: number,
  unitId: string,
  bookings: Map<string, BookingStory>,
  stories: UnitStory[],
): void {
  const { bookingId, customerId } = event;
  const ofUnit = (claims: readonly Block[]) => claims.find((claim) => claim.unitId === unitId);
  const begin = (claim: Block, heldUntil: number): void => {
    const story: BookingStory = {
      kind: 'booking',
      at,
      bookingId,
      customerId,
      span: { from: claim.from, to: claim.to },
      taken: claim.quantity,
      quantity: claim.quantity,
      heldUntil,
      extendedAt: null,
      confirmed: null,
      parts: [],
      end: null,
    };
    bookings.set(bookingId, story);
    stories.push(story);
  };
  const story = bookings.get(bookingId);
  switch (event.type) {
    case 'BookingRequested':
      return;
    case 'SeatsHeld': {
      const claim = ofUnit(event.claims);
      if (claim !== undefined) begin(claim, event.expiresAt);
      return;
    }
    case 'BookingChanged': {
      const dropped = ofUnit(event.dropped);
      const added = ofUnit(event.added);
      if (dropped !== undefined) leave(story, dropped.quantity, 'changed', at, null);
      if (added === undefined) return;
      if (story === undefined || story.end !== null) begin(added, event.expiresAt);
      else story.quantity += added.quantity;
      return;
    }
    case 'HoldExtended':
      if (story !== undefined) Object.assign(story, { heldUntil: event.expiresAt, extendedAt: at });
      return;
    case 'BookingConfirmed': {
      const left = ofUnit(event.released);
      if (left !== undefined) leave(story, left.quantity, 'not-confirmed', at, null);
      if (story !== undefined && story.end === null) story.confirmed = { at, paymentReference: event.paymentReference };
      return;
    }
    case 'SeatsReleased':
      leave(story, ofUnit(event.claims)?.quantity ?? 0, 'given-back', at, event.reason);
      return;
    case 'BookingCancelled':
      leave(story, ofUnit(event.claims)?.quantity ?? 0, 'cancelled', at, event.reason);
      return;
    case 'BookingExpired':
      leave(story, ofUnit(event.claims)?.quantity ?? 0, 'expired', event.expiresAt, null);
      return;
  }
}

function leave(story: BookingStory | undefined, quantity: number, kind: EndKind, at: number, reason: string | null): void {
  if (story === undefined || quantity === 0) return;
  story.quantity -= quantity;
  if (story.quantity <= 0) story.end = { kind, at, reason };
  else story.parts.push({ at, quantity, kind });
}
