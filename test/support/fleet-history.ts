import type { Axis, OpeningHours } from '../../src/domain/axis.ts';
import type { OpenSlot, SlotCommand } from '../../src/domain/slot/commands.ts';
import { decide } from '../../src/domain/slot/decide.ts';
import { SlotState } from '../../src/domain/slot/state.ts';
import type { Span } from '../../src/domain/span.ts';
import type { Unit } from '../../src/domain/unit.ts';
import type { FeedEvent } from '../../src/projections/projection.ts';
import { between, type Random, seeded } from './random.ts';
import { book, bookBest, cancel, change, confirm, DAY, HOUR, MINUTE, openSlot, quantities, type Wanted } from './slot-builders.ts';

const UNITS: readonly Unit[] = [
  { unitId: 'van-1', category: 'van', price: 10 },
  { unitId: 'van-2', category: 'van', price: 10 },
  { unitId: 'bikes', category: 'bike', price: 1, capacity: 3 },
];
const WEEK = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
const OPENINGS: readonly (readonly OpeningHours[] | undefined)[] = [
  undefined,
  [{ days: [...WEEK], from: '08:30', to: '20:00' }],
  [{ days: ['FR', 'SA', 'SU'], from: '00:00', to: '24:00' }],
  [
    { days: [...WEEK], from: '07:00', to: '12:30' },
    { days: [...WEEK], from: '13:00', to: '18:00' },
  ],
];
/** Zones with half hours and clock changes of half an hour and of an hour, and when a change is near. */
const ZONES = ['Europe/London', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC'];
const BEGINNINGS = ['2027-03-26T10:10:00Z', '2027-04-02T10:10:00Z', '2027-10-01T22:47:00Z', '2027-10-29T10:10:00Z', '2027-11-05T10:10:00Z'];

/** The life of a random fleet, decided by the real rules; the same for the same seed. */
export class FleetHistory {
  readonly state = new SlotState('fleet', () => {
    throw new Error('this fleet stands on no layout');
  });
  readonly feed: FeedEvent[] = [];
  private readonly random: Random;
  private now: number;
  private bookings = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
    this.now = Date.parse(this.pick(BEGINNINGS));
    const opening = this.pick(OPENINGS);
    const axis: Axis = { type: 'time', bufferMinutes: this.pick([0, 30, 90]), ...(opening === undefined ? {} : { opening }) };
    const described: Partial<OpenSlot> = { timeZone: this.pick(ZONES), title: 'Vans', venue: { venueId: 'hub-1' } };
    this.decide(openSlot({ slotId: 'fleet', axis, units: UNITS, ...described }));
  }

  /** Lets time pass and something happen. @returns the events, which may be none. */
  step(): readonly FeedEvent[] {
    this.now += this.pick([0, MINUTE, MINUTE, 20 * MINUTE, 5 * HOUR]);
    return this.decide(this.command());
  }

  private decide(command: SlotCommand): readonly FeedEvent[] {
    const { facts } = decide(this.state, { command, now: this.now, commandId: null, commandHash: null, ifMatch: null });
    const begun = this.feed.length;
    for (const { event, at } of facts) {
      const position = this.feed.length + 1;
      this.feed.push({ position, streamId: 'slot-fleet', version: position, eventId: `event-${position}`, at, event });
    }
    return this.feed.slice(begun);
  }

  private command(): SlotCommand {
    const living = [...this.state.bookings.values()].filter(({ status }) => status === 'HELD' || status === 'CONFIRMED');
    const known = living.length === 0 ? 'fleet.none' : this.pick(living).bookingId;
    const claims = this.state.bookings.get(known)?.claims ?? [];
    const own = claims.slice(0, 1).map(({ unitId }): Wanted => (unitId === 'bikes' ? ['bikes', 1] : unitId));
    const part = () => (this.random() < 0.4 || own.length === 0 ? null : own);
    const kind = this.random();
    if (kind < 0.35) return book(this.newBooking(), this.wanted(), { span: this.span() });
    if (kind < 0.42) return bookBest(this.newBooking(), 1, {}, { span: this.span(), confirm: { paymentReference: 'now' } });
    if (kind < 0.5) return confirm(known, 'pay', part());
    if (kind < 0.62) return cancel(known, part());
    if (kind < 0.68) return change(known, { add: [this.pick(['van-1', 'van-2', 'van-3'])], drop: this.random() < 0.5 ? [] : own });
    if (kind < 0.75)
      return { type: 'BlockUnits', units: quantities(this.wanted()), span: this.random() < 0.2 ? null : this.span(), reason: null };
    if (kind < 0.82)
      return { type: 'UnblockUnits', units: quantities(this.wanted()), span: this.random() < 0.2 ? null : this.span(), reason: null };
    if (kind < 0.86)
      return { type: 'WithdrawUnits', units: quantities([this.pick<Wanted>(['van-1', 'van-2', ['bikes', 1], 'bikes'])]), reason: null };
    if (kind < 0.91) return { type: 'AddUnits', units: [this.added()] };
    if (kind < 0.93) return { type: 'ChangeUnits', changes: [{ unitId: 'bikes', capacity: between(this.random, 2, 5) }] };
    if (kind < 0.95) return { type: 'ReleaseExpired', limit: 5 };
    return {
      type: 'ChangeSlot',
      changes: this.pick([{ title: 'Lorries' }, { metadata: { model: 'X5' } }, { venue: null }, { timeZone: this.pick(ZONES) }]),
    };
  }

  private added(): Unit {
    const unit = this.pick([...UNITS, { unitId: 'van-3', category: 'van', price: 9 }]);
    return this.random() < 0.5 ? unit : { ...unit, availableFrom: this.now + 7 * HOUR, availableUntil: this.now + 40 * DAY };
  }

  /** Mostly of hours near by, now and then of weeks, and rarely longer than what has rows. */
  private span(): Span {
    const from =
      Math.floor(this.now / (15 * MINUTE)) * 15 * MINUTE + this.pick([15 * MINUTE, 2 * HOUR, 9 * HOUR, 22 * HOUR, 47 * HOUR, 6 * DAY]);
    const length =
      this.random() < 0.85 ? this.pick([20 * MINUTE, 3 * HOUR, 14 * HOUR, 30 * HOUR]) : this.pick([9 * DAY, 31 * DAY, 32 * DAY]);
    return { from, to: from + length };
  }

  private wanted(): readonly Wanted[] {
    const units = new Set(Array.from({ length: between(this.random, 1, 2) }, () => this.pick(['van-1', 'van-2', 'van-3', 'bikes'])));
    return [...units].map((unit) => (unit === 'bikes' ? (['bikes', between(this.random, 1, 2)] as const) : unit));
  }

  private newBooking(): string {
    this.bookings += 1;
    return `fleet.${this.bookings}`;
  }

  private pick<Item>(items: readonly Item[]): Item {
    return items[between(this.random, 0, items.length - 1)] as Item;
  }
}
