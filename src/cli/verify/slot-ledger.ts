import type { Axis } from '../../domain/axis.ts';
import type { Claim, SlotEvent } from '../../domain/slot/events.ts';
import type { Span } from '../../domain/span.ts';
import type { Unit } from '../../domain/unit.ts';
import type { AccountStep } from './unit-account.ts';
import { UnitAccounts } from './unit-accounts.ts';

/** A rule that an event broke. */
export interface LedgerFault {
  readonly rule: 'conservation' | 'life-cycle';
  readonly message: string;
}

interface LedgerBooking {
  status: 'held' | 'sold';
  expiresAt: number;
  readonly maxExpiresAt: number;
  /** Quantity by unit and span. */
  readonly claims: Map<string, { readonly claim: Claim; quantity: number }>;
}

/**
 * Second opinion on a slot: what is taken of each unit, added up from the events by nothing but
 * endpoints and quantities. It shares no code with the domain's state, so that a mistake there is not
 * believed twice. Each event is checked at every point of every unit that it touches.
 */
export class SlotLedger {
  private readonly accounts = new UnitAccounts((message) => this.broken('life-cycle', message));
  private readonly bookings = new Map<string, LedgerBooking>();
  private readonly layoutUnits: (layoutId: string) => readonly Unit[];
  private axis: Axis = { type: 'whole' };
  private lastAt = 0;
  private readonly suspects = new Set<string>();
  private faults: LedgerFault[] = [];

  /** @param layoutUnits the units of a layout that was loaded before. */
  constructor(layoutUnits: (layoutId: string) => readonly Unit[]) {
    this.layoutUnits = layoutUnits;
  }

  /** Takes the next event of the slot, decided at `at` (epoch milliseconds), and answers what it broke. */
  take(event: SlotEvent, at: number): readonly LedgerFault[] {
    this.faults = [];
    if (at < this.lastAt) this.broken('life-cycle', `stream time runs backwards, from ${this.lastAt} to ${at}`);
    this.lastAt = Math.max(this.lastAt, at);
    const touched = this.apply(event, at);
    for (const unitId of new Set(touched)) this.check(unitId);
    return this.faults;
  }

  /** What is taken over the axis by all units together, from `from` on. */
  usage(from: number): readonly AccountStep[] {
    return this.accounts.usage(from);
  }

  /** What is off sale of a unit over the axis. */
  blocksOf(unitId: string): readonly AccountStep[] {
    return this.accounts.blocksOf(unitId);
  }

  private apply(event: SlotEvent, at: number): readonly string[] {
    switch (event.type) {
      case 'SlotOpened':
        this.axis = event.axis;
        if (event.layoutId !== null) this.open(this.layoutUnits(event.layoutId));
        return this.open(event.units);
      case 'UnitsAdded':
        return this.open(event.units);
      case 'UnitsChanged':
        return event.changes.map(({ unitId, capacity }) => this.accounts.resize(unitId, capacity ?? 1, this.historyEnds(at)));
      case 'UnitsWithdrawn':
        return event.units.map(({ unitId, quantity }) => this.accounts.withdraw(unitId, quantity, this.historyEnds(at)));
      case 'UnitsBlocked':
        return event.blocks.map((block) => this.accounts.move(block.unitId, block, 'blocked', block.quantity));
      case 'UnitsUnblocked':
        return event.blocks.map((block) => this.accounts.move(block.unitId, block, 'blocked', -block.quantity));
      case 'SlotChanged':
      case 'SlotClosed':
      case 'SlotReopened':
      case 'SlotCancelled':
      case 'CommandAcknowledged':
      case 'BookingRequested':
        return [];
      default:
        return this.applyToBooking(event, at);
    }
  }

  private applyToBooking(
    event: Exclude<Extract<SlotEvent, { bookingId: string }>, { type: 'BookingRequested' }>,
    at: number,
  ): readonly string[] {
    const { bookingId } = event;
    if (event.type === 'SeatsHeld') {
      if (this.bookings.has(bookingId)) this.broken('life-cycle', `booking ${bookingId} is held a second time`);
      this.bookings.set(bookingId, {
        status: 'held',
        expiresAt: event.expiresAt,
        maxExpiresAt: event.maxExpiresAt,
        claims: new Map(),
      });
      return this.claim(bookingId, event.claims);
    }
    const booking = this.bookings.get(bookingId);
    if (booking === undefined) {
      this.broken('life-cycle', `${event.type} of booking ${bookingId}, which is not held or sold`);
      return [];
    }
    switch (event.type) {
      case 'HoldExtended':
        this.requireHold(booking, event.type, bookingId, at);
        if (event.expiresAt > booking.maxExpiresAt) {
          this.broken(
            'life-cycle',
            `the hold of booking ${bookingId} is extended ${event.expiresAt - booking.maxExpiresAt} ms beyond its limit`,
          );
        }
        booking.expiresAt = event.expiresAt;
        return [];
      case 'BookingChanged':
        this.requireHold(booking, event.type, bookingId, at);
        return [...this.release(bookingId, event.dropped), ...this.claim(bookingId, event.added)];
      case 'BookingConfirmed': {
        this.requireHold(booking, event.type, bookingId, at);
        const touched = [...this.release(bookingId, event.released), ...this.release(bookingId, event.claims)];
        if (booking.claims.size > 0) this.broken('life-cycle', `booking ${bookingId} is confirmed without all that it held`);
        booking.status = 'sold';
        return [...touched, ...this.claim(bookingId, event.claims)];
      }
      case 'SeatsReleased':
        this.require(booking.status === usageOf(event.previousStatus), event.type, bookingId);
        return this.release(bookingId, event.claims);
      case 'BookingCancelled':
        this.require(booking.status === usageOf(event.previousStatus), event.type, bookingId);
        return this.end(bookingId, event.claims, event.type);
      case 'BookingExpired':
        this.require(booking.status === 'held', event.type, bookingId);
        if (at < booking.expiresAt)
          this.broken('life-cycle', `booking ${bookingId} ends ${booking.expiresAt - at} ms before its hold runs out`);
        return this.end(bookingId, event.claims, event.type);
    }
  }

  private open(units: readonly Unit[]): readonly string[] {
    return units.map((unit) => this.accounts.open(unit));
  }

  private claim(bookingId: string, claims: readonly Claim[]): readonly string[] {
    const booking = this.bookings.get(bookingId) as LedgerBooking;
    return claims.map((claim) => {
      const known = booking.claims.get(keyOf(claim));
      booking.claims.set(keyOf(claim), { claim, quantity: (known?.quantity ?? 0) + claim.quantity });
      return this.accounts.move(claim.unitId, this.occupied(claim), booking.status, claim.quantity);
    });
  }

  private release(bookingId: string, claims: readonly Claim[]): readonly string[] {
    const booking = this.bookings.get(bookingId) as LedgerBooking;
    return claims.map((claim) => {
      const known = booking.claims.get(keyOf(claim));
      if (known === undefined || known.quantity < claim.quantity) {
        this.broken(
          'life-cycle',
          `booking ${bookingId} gives back ${claim.quantity} of unit ${claim.unitId}, but has ${known?.quantity ?? 0}`,
        );
      }
      if (known !== undefined && known.quantity > claim.quantity) known.quantity -= claim.quantity;
      else booking.claims.delete(keyOf(claim));
      return this.accounts.move(claim.unitId, this.occupied(claim), booking.status, -claim.quantity);
    });
  }

  private end(bookingId: string, claims: readonly Claim[], type: string): readonly string[] {
    const touched = this.release(bookingId, claims);
    const left = this.bookings.get(bookingId)?.claims.size ?? 0;
    if (left > 0) this.broken('life-cycle', `${type} of booking ${bookingId} leaves ${left} of its claims behind`);
    this.bookings.delete(bookingId);
    return touched;
  }

  /** On time a unit may once have been more than it is now. */
  private historyEnds(at: number): number | null {
    return this.axis.type === 'time' ? at : null;
  }

  /** On time the buffer stays free behind a claim. */
  private occupied({ from, to }: Claim): Span {
    return { from, to: this.axis.type === 'time' ? to + this.axis.bufferMinutes * 60_000 : to };
  }

  private check(unitId: string): void {
    const fault = this.accounts.firstFault(unitId);
    // Every later event on the unit would tell it again.
    if (fault === null || this.suspects.has(unitId)) return;
    this.suspects.add(unitId);
    const { at, held, sold, blocked } = fault.step;
    const numbers = `held ${held} + sold ${sold} + blocked ${blocked} of ${fault.capacity}`;
    const claimants = this.claimantsAt(unitId, at);
    const who = claimants.length === 0 ? '' : `, claimed by ${claimants.join(' and ')}`;
    this.broken('conservation', `unit ${unitId} does not add up at ${at}: ${numbers}${who}`);
  }

  private claimantsAt(unitId: string, at: number): readonly string[] {
    const found: string[] = [];
    for (const [bookingId, { claims }] of this.bookings) {
      for (const { claim } of claims.values()) {
        const { from, to } = this.occupied(claim);
        if (claim.unitId === unitId && from <= at && at < to) found.push(bookingId);
      }
    }
    return found;
  }

  /** A hold that has run out is nobody's any more, whether or not that is on record. */
  private requireHold({ status, expiresAt }: LedgerBooking, type: string, bookingId: string, at: number): void {
    this.require(status === 'held', type, bookingId);
    if (status === 'held' && at >= expiresAt) {
      this.broken('life-cycle', `${type} of booking ${bookingId} comes ${at - expiresAt} ms after its hold ran out`);
    }
  }

  private require(isSo: boolean, type: string, bookingId: string): void {
    if (!isSo) this.broken('life-cycle', `${type} does not follow what booking ${bookingId} is`);
  }

  private broken(rule: LedgerFault['rule'], message: string): void {
    this.faults.push({ rule, message });
  }
}

function keyOf({ unitId, from, to }: Claim): string {
  return `${from} ${to} ${unitId}`;
}

function usageOf(status: 'HELD' | 'CONFIRMED'): 'held' | 'sold' {
  return status === 'HELD' ? 'held' : 'sold';
}
