import { type BookingAccount, type BookingStatus, bookingOf, type ClaimData, less, more } from './booking-account.ts';
import { isOffered, takesPlace, withBuffer } from './head-account.ts';
import type { Json, LoggedEvent, Tell } from './history.ts';
import { selectionFault } from './judge-selection.ts';
import { amountOf, offerOver } from './offer.ts';
import { keepsOpeningHours } from './opening-hours.ts';
import { isOver } from './past.ts';
import { areSideBySide, orphansOf } from './seating.ts';
import type { SlotAccount } from './slot-account.ts';
import type { Usage } from './unit-account.ts';

/** What may happen to a booking of a status; anything else would be a booking that lives twice. */
const MAY_FOLLOW: Readonly<Record<BookingStatus, readonly string[]>> = {
  HELD: ['HoldExtended', 'BookingChanged', 'BookingConfirmed', 'SeatsReleased', 'BookingCancelled', 'BookingExpired'],
  CONFIRMED: ['SeatsReleased', 'BookingCancelled'],
  CANCELLED: [],
  EXPIRED: [],
};

/** Fields in which events name parts of a booking. */
const PARTS = ['claims', 'added', 'dropped', 'released'] as const;

/** Bookings of one slot as the log's events make them. */
export class BookingEvents {
  readonly byId = new Map<string, BookingAccount>();
  private readonly slot: SlotAccount;
  private readonly fault: Tell;
  /** What was asked, while the next event has to be what was held. */
  private requested: LoggedEvent | null = null;
  /** Holds in the order in which they lapse, with entries that no longer count. */
  private readonly due: { readonly expiresAt: number; readonly bookingId: string }[] = [];

  constructor(slot: SlotAccount, fault: Tell) {
    this.slot = slot;
    this.fault = fault;
  }

  /** A request stands in the log with its hold right behind it, in one append, or not at all. */
  expect(next: LoggedEvent | null): void {
    const { requested } = this;
    if (requested === null) {
      if (next?.type === 'SeatsHeld') this.fault('half', `${String(next.data.bookingId)} is held, but was not asked for`);
      return;
    }
    const isWhole =
      next?.type === 'SeatsHeld' && next.data.bookingId === requested.data.bookingId && next.position === requested.position + 1;
    if (!isWhole) this.fault('half', `${String(requested.data.bookingId)} was asked for, but not held`);
  }

  /** False for an event that is not about a booking. */
  apply(event: LoggedEvent): boolean {
    if (event.type === 'BookingRequested') {
      this.requested = event;
      return true;
    }
    const bookingId = String(event.data.bookingId);
    if (event.type === 'SeatsHeld') {
      if (this.byId.has(bookingId)) this.fault('log', `${bookingId} is held a second time`);
      else if (this.requested !== null) this.hold(this.requested, event);
      this.requested = null;
      return true;
    }
    if (!MAY_FOLLOW.HELD.includes(event.type)) return false;
    const booking = this.byId.get(bookingId);
    if (booking === undefined || !MAY_FOLLOW[booking.status].includes(event.type)) {
      this.fault('log', `${event.type} of ${bookingId}, which is ${booking?.status ?? 'unknown'}`);
      return true;
    }
    this.follow(booking, event);
    booking.version = event.version;
    return true;
  }

  /** Judges the slot as it is once every hold that has lapsed by the instant is gone. */
  lapsedBy<Verdict>(now: number, judge: () => Verdict): Verdict {
    const lapsed = this.dueBy(now);
    for (const { claims } of lapsed) this.moveAll('held', claims, -1, false);
    const verdict = judge();
    for (const { claims } of lapsed) this.moveAll('held', claims, 1, false);
    return verdict;
  }

  private hold(requested: LoggedEvent, held: LoggedEvent): void {
    const { at } = held;
    const booking = bookingOf(this.slot.slotId, this.slot.opened.axis, requested, held);
    this.checkHold(booking, at);
    const other = selectionFault(this.slot, requested.data.asked as Json, booking);
    if (other !== null) this.fault('log', `${booking.bookingId} holds otherwise than was asked for: ${other}`);
    this.checkNeighbours(booking, booking.claims, []);
    this.byId.set(booking.bookingId, booking);
    this.moveAll('held', booking.claims, 1);
    this.checkTerms(booking, booking.claims, at);
    this.wait(booking);
  }

  private follow(booking: BookingAccount, event: LoggedEvent): void {
    const { type, data, at } = event;
    const list = (field: string) => (data[field] ?? []) as readonly ClaimData[];
    const usage: Usage = booking.status === 'HELD' ? 'held' : 'sold';
    if (booking.status === 'HELD' && type !== 'BookingExpired' && at >= booking.expiresAt)
      this.fault('log', `${type} of ${booking.bookingId}, whose hold was over ${at - booking.expiresAt} ms before`);
    const isOverWithSlot =
      this.slot.head?.status === 'CANCELLED' && !['SeatsReleased', 'BookingCancelled', 'BookingExpired'].includes(type);
    if (isOverWithSlot) this.fault('log', `${type} of ${booking.bookingId}, whose slot had been cancelled`);
    const isElsewhere = PARTS.some((field) => list(field).some((claim) => !isBookedAt(booking, claim)));
    if (isElsewhere) this.fault('log', `${type} of ${booking.bookingId} is about another span than was booked`);
    switch (type) {
      case 'HoldExtended':
        if (Number(data.expiresAt) <= booking.expiresAt || Number(data.expiresAt) > booking.maxExpiresAt)
          this.fault('log', `the hold of ${booking.bookingId} is extended the wrong way`);
        booking.expiresAt = Number(data.expiresAt);
        this.wait(booking);
        return;
      case 'BookingChanged':
        this.checkNeighbours(booking, list('added'), list('dropped'));
        this.checkPrices(booking, list('added'));
        this.giveBack(booking, list('dropped'), usage, 'changed', at);
        booking.claims = more(booking.claims, list('added'));
        booking.adjacent = data.adjacent === true;
        this.checkAdjacent(booking);
        this.moveAll('held', list('added'), 1);
        this.checkTerms(booking, list('added'), at);
        return;
      case 'BookingConfirmed':
        this.giveBack(booking, list('released'), usage, 'not-confirmed', at);
        if (less(list('claims'), booking.claims)?.length !== 0)
          this.fault('log', `what is sold to ${booking.bookingId} is not what it held`);
        this.moveAll('held', booking.claims, -1);
        this.moveAll('sold', booking.claims, 1);
        Object.assign(booking, { status: 'CONFIRMED', confirmedAt: at, paymentReference: data.paymentReference });
        return;
      case 'SeatsReleased':
        this.giveBack(booking, list('claims'), usage, 'cancelled', at);
        if (booking.claims.length === 0) this.fault('log', `${booking.bookingId} is left with nothing`);
        return;
      case 'BookingCancelled':
        this.giveBack(booking, list('claims'), usage, this.slot.head?.status === 'CANCELLED' ? 'slot-cancelled' : 'cancelled', at);
        this.end(booking, 'CANCELLED');
        return;
      default:
        if (at < booking.expiresAt) this.fault('log', `${booking.bookingId} lapses ${booking.expiresAt - at} ms too early`);
        this.giveBack(booking, list('claims'), 'held', 'expired', at);
        this.end(booking, 'EXPIRED');
        return;
    }
  }

  private end(booking: BookingAccount, status: BookingStatus): void {
    if (booking.claims.length > 0) this.fault('log', `${booking.bookingId} is over, but does not give everything back`);
    booking.status = status;
  }

  private giveBack(booking: BookingAccount, claims: readonly ClaimData[], usage: Usage, reason: string, at: number): void {
    const left = less(booking.claims, claims);
    if (left === null) return void this.fault('log', `${booking.bookingId} gives back what it does not have`);
    booking.claims = left;
    booking.released = [...booking.released, ...claims.map(({ unitId, quantity }) => ({ unitId, quantity, reason, at }))];
    this.moveAll(usage, claims, -1);
  }

  private moveAll(usage: Usage, claims: readonly ClaimData[], sign: 1 | -1, checked = true): void {
    for (const claim of claims) {
      const piece = { unitId: claim.unitId, quantity: sign * claim.quantity, ...withBuffer(this.slot.opened, claim) };
      if (checked) this.slot.move(usage, piece);
      else this.slot.units.get(piece.unitId)?.move(usage, piece.from, piece.to, piece.quantity);
    }
  }

  /** A hold lasts as long as the slot lets it, is about what was asked for, and costs what its units cost. */
  private checkHold(booking: BookingAccount, at: number): void {
    const { bookingId, requestedAt, expiresAt, maxExpiresAt, claims } = booking;
    const { holdSeconds, maxHoldSeconds } = this.slot.opened.policy;
    if (requestedAt !== at || expiresAt !== at + holdSeconds * 1000 || maxExpiresAt !== at + maxHoldSeconds * 1000)
      this.fault('log', `${bookingId} is held until ${expiresAt - at} of at most ${maxExpiresAt - at} ms from now`);
    if (claims.length === 0) this.fault('log', `${bookingId} holds nothing`);
    if (claims.some((claim) => !isBookedAt(booking, claim))) this.fault('log', `${bookingId} holds another span than was asked for`);
    this.checkPrices(booking, claims);
    this.checkAdjacent(booking);
  }

  /** A new claim costs what its unit does; more of a unit that the booking has costs what it did then. */
  private checkPrices({ bookingId, claims, stretch }: BookingAccount, taken: readonly ClaimData[]): void {
    for (const claim of taken) {
      const own = claims.find((one) => one !== claim && one.unitId === claim.unitId);
      const unit = this.slot.unit(claim.unitId);
      if (unit === undefined) continue;
      const price = own?.price ?? unit.price ?? 0;
      const amount = own === undefined ? amountOf(unit, stretch, claim.quantity) : (own.amount / own.quantity) * claim.quantity;
      if (claim.price !== price || claim.amount !== amount)
        this.fault('log', `${bookingId} has ${claim.unitId} for ${claim.amount} at ${claim.price}, not for ${amount} at ${price}`);
    }
  }

  private checkAdjacent({ bookingId, claims, adjacent }: BookingAccount): void {
    const unitIds = new Set(claims.map(({ unitId }) => unitId));
    if (adjacent !== areSideBySide(this.slot, unitIds))
      this.fault('log', `${bookingId} says the wrong of its units' standing side by side`);
  }

  /** Where the slot forbids it, no unit is left alone between others. To be called before anything is taken. */
  private checkNeighbours({ bookingId, stretch }: BookingAccount, added: readonly ClaimData[], dropped: readonly ClaimData[]): void {
    if (added.length === 0 || this.slot.opened.policy.orphanSeats !== 'forbid') return;
    const { freeOf } = offerOver(this.slot, stretch, new Map(dropped.map(({ unitId, quantity }) => [unitId, quantity])));
    const orphans = orphansOf(this.slot, new Set(added.map(({ unitId }) => unitId)), freeOf);
    if (orphans.size > 0) this.fault('log', `${bookingId} leaves ${[...orphans].join(', ')} alone`);
  }

  /** What the slot lets a booking take, and when. */
  private checkTerms({ bookingId, claims, stretch }: BookingAccount, taken: readonly ClaimData[], at: number): void {
    if (taken.length === 0) return;
    const head = this.slot.opened;
    if (head.status !== 'OPEN') this.fault('log', `${bookingId} takes units of a slot that is ${head.status}`);
    const isOnSale = at >= (head.salesFrom ?? at) && at < (head.salesUntil ?? Number.POSITIVE_INFINITY);
    if (!isOnSale) this.fault('log', `${bookingId} takes units outside the sales window`);
    if (!head.policy.acceptPast && isOver(head, stretch, at)) this.fault('log', `${bookingId} takes units of what is over`);
    if (!keepsOpeningHours(head, stretch)) this.fault('log', `${bookingId} takes units outside the opening hours`);
    const count = claims.reduce((sum, { quantity }) => sum + quantity, 0);
    if (count > head.policy.maxUnitsPerBooking) this.fault('log', `${bookingId} has ${count} units, more than the slot allows`);
    for (const claim of taken) {
      const unit = this.slot.unit(claim.unitId);
      if (unit === undefined || !isOffered(unit.data, takesPlace(head, claim)))
        this.fault('capacity', `${claim.unitId} is not on offer then`);
    }
  }

  private wait({ bookingId, expiresAt }: BookingAccount): void {
    let index = this.due.length;
    while (index > 0 && (this.due[index - 1] as { expiresAt: number }).expiresAt > expiresAt) index -= 1;
    this.due.splice(index, 0, { expiresAt, bookingId });
  }

  private dueBy(now: number): readonly BookingAccount[] {
    const counts = ({ expiresAt, bookingId }: { readonly expiresAt: number; readonly bookingId: string }) => {
      const booking = this.byId.get(bookingId);
      return booking?.status === 'HELD' && booking.expiresAt === expiresAt;
    };
    while (this.due.length > 0 && !counts(this.due[0]!)) this.due.shift();
    const found = new Set<BookingAccount>();
    for (const entry of this.due) {
      if (entry.expiresAt > now) break;
      if (counts(entry)) found.add(this.byId.get(entry.bookingId)!);
    }
    return [...found];
  }
}

/** A booking lies over one span for all of its life, with all that it has and gives back. */
function isBookedAt({ stretch }: BookingAccount, { from, to }: ClaimData): boolean {
  return from === stretch.from && to === stretch.to;
}
