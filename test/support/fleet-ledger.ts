import type { Block, Claim, SlotOpened } from '../../src/domain/slot/events.ts';
import type { Span } from '../../src/domain/span.ts';
import type { Unit } from '../../src/domain/unit.ts';
import type { FeedEvent } from '../../src/projections/projection.ts';

const MINUTE = 60_000;

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  clocks.set(timeZone, clock);
  return clock;
}

interface Taking extends Span {
  readonly unitId: string;
  readonly quantity: number;
}

/**
 * What a fleet's events say, kept as plain lists and looked through from one end to the other: an oracle
 * that shares no code with what makes rows of hours.
 */
export class FleetLedger {
  readonly units = new Map<string, Unit>();
  private slot: SlotOpened | null = null;
  private readonly bookings = new Map<string, readonly Claim[]>();
  private blocks: (Block & { readonly sign: 1 | -1 })[] = [];

  take({ event }: FeedEvent): void {
    switch (event.type) {
      case 'SlotOpened':
        this.slot = event;
        for (const unit of event.units) this.units.set(unit.unitId, unit);
        return;
      case 'SlotChanged':
        this.slot = { ...this.opened, ...event.changes };
        return;
      case 'UnitsAdded':
        for (const unit of event.units) this.units.set(unit.unitId, unit);
        return;
      case 'UnitsChanged':
        for (const change of event.changes) this.units.set(change.unitId, { ...(this.units.get(change.unitId) as Unit), ...change });
        return;
      case 'UnitsWithdrawn':
        for (const { unitId, quantity } of event.units) this.withdraw(unitId, quantity);
        return;
      case 'UnitsBlocked':
      case 'UnitsUnblocked':
        this.blocks.push(
          ...event.blocks.map((block) => ({ ...block, sign: event.type === 'UnitsBlocked' ? (1 as const) : (-1 as const) })),
        );
        return;
      case 'SeatsHeld':
        this.bookings.set(event.bookingId, event.claims);
        return;
      case 'BookingChanged':
        this.bookings.set(event.bookingId, [...this.left(event.bookingId, event.dropped), ...event.added]);
        return;
      case 'BookingConfirmed':
        this.bookings.set(event.bookingId, event.claims);
        return;
      case 'SeatsReleased':
        this.bookings.set(event.bookingId, this.left(event.bookingId, event.claims));
        return;
      case 'BookingCancelled':
      case 'BookingExpired':
        this.bookings.delete(event.bookingId);
        return;
    }
  }

  get opened(): SlotOpened {
    if (this.slot === null) throw new Error('the fleet was never opened');
    return this.slot;
  }

  /** How much of each unit can be booked over the hour, by unit; units of which nothing can are left out. */
  freeOver(hour: Span): ReadonlyMap<string, number> {
    const { axis } = this.opened;
    if (axis.type !== 'time') throw new Error('not a fleet');
    const needed = { from: hour.from, to: hour.to + axis.bufferMinutes * MINUTE };
    const takings = this.takings(axis.bufferMinutes * MINUTE);
    const free = new Map<string, number>();
    for (const {
      unitId,
      capacity = 1,
      availableFrom = Number.NEGATIVE_INFINITY,
      availableUntil = Number.POSITIVE_INFINITY,
    } of this.units.values()) {
      const own = takings.filter((taking) => taking.unitId === unitId && taking.from < needed.to && taking.to > needed.from);
      const ends = own.flatMap(({ from, to }) => [from, to]).filter((point) => point > needed.from && point < needed.to);
      const points = [needed.from, ...ends];
      const most = Math.max(
        ...points.map((point) => own.reduce((sum, { from, to, quantity }) => (from <= point && point < to ? sum + quantity : sum), 0)),
      );
      const left = this.isOpen(hour) && hour.from >= availableFrom && hour.to <= availableUntil ? capacity - most : 0;
      if (left > 0) free.set(unitId, left);
    }
    return free;
  }

  isOpen(hour: Span): boolean {
    const { axis, timeZone } = this.opened;
    if (axis.type !== 'time' || axis.opening === undefined) return true;
    const clock = clockOf(timeZone);
    const opening = axis.opening;
    const isStaffed = (instant: number) => {
      const [day = '', time = ''] = clock.format(instant).split(/,? /);
      return opening.some(({ days, from, to }) => days.some((one) => day.toUpperCase().startsWith(one)) && from <= time && time < to);
    };
    return isStaffed(hour.from) && (isStaffed(hour.to - 1) || isStaffed(hour.to));
  }

  private takings(buffer: number): readonly Taking[] {
    const booked = [...this.bookings.values()]
      .flat()
      .map(({ unitId, from, to, quantity }) => ({ unitId, from, to: to + buffer, quantity }));
    return [...booked, ...this.blocks.map(({ unitId, from, to, quantity, sign }) => ({ unitId, from, to, quantity: sign * quantity }))];
  }

  private withdraw(unitId: string, quantity: number): void {
    const unit = this.units.get(unitId) as Unit;
    if (unit.capacity !== undefined && unit.capacity > quantity) this.units.set(unitId, { ...unit, capacity: unit.capacity - quantity });
    else {
      this.units.delete(unitId);
      this.blocks = this.blocks.filter((block) => block.unitId !== unitId);
    }
  }

  /** Claims of which nothing is left are not kept: a unit may come back to its booking, and then go once more. */
  private left(bookingId: string, gone: readonly Claim[]): readonly Claim[] {
    return (this.bookings.get(bookingId) ?? [])
      .map((claim) => {
        const dropped = gone.filter(({ unitId }) => unitId === claim.unitId).reduce((sum, { quantity }) => sum + quantity, 0);
        return { ...claim, quantity: claim.quantity - dropped };
      })
      .filter(({ quantity }) => quantity > 0);
  }
}
