import type { Axis } from '../../../src/domain/axis.ts';
import type { Block, Claim, SlotEvent, SlotPolicy } from '../../../src/domain/slot/events.ts';
import type { SlotFact } from '../../../src/domain/slot/evolve.ts';
import type { Unit } from '../../../src/domain/unit.ts';
import { type EntryStatus, type Terms, UnitLedger } from './unit-ledger.ts';

export interface LedgerBooking {
  status: 'HELD' | 'CONFIRMED' | 'EXPIRED' | 'CANCELLED';
  claims: Claim[];
  expiresAt: number;
  readonly maxExpiresAt: number;
  paymentReference: string | null;
  /** When it lapsed or was cancelled; null while it is active. */
  endedAt: number | null;
}

/**
 * A second opinion on a slot: the events as plain lists of who has what from where to where. It
 * shares nothing with the domain but the names of the events, and throws at the first event that
 * sells what there is not, or moves what nobody has.
 */
export class Ledger {
  readonly units = new Map<string, UnitLedger>();
  readonly bookings = new Map<string, LedgerBooking>();
  status: 'OPEN' | 'CLOSED' | 'CANCELLED' = 'OPEN';
  axis: Axis = { type: 'whole' };
  startsAt: number | null = null;
  endsAt: number | null = null;
  policy: SlotPolicy | null = null;
  version = 0;
  time = 0;

  apply(fact: SlotFact): void {
    const { event, at } = fact;
    if (at < this.time) throw new Error('stream time runs backwards');
    this.time = at;
    this.version += 1;
    this.record(event, at);
  }

  private record(event: SlotEvent, at: number): void {
    switch (event.type) {
      case 'SlotOpened':
        Object.assign(this, {
          status: event.status,
          axis: event.axis,
          startsAt: event.startsAt,
          endsAt: event.endsAt,
          policy: event.policy,
        });
        for (const unit of event.units) this.addUnit(unit);
        return;
      case 'UnitsAdded':
        for (const unit of event.units) this.addUnit(unit);
        return;
      case 'UnitsChanged':
        for (const { unitId, capacity, ...terms } of event.changes) {
          const unit = this.unit(unitId);
          Object.assign(unit, { terms: { ...unit.terms, ...terms }, capacity: capacity ?? unit.capacity });
          if (this.axis.type === 'time') unit.shrunkAt = at;
          unit.check();
        }
        return;
      case 'UnitsBlocked':
        for (const block of event.blocks) this.block(block, 1);
        return;
      case 'UnitsUnblocked':
        for (const block of event.blocks) this.block(block, -1);
        return;
      case 'UnitsWithdrawn':
        for (const { unitId, quantity } of event.units) {
          this.unit(unitId).withdraw(quantity, this.axis.type === 'time' ? at : Number.NEGATIVE_INFINITY);
          this.unit(unitId).check();
        }
        return;
      case 'SlotChanged':
        Object.assign(this, event.changes);
        return;
      case 'SlotClosed':
      case 'SlotReopened':
      case 'SlotCancelled':
        this.status = event.type === 'SlotClosed' ? 'CLOSED' : event.type === 'SlotReopened' ? 'OPEN' : 'CANCELLED';
        return;
      case 'CommandAcknowledged':
      case 'BookingRequested':
        return;
      default:
        this.recordBooking(event, at);
    }
  }

  private recordBooking(event: Exclude<Extract<SlotEvent, { bookingId: string }>, { type: 'BookingRequested' }>, at: number): void {
    const { bookingId } = event;
    if (event.type === 'SeatsHeld') {
      if (this.bookings.has(bookingId)) throw new Error(`${bookingId} is held twice`);
      const { expiresAt, maxExpiresAt } = event;
      this.bookings.set(bookingId, { status: 'HELD', claims: [], expiresAt, maxExpiresAt, paymentReference: null, endedAt: null });
      this.take(bookingId, event.claims);
      return;
    }
    const booking = this.booking(bookingId);
    switch (event.type) {
      case 'HoldExtended':
        this.mustBeAlive(booking, at);
        if (event.expiresAt <= booking.expiresAt || event.expiresAt > booking.maxExpiresAt)
          throw new Error('a hold is extended the wrong way');
        booking.expiresAt = event.expiresAt;
        return;
      case 'BookingChanged': {
        this.mustBeAlive(booking, at);
        const before = booking.claims.map((claim) => ({ ...claim }));
        this.giveBack(bookingId, event.dropped, 'held');
        this.take(bookingId, event.added, before);
        return;
      }
      case 'BookingConfirmed':
        this.mustBeAlive(booking, at);
        this.giveBack(bookingId, event.released, 'held');
        this.sell(bookingId, event.claims);
        Object.assign(booking, { status: 'CONFIRMED', paymentReference: event.paymentReference });
        return;
      case 'SeatsReleased':
        this.giveBack(bookingId, event.claims, event.previousStatus === 'HELD' ? 'held' : 'sold');
        if (booking.claims.length === 0) throw new Error('a partial cancellation leaves nothing');
        return;
      case 'BookingCancelled':
        if (booking.status !== event.previousStatus) throw new Error(`${bookingId} was ${booking.status}`);
        if (booking.status === 'HELD') this.mustBeAlive(booking, at);
        this.giveBack(bookingId, event.claims, event.previousStatus === 'HELD' ? 'held' : 'sold');
        this.finish(booking, 'CANCELLED', at);
        return;
      case 'BookingExpired':
        if (booking.status !== 'HELD' || at < booking.expiresAt) throw new Error(`${bookingId} lapses too early, or was ${booking.status}`);
        this.giveBack(bookingId, event.claims, 'held');
        this.finish(booking, 'EXPIRED', at);
        return;
    }
  }

  unit(unitId: string): UnitLedger {
    const unit = this.units.get(unitId);
    if (unit === undefined) throw new Error(`there is no unit ${unitId}`);
    return unit;
  }

  /** Where a claim ends to matter: after the buffer, where the slot has one. */
  endOf(to: number): number {
    return this.axis.type === 'time' ? to + this.axis.bufferMinutes * 60_000 : to;
  }

  /** Places of the unit that can be had over the whole span. */
  free(unit: UnitLedger, from: number, to: number): number {
    if (!this.isOffered(unit.terms, from, to)) return 0;
    return Math.max(0, unit.capacity - unit.most(from, this.endOf(to)));
  }

  private isOffered({ availableFrom, availableUntil }: Terms, from: number, to: number): boolean {
    if (this.axis.type === 'time') return availableFrom <= from && to <= availableUntil;
    if (this.axis.type === 'stops') {
      const { stops } = this.axis;
      return availableFrom <= stops[from]!.departsAt! && stops[to]!.arrivesAt! <= availableUntil;
    }
    return availableFrom <= this.startsAt! && this.endsAt! <= availableUntil;
  }

  private booking(bookingId: string): LedgerBooking {
    const booking = this.bookings.get(bookingId);
    if (booking === undefined) throw new Error(`there is no booking ${bookingId}`);
    return booking;
  }

  private mustBeAlive(booking: LedgerBooking, at: number): void {
    if (booking.status !== 'HELD' || at >= booking.expiresAt) throw new Error(`a hold is used that is over: ${booking.status} at ${at}`);
  }

  private addUnit(unit: Unit): void {
    const terms: Terms = {
      category: unit.category,
      price: unit.price!,
      priceBasis: unit.priceBasis ?? 'claim',
      accessible: unit.accessible ?? false,
      availableFrom: unit.availableFrom ?? Number.NEGATIVE_INFINITY,
      availableUntil: unit.availableUntil ?? Number.POSITIVE_INFINITY,
    };
    const known = this.units.get(unit.unitId);
    if (known === undefined) this.units.set(unit.unitId, new UnitLedger(unit.unitId, unit.capacity ?? 1, terms));
    else if (known.capacity > 0) throw new Error(`${unit.unitId} is added twice`);
    else Object.assign(known, { terms, capacity: unit.capacity ?? 1 });
  }

  private block(block: Block, sign: 1 | -1): void {
    const unit = this.unit(block.unitId);
    unit.add({ bookingId: null, from: block.from, to: block.to, quantity: sign * block.quantity, status: 'blocked' });
    unit.check();
  }

  private take(bookingId: string, claims: readonly Claim[], before: readonly Claim[] = []): void {
    const booking = this.booking(bookingId);
    for (const claim of claims) {
      const unit = this.unit(claim.unitId);
      if (!Number.isSafeInteger(claim.quantity) || claim.quantity < 1) throw new Error(`a claim of ${claim.quantity}`);
      this.checkPrice(unit, claim, before);
      if (!this.isOffered(unit.terms, claim.from, claim.to)) throw new Error(`${claim.unitId} is not offered then`);
      const mine = booking.claims.find((other) => other.unitId === claim.unitId);
      if (mine === undefined) booking.claims.push({ ...claim });
      else Object.assign(mine, { quantity: mine.quantity + claim.quantity });
      unit.add({ bookingId, from: claim.from, to: this.endOf(claim.to), quantity: claim.quantity, status: 'held' });
      unit.check();
    }
    if (booking.claims.reduce((sum, claim) => sum + claim.quantity, 0) > this.policy!.maxUnitsPerBooking)
      throw new Error('a booking has too many units');
  }

  /** What a claim costs, at the unit's price of today or at the price that the booking has it for. */
  private checkPrice({ terms }: UnitLedger, claim: Claim, before: readonly Claim[]): void {
    const length = claim.to - claim.from;
    const hours = Math.ceil(length / 3_600_000);
    const times = { claim: 1, stop: length, hour: hours, day: Math.ceil(hours / 24) }[terms.priceBasis]!;
    const price = before.find((other) => other.unitId === claim.unitId)?.price ?? terms.price;
    if (claim.price !== price || claim.amount !== price * times * claim.quantity) throw new Error(`${claim.unitId} costs ${claim.amount}`);
  }

  private giveBack(bookingId: string, claims: readonly Claim[], status: EntryStatus): void {
    const booking = this.booking(bookingId);
    for (const claim of claims) {
      const mine = booking.claims.find((other) => other.unitId === claim.unitId);
      if (mine === undefined || mine.quantity < claim.quantity) throw new Error(`${bookingId} gives back what it has not`);
      Object.assign(mine, { quantity: mine.quantity - claim.quantity });
      this.unit(claim.unitId).giveBack(bookingId, status, claim.quantity);
    }
    booking.claims = booking.claims.filter((claim) => claim.quantity > 0);
  }

  private sell(bookingId: string, claims: readonly Claim[]): void {
    const booking = this.booking(bookingId);
    const quantitiesOf = (list: readonly Claim[]) => JSON.stringify(list.map(({ unitId, quantity }) => [unitId, quantity]).sort());
    if (quantitiesOf(claims) !== quantitiesOf(booking.claims)) throw new Error('a confirmation neither sells nor releases a part');
    for (const { unitId, quantity, from, to } of claims) {
      const unit = this.unit(unitId);
      unit.giveBack(bookingId, 'held', quantity);
      unit.add({ bookingId, from, to: this.endOf(to), quantity, status: 'sold' });
    }
  }

  private finish(booking: LedgerBooking, status: 'EXPIRED' | 'CANCELLED', at: number): void {
    if (booking.claims.length > 0) throw new Error('a booking that is over keeps claims');
    Object.assign(booking, { status, endedAt: at });
  }
}
