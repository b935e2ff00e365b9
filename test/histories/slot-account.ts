import { keyOf } from './asked.ts';
import { BookingEvents } from './booking-events.ts';
import { type HeadAccount, stretchToCome } from './head-account.ts';
import type { ClientRecord, Json, LoggedEvent, Tell } from './history.ts';
import { originOf } from './judge-deeds.ts';
import type { Binding } from './judge-keys.ts';
import { BookingEnds, REMEMBERED_MS } from './key-life.ts';
import type { OpenRequests } from './open-requests.ts';
import { total, UnitAccount, type UnitData, type Usage } from './unit-account.ts';

/** Units of layouts, by layout id. */
export type Layouts = ReadonlyMap<string, readonly UnitData[]>;

/** The event that made a slot what it is. */
export interface LastEvent {
  readonly event: LoggedEvent;
  /** The requests that it may have come from. */
  readonly fitting: readonly ClientRecord[];
  /** Whether somebody was told that it was done for them. */
  isAcknowledged: boolean;
}

interface Piece {
  readonly unitId: string;
  readonly quantity: number;
  readonly from: number;
  readonly to: number;
}

interface DoneCommand {
  readonly version: number;
  readonly at: number;
  readonly bookingId: string | null;
}

/**
 * A slot as its events make it, kept by plain lists and sums. It shares nothing with the engine but
 * the names of the events, and tells of every event that sells what there is not, moves what nobody
 * has, or comes where it cannot.
 */
export class SlotAccount {
  readonly slotId: string;
  version = 0;
  /** Stream time of the last event, epoch milliseconds. */
  time = 0;
  head: HeadAccount | null = null;
  last: LastEvent | null = null;
  /** In declared order. A withdrawn unit keeps its place, with capacity 0. */
  readonly units = new Map<string, UnitAccount>();
  readonly booked: BookingEvents;
  private readonly layouts: Layouts;
  private readonly requests: OpenRequests;
  private readonly serviceSkewMs: number;
  private readonly tell: Tell;
  /** What the idempotency keys did that are known by the events. */
  readonly bindings = new Map<string, Binding>();
  /** What was last done under each key. */
  private readonly commands = new Map<string, DoneCommand>();
  private readonly ends = new BookingEnds();

  /**
   * @param requests from which its events may come.
   * @param serviceSkewMs milliseconds by which the clocks that decided may be ahead of the store's.
   */
  constructor(slotId: string, layouts: Layouts, requests: OpenRequests, serviceSkewMs: number, tell: Tell) {
    this.slotId = slotId;
    this.layouts = layouts;
    this.requests = requests;
    this.serviceSkewMs = serviceSkewMs;
    this.tell = tell;
    this.booked = new BookingEvents(this, (rule, what) => this.fault(rule, what));
  }

  apply(event: LoggedEvent): void {
    if (event.version !== this.version + 1) this.fault('log', `version ${event.version} follows version ${this.version}`);
    this.version = event.version;
    if (event.at < this.time) this.fault('log', `stream time runs backwards by ${this.time - event.at} ms`);
    const ahead = event.at - event.recordedAt;
    if (ahead > this.serviceSkewMs) this.fault('log', `stream time is ${ahead} ms ahead of the clock`);
    this.keepCommand(event);
    this.ends.take(event);
    this.time = Math.max(this.time, event.at);
    this.booked.expect(event);
    if (this.head === null && event.type !== 'SlotOpened') this.fault('log', `${event.type} before the slot was opened`);
    else {
      const { fitting, fault } = originOf(this, event, this.requests);
      if (fault !== null) this.fault('half', fault);
      this.bindKey(event, fitting);
      this.take(event);
      this.last = { event, fitting, isAcknowledged: false };
    }
  }

  /** To be called after the last event. */
  finish(): void {
    this.booked.expect(null);
  }

  unit(unitId: string): UnitAccount | undefined {
    const unit = this.units.get(unitId);
    return unit === undefined || unit.capacity === 0 ? undefined : unit;
  }

  /** Moves a quantity of a unit and tells when that cannot be. */
  move(usage: Usage, { unitId, quantity, from, to }: Piece): void {
    const unit = this.units.get(unitId);
    if (unit === undefined) return void this.fault('capacity', `there is no unit ${unitId}`);
    unit.move(usage, from, to, quantity);
    if (quantity < 0 && unit.isOverdrawn()) this.fault('capacity', `more of ${unitId} is given back than was taken`);
    if (quantity > 0) this.checkCapacity(unit, from, to);
  }

  private take(event: LoggedEvent): void {
    const { type, data, at } = event;
    switch (type) {
      case 'SlotOpened':
        this.open(data);
        return;
      case 'UnitsAdded':
        this.add(data.units as readonly UnitData[]);
        return;
      case 'UnitsChanged':
        this.change(data.changes as readonly UnitData[], at);
        return;
      case 'UnitsBlocked':
        for (const piece of data.blocks as readonly Piece[]) this.move('blocked', piece);
        return;
      case 'UnitsUnblocked':
        for (const piece of data.blocks as readonly Piece[]) this.move('blocked', { ...piece, quantity: -piece.quantity });
        return;
      case 'UnitsWithdrawn':
        for (const { unitId, quantity } of data.units as readonly Piece[]) this.withdraw(unitId, quantity, at);
        return;
      case 'SlotChanged':
        this.head = { ...this.opened, ...(data.changes as Json) };
        return;
      case 'SlotClosed':
        this.become('CLOSED');
        return;
      case 'SlotReopened':
        this.become('OPEN');
        return;
      case 'SlotCancelled':
        this.become('CANCELLED');
        return;
      case 'CommandAcknowledged':
        return;
      default:
        if (!this.booked.apply(event)) this.fault('log', `${type} is no event that is known`);
    }
  }

  get opened(): HeadAccount {
    if (this.head === null) throw new Error(`slot ${this.slotId} was never opened`);
    return this.head;
  }

  private open({ units, ...description }: Json): void {
    if (this.head !== null) return void this.fault('log', 'the slot is opened a second time');
    this.head = description as HeadAccount;
    const { layoutId } = description;
    const shared = typeof layoutId === 'string' ? this.layouts.get(layoutId) : [];
    if (shared === undefined) this.fault('log', `layout ${layoutId} is not in the log`);
    const { prices } = this.head;
    for (const unit of shared ?? []) this.units.set(unit.unitId, new UnitAccount(unit, ownPrice(prices, unit.category) ?? unit.price));
    this.add(units as readonly UnitData[]);
  }

  private add(units: readonly UnitData[]): void {
    for (const unit of units) {
      const known = this.units.get(unit.unitId);
      if (known !== undefined && known.capacity > 0) this.fault('log', `unit ${unit.unitId} is added a second time`);
      if (known === undefined) this.units.set(unit.unitId, new UnitAccount(unit, unit.price));
      else Object.assign(known, { data: unit, capacity: unit.capacity ?? 1, price: unit.price });
    }
  }

  private change(changes: readonly UnitData[], at: number): void {
    for (const { unitId, ...change } of changes) {
      const unit = this.unit(unitId);
      if (unit === undefined) this.fault('log', `unit ${unitId} is changed, but is not there`);
      else {
        unit.data = { ...unit.data, ...change };
        unit.capacity = change.capacity ?? unit.capacity;
        unit.price = change.price ?? unit.price;
        this.checkShrunk(unit, at);
      }
    }
  }

  private withdraw(unitId: string, quantity: number, at: number): void {
    const unit = this.unit(unitId);
    if (unit === undefined || quantity > unit.capacity)
      return void this.fault('log', `${quantity} of unit ${unitId} are withdrawn, but not there`);
    unit.capacity -= quantity;
    if (unit.capacity === 0) unit.unblock();
    else if (unit.isQuantity) unit.data = { ...unit.data, capacity: unit.capacity };
    this.checkShrunk(unit, at);
  }

  private become(status: HeadAccount['status']): void {
    if (this.opened.status === 'CANCELLED') this.fault('log', 'the slot had been cancelled');
    this.head = { ...this.opened, status };
  }

  /** What was rented in the past may be more than there is now. */
  private checkShrunk(unit: UnitAccount, at: number): void {
    const { from, to } = stretchToCome(this.opened, at);
    this.checkCapacity(unit, from, to);
  }

  private checkCapacity(unit: UnitAccount, from: number, to: number): void {
    const taken = unit.most(from, to, total);
    if (taken > unit.capacity) this.fault('capacity', `${taken} of ${unit.capacity} of unit ${unit.data.unitId} are taken`);
  }

  /** What one key asks for is done once, as long as the key is remembered: its events stand side by side. To be called before time moves on. */
  private keepCommand({ commandId, version, at, data }: LoggedEvent): void {
    if (commandId === null) return;
    const last = this.commands.get(commandId);
    const bookingId = (data.bookingId ?? data.onBooking ?? null) as string | null;
    if (last !== undefined && last.version !== version - 1 && !this.mayBeForgotten(last))
      this.fault('key', `the command of version ${last.version} is done a second time`);
    this.commands.set(commandId, { version, at, bookingId });
  }

  private mayBeForgotten({ bookingId, at }: DoneCommand): boolean {
    const end = bookingId === null ? at : this.ends.endOf(bookingId);
    return this.time >= end + REMEMBERED_MS;
  }

  /** A key that alone can have asked for the event is bound by it, whether anybody was answered or not. */
  private bindKey({ commandId, version, at, data }: LoggedEvent, fitting: readonly ClientRecord[]): void {
    if (commandId === null) return;
    const records = new Map(fitting.map((record) => [keyOf(record), record]));
    records.delete(null);
    const [first, ...others] = records;
    if (first === undefined || others.length > 0) return;
    const [key, { request }] = first;
    const bookingId = typeof data.bookingId === 'string' ? data.bookingId : null;
    if (key !== null && !this.bindings.has(key)) this.bindings.set(key, { body: request.body ?? null, version, at, bookingId });
  }

  private fault(rule: Parameters<Tell>[0], what: string): void {
    this.tell(rule, `slot ${this.slotId} at version ${this.version}: ${what}`);
  }
}

/** Categories are free text: only own keys count. */
function ownPrice(prices: Readonly<Record<string, number>> | null, category: string): number | undefined {
  return prices !== null && Object.hasOwn(prices, category) ? prices[category] : undefined;
}
