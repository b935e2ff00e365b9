import type { Axis, SpanRequest } from '../../src/domain/axis.ts';
import type { Layout } from '../../src/domain/layout.ts';
import type { OpenSlot, SlotCommand } from '../../src/domain/slot/commands.ts';
import { decide } from '../../src/domain/slot/decide.ts';
import { SlotState } from '../../src/domain/slot/state.ts';
import type { Unit } from '../../src/domain/unit.ts';
import type { EventStore, NewEvent } from '../../src/eventstore/event-store.ts';
import { between, type Random, seeded } from './random.ts';
import { recorded } from './read-side.ts';
import {
  book,
  bookBest,
  cancel,
  change,
  confirm,
  HOUR,
  MINUTE,
  NOW,
  openSlot,
  quantities,
  seat,
  seats,
  stops,
  stopsAxis,
  type Wanted,
  yard,
} from './slot-builders.ts';
import { positionOf } from './stored-events.ts';

const HALL: Layout = { layoutId: 'hall', name: 'Hall', units: [...seats(40), { unitId: 'B1', category: 'silver' }, yard(60)] };
const UNITS = [...Array.from({ length: 40 }, (_, index) => `A${index + 1}`), 'B1', 'yard', 'C1'];
/** Slots that are lived through at the same time, and commands in the life of one. */
const SLOTS_AT_ONCE = 8;
const COMMANDS = [40, 250] as const;
/** Commands of one slot whose events go into one append. */
const COMMANDS_AT_ONCE = 10;

interface Life {
  readonly state: SlotState;
  readonly spans: readonly (SpanRequest | null)[];
  /** Null once it was decided. */
  opening: OpenSlot | null;
  now: number;
  bookings: number;
  commandsLeft: number;
  /** Every other one: so there are always some that are not. */
  readonly endsCancelled: boolean;
}

/** Lives of random slots, decided by the real rules, with events of all kinds; the same for the same seed. */
export class RandomHistory {
  readonly kinds = new Map<string, number>();
  private readonly store: EventStore;
  private readonly random: Random;
  private readonly lives: Life[] = [];
  private opened = 0;
  private keys = 0;

  constructor(store: EventStore, seed: number) {
    this.store = store;
    this.random = seeded(seed);
  }

  /** How many events there are so far. */
  get events(): number {
    return [...this.kinds.values()].reduce((sum, count) => sum + count, 0);
  }

  /** All slots that it has opened, in order. */
  get slotIds(): readonly string[] {
    return Array.from({ length: this.opened }, (_, index) => `slot${index + 1}`);
  }

  /** Appends at least so many more events. @returns the position of the last one. */
  async grow(events: number): Promise<number> {
    let position = this.opened === 0 ? await this.defineLayout() : 0;
    for (let left = events; left > 0; ) {
      while (this.lives.length < SLOTS_AT_ONCE) this.lives.push(this.begin());
      const parts = this.lives.map((life) => this.live(life));
      const written = await Promise.all(parts.map((part) => this.store.append([part])));
      position = Math.max(...written.map(positionOf));
      left -= parts.reduce((sum, part) => sum + part.events.length, 0);
      for (const life of this.lives.filter(({ commandsLeft }) => commandsLeft <= 0)) this.lives.splice(this.lives.indexOf(life), 1);
    }
    return position;
  }

  private async defineLayout(): Promise<number> {
    const { layoutId, name, units } = HALL;
    const events = [
      { type: 'LayoutDefined', layoutId, name, unitCount: units.length },
      { type: 'LayoutUnitsAdded', layoutId, units: units.slice(0, 20) },
      { type: 'LayoutUnitsAdded', layoutId, units: units.slice(20) },
      { type: 'LayoutCompleted', layoutId },
    ] as const;
    for (const { type } of events) this.count(type);
    return positionOf(await this.store.append([{ streamId: 'layout-hall', expectedVersion: 0, events: events.map(recorded) }]));
  }

  private begin(): Life {
    this.opened += 1;
    const slotId = `slot${this.opened}`;
    const { axis, spans } = this.pick(AXES);
    const onLayout = this.random() < 0.5;
    const inventory: Pick<OpenSlot, 'layoutId' | 'prices' | 'units'> = onLayout
      ? { layoutId: 'hall', prices: { silver: 70, standing: 5 }, units: [] }
      : { layoutId: null, prices: null, units: [...seats(40), yard(60)] };
    const described = { slotId, axis, title: `Show "${this.opened}"\\ on\tstage`, reference: `ref-${this.opened % 7}` };
    const state = new SlotState(slotId, () => HALL);
    const commandsLeft = between(this.random, ...COMMANDS);
    const opening = openSlot({ ...described, ...inventory });
    return { state, spans, opening, now: NOW, bookings: 0, commandsLeft, endsCancelled: this.opened % 2 === 0 };
  }

  private live(life: Life): { streamId: string; expectedVersion: number; events: NewEvent[] } {
    const expectedVersion = life.state.version;
    const events: NewEvent[] = life.opening === null ? [] : this.decide(life, life.opening);
    life.opening = null;
    for (let command = 0; command < COMMANDS_AT_ONCE || events.length === 0; command += 1) {
      life.commandsLeft -= 1;
      life.now += this.pick([0, MINUTE, 5 * MINUTE]);
      events.push(...this.decide(life, this.command(life)));
    }
    if (life.commandsLeft <= 0 && life.endsCancelled) {
      events.push(...this.decide(life, { type: 'CancelSlot', reason: null }));
      events.push(...this.decide(life, { type: 'ReleaseCancelled', limit: 3 }));
    }
    return { streamId: `slot-${life.state.slotId}`, expectedVersion, events };
  }

  private decide({ state, now }: Life, command: SlotCommand): NewEvent[] {
    // With a key, also what changes nothing leaves an event.
    const commandId = this.random() < 0.3 ? `key-${++this.keys}` : null;
    const { facts } = decide(state, { command, now, commandId, commandHash: null, ifMatch: null });
    for (const { event } of facts) this.count(event.type);
    return facts.map(recorded);
  }

  private command(life: Life): SlotCommand {
    const span = this.pick(life.spans);
    const known = `${life.state.slotId}.${Math.max(0, life.bookings - between(this.random, 0, 8))}`;
    const part = () => (this.random() < 0.6 ? null : this.wanted());
    const kind = this.random();
    if (kind < 0.3) return book(this.newBooking(life), this.wanted(), this.asked(span));
    if (kind < 0.38) return bookBest(this.newBooking(life), between(this.random, 1, 4), {}, this.asked(span));
    if (kind < 0.43) return book(this.newBooking(life), this.wanted(), { ...this.asked(span), confirm: { paymentReference: 'now' } });
    if (kind < 0.58) return confirm(known, 'pay', part());
    if (kind < 0.66) return cancel(known, this.random() < 0.3 ? this.firstClaimed(life, known) : part());
    if (kind < 0.72) return this.changed(life, known);
    if (kind < 0.75) return { type: 'ExtendHold', bookingId: known, seconds: 900 };
    if (kind < 0.79) return { type: 'BlockUnits', units: quantities(this.wanted()), span, reason: null };
    if (kind < 0.83) return { type: 'UnblockUnits', units: quantities(this.wanted()), span, reason: null };
    if (kind < 0.85) return { type: 'WithdrawUnits', units: quantities(this.wanted()), reason: null };
    if (kind < 0.88)
      return { type: 'AddUnits', units: [this.pick([yard(3), ...UNITS.filter((id) => id !== 'yard').map((id) => seat(id))])] };
    if (kind < 0.91) return { type: 'ChangeUnits', changes: [this.changedUnit()] };
    if (kind < 0.95) return { type: 'ReleaseExpired', limit: 3 };
    if (kind < 0.97) return { type: 'ChangeSlot', changes: { title: this.pick(['Macbeth', 'Lear']), venue: { city: 'York' } } };
    return kind < 0.985 ? { type: 'CloseSlot', reason: null } : { type: 'ReopenSlot', reason: null };
  }

  /** Adds something and, every other time, drops something that the booking has. */
  private changed({ state }: Life, bookingId: string): SlotCommand {
    const [first] = state.bookings.get(bookingId)?.claims ?? [];
    return change(bookingId, { add: this.wanted(), drop: first === undefined || this.random() < 0.5 ? [] : [first.unitId] });
  }

  /** A part of what the booking has, where it has several units. */
  private firstClaimed({ state }: Life, bookingId: string): readonly Wanted[] | null {
    const [first, ...others] = state.bookings.get(bookingId)?.claims ?? [];
    return first === undefined || others.length === 0 ? null : [first.unitId];
  }

  private changedUnit(): Pick<Unit, 'unitId' | 'category' | 'price' | 'capacity'> {
    const unitId = this.pick(UNITS);
    const one = { unitId, price: this.pick([100, 200]), category: this.pick(['gold', 'vip']) };
    return unitId === 'yard' ? { ...one, capacity: 80 } : one;
  }

  private asked(span: SpanRequest | null) {
    return {
      span,
      customerId: `c-${between(this.random, 1, 50)}`,
      reference: this.random() < 0.3 ? 'order\\1' : null,
      metadata: { note: 'a\nb' },
    };
  }

  private newBooking(life: Life): string {
    life.bookings += 1;
    return `${life.state.slotId}.${life.bookings}`;
  }

  private wanted(): readonly Wanted[] {
    const units = new Set(Array.from({ length: between(this.random, 1, 3) }, () => this.pick(UNITS)));
    return [...units].map((unit) => (unit === 'yard' ? (['yard', between(this.random, 1, 4)] as const) : unit));
  }

  private pick<Item>(items: readonly Item[]): Item {
    return items[between(this.random, 0, items.length - 1)] as Item;
  }

  private count(kind: string): void {
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
  }
}

const AXES: readonly { readonly axis: Axis; readonly spans: readonly (SpanRequest | null)[] }[] = [
  { axis: { type: 'whole' }, spans: [null] },
  { axis: stopsAxis(4), spans: [null, stops(0, 1), stops(1, 3)] },
  {
    axis: { type: 'time', bufferMinutes: 30 },
    spans: [
      { from: NOW + 20 * HOUR, to: NOW + 23 * HOUR },
      { from: NOW + 23 * HOUR + 15 * MINUTE, to: NOW + 24 * HOUR },
      { from: NOW + 10 * HOUR, to: NOW + 30 * HOUR },
    ],
  },
];
