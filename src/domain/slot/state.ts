import type { Axis } from '../axis.ts';
import type { Layout } from '../layout.ts';
import type { Profile } from '../profile.ts';
import { UnitTable } from '../unit-table.ts';
import type { Booking } from './booking.ts';
import { BookingTable } from './booking-table.ts';
import type { BookingRequested, SlotDescription } from './events.ts';
import { ExpiryQueue } from './expiry-queue.ts';
import type { FreeRuns } from './free-runs.ts';
import { Journal, JournalledMap } from './journal.ts';
import { ProfileTable } from './profile-table.ts';
import type { SlotStatus } from './slot-status.ts';

/** What a slot is apart from its units and bookings. Replaced as a whole when anything in it changes. */
export interface SlotHead extends SlotDescription {
  readonly status: SlotStatus;
  readonly currency: string;
  readonly axis: Axis;
  readonly layoutId: string | null;
  readonly prices: Readonly<Record<string, number>> | null;
}

/** The version at which a command was accepted, to give its answer again. */
export interface CommandRecord {
  readonly version: number;
  readonly hash: string | null;
  readonly bookingId: string | null;
  /** The command on the same booking that was accepted before it; null when it is the first, or about the slot itself. */
  readonly previous: string | null;
}

/** Something that may be forgotten a day after `at`: a finished booking with its commands, or a command on the slot itself. */
export interface Retirement {
  readonly at: number;
  readonly bookingId: string | null;
  readonly commandId: string | null;
}

/** Finds a layout that was loaded before; the state shares it with every other slot that stands on it. */
export type LayoutLookup = (layoutId: string) => Layout;

/**
 * A slot as its events made it. Only `evolve` changes it, in place, because copying a stadium for
 * every seat costs more than the seat; the journal takes back what turned out not to have happened.
 */
export class SlotState {
  readonly slotId: string;
  readonly layouts: LayoutLookup;
  /** Number of the slot's events so far. */
  version = 0;
  /** Stream time: the instant of the last event, epoch milliseconds. */
  lastEventAt = 0;
  /** On the `time` axis: when units or places were last taken away. What was taken before may be more than there is now. */
  shrunkAt = 0;
  /** Null until the slot is opened. */
  head: SlotHead | null = null;
  units: UnitTable = UnitTable.empty();
  /** The request whose hold follows in the same append. */
  requested: BookingRequested | null = null;
  readonly journal = new Journal();
  readonly profiles = new ProfileTable(this.journal, (index) => this.freeRuns?.invalidate(index));
  readonly bookings = new BookingTable(this.journal, (_, booking) => {
    if (booking?.status === 'HELD') this.expiries.add(booking.bookingId, booking.expiresAt);
  });
  readonly commands = new JournalledMap<string, CommandRecord>(this.journal);
  /** The newest command of each booking, from which the others are found. */
  readonly lastCommands = new JournalledMap<string, string>(this.journal);
  /** First come, first forgotten: keys count up from `oldestRetirement`. */
  readonly retirements = new JournalledMap<number, Retirement>(this.journal);
  oldestRetirement = 0;
  nextRetirement = 0;
  readonly expiries = new ExpiryQueue();
  private runs: FreeRuns | null = null;

  constructor(slotId: string, layouts: LayoutLookup) {
    this.slotId = slotId;
    this.layouts = layouts;
  }

  /** From here on every change can be taken back by `rollback` or settled by `commit`. */
  begin(): void {
    this.journal.begin();
    this.mark();
  }

  /** A point within what has not been committed, to return to by `rollbackTo`. */
  mark(): number {
    const mark = this.journal.mark();
    this.journal.record(new StateMark(this));
    return mark;
  }

  /** Puts back what the state was apart from its maps, which take care of themselves. */
  restore({ version, lastEventAt, shrunkAt, head, units, requested, oldestRetirement, nextRetirement }: StateMark): void {
    if (units !== this.units || head !== this.head) this.runs = null;
    Object.assign(this, { version, lastEventAt, shrunkAt, head, units, requested, oldestRetirement, nextRetirement });
  }

  rollbackTo(mark: number): void {
    this.journal.rollbackTo(mark);
  }

  commit(): void {
    this.journal.commit();
  }

  rollback(): void {
    this.journal.rollback();
  }

  /** Also to be called when something else changed that decides whether an untouched unit is free. */
  replaceUnits(units: UnitTable): void {
    this.units = units;
    this.runs = null;
  }

  takeProfile(index: number, profile: Profile): void {
    if (profile.length === 0) this.profiles.delete(index);
    else this.profiles.set(index, profile);
    this.runs?.invalidate(index);
  }

  /** The free runs of the `whole` axis, where "free" does not depend on the span that is asked for. */
  get freeRuns(): FreeRuns | null {
    return this.runs;
  }

  useFreeRuns(create: () => FreeRuns): FreeRuns {
    this.runs ??= create();
    return this.runs;
  }
}

/** What a state is apart from its maps. */
class StateMark {
  readonly version: number;
  readonly lastEventAt: number;
  readonly shrunkAt: number;
  readonly head: SlotHead | null;
  readonly units: UnitTable;
  readonly requested: BookingRequested | null;
  readonly oldestRetirement: number;
  readonly nextRetirement: number;
  private readonly state: SlotState;

  constructor(state: SlotState) {
    this.state = state;
    this.version = state.version;
    this.lastEventAt = state.lastEventAt;
    this.shrunkAt = state.shrunkAt;
    this.head = state.head;
    this.units = state.units;
    this.requested = state.requested;
    this.oldestRetirement = state.oldestRetirement;
    this.nextRetirement = state.nextRetirement;
  }

  undo(): void {
    this.state.restore(this);
  }
}

export function headOf(state: SlotState): SlotHead {
  if (state.head === null) throw new Error(`slot ${state.slotId} has not been opened`);
  return state.head;
}

export function bookingOf(state: SlotState, bookingId: string): Booking {
  const booking = state.bookings.get(bookingId);
  if (booking === undefined) throw new Error(`booking ${bookingId} is not part of slot ${state.slotId}`);
  return booking;
}
