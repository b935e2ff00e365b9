/** What a claim or a block does to a unit. */
export type EntryStatus = 'held' | 'sold' | 'blocked';

/** So much of a unit, from one point to another; what is unblocked is an entry of less than nothing. */
export interface Entry {
  readonly bookingId: string | null;
  readonly from: number;
  /** Where the unit is free again: with the buffer, where the slot has one. */
  readonly to: number;
  quantity: number;
  status: EntryStatus;
}

export interface Taken {
  readonly at: number;
  readonly held: number;
  readonly sold: number;
  readonly blocked: number;
}

export interface Terms {
  readonly category: string;
  readonly price: number;
  readonly priceBasis: string;
  readonly accessible: boolean;
  readonly availableFrom: number;
  readonly availableUntil: number;
}

/** One unit as a plain list of what was done to it. Questions are answered by looking at all of the list, every time. */
export class UnitLedger {
  readonly unitId: string;
  terms: Terms;
  /** 0 once withdrawn. */
  capacity: number;
  /** Before this point the capacity may have been larger. */
  shrunkAt = Number.NEGATIVE_INFINITY;
  entries: Entry[] = [];
  private swept: readonly Taken[] | null = null;

  constructor(unitId: string, capacity: number, terms: Terms) {
    this.unitId = unitId;
    this.capacity = capacity;
    this.terms = terms;
  }

  /** More of the same joins what is there. */
  add(entry: Entry): void {
    const { bookingId, status } = entry;
    const mine = bookingId === null ? undefined : this.entries.find((other) => other.bookingId === bookingId && other.status === status);
    if (mine === undefined) this.entries.push({ ...entry });
    else mine.quantity += entry.quantity;
    this.swept = null;
  }

  /** Takes so much from a booking's entry. */
  giveBack(bookingId: string, status: EntryStatus, quantity: number): void {
    const entry = this.entries.find((candidate) => candidate.bookingId === bookingId && candidate.status === status);
    if (entry === undefined || entry.quantity < quantity) throw new Error(`${bookingId} gives back more of ${this.unitId} than it has`);
    entry.quantity -= quantity;
    if (entry.quantity === 0) this.entries.splice(this.entries.indexOf(entry), 1);
    this.swept = null;
  }

  withdraw(quantity: number, at: number): void {
    this.capacity -= quantity;
    this.shrunkAt = at;
    if (this.capacity < 0) throw new Error(`more of ${this.unitId} is withdrawn than there is`);
    if (this.capacity === 0) this.entries = this.entries.filter((entry) => entry.status !== 'blocked');
    this.swept = null;
  }

  /** What is taken from each point to the next, by one sweep over all ends in order. */
  sweep(): readonly Taken[] {
    if (this.swept !== null) return this.swept;
    const ends = this.entries.flatMap((entry) => [
      { at: entry.from, status: entry.status, by: entry.quantity },
      { at: entry.to, status: entry.status, by: -entry.quantity },
    ]);
    ends.sort((a, b) => a.at - b.at);
    const now = { held: 0, sold: 0, blocked: 0 };
    const steps: Taken[] = [];
    for (let index = 0; index < ends.length; ) {
      const at = ends[index]!.at;
      for (; index < ends.length && ends[index]!.at === at; index += 1) now[ends[index]!.status] += ends[index]!.by;
      const last = steps.at(-1) ?? { held: 0, sold: 0, blocked: 0 };
      if (last.held !== now.held || last.sold !== now.sold || last.blocked !== now.blocked) steps.push({ at, ...now });
    }
    this.swept = steps;
    return steps;
  }

  /** The most that is taken at one point of the span. */
  most(from: number, to: number, count: (taken: Taken) => number = total): number {
    const steps = this.sweep();
    let most = 0;
    steps.forEach((step, index) => {
      const end = steps[index + 1]?.at ?? Number.POSITIVE_INFINITY;
      if (step.at < to && end > from) most = Math.max(most, count(step));
    });
    return most;
  }

  /** @throws when more is taken somewhere than there is, or less than nothing. */
  check(): void {
    this.sweep().forEach((step, index, steps) => {
      if (step.held < 0 || step.sold < 0 || step.blocked < 0) throw new Error(`less than nothing of ${this.unitId} is taken at ${step.at}`);
      const isHistory = (steps[index + 1]?.at ?? Number.POSITIVE_INFINITY) <= this.shrunkAt;
      if (!isHistory && total(step) > this.capacity)
        throw new Error(`${this.unitId} is taken ${total(step)} times of ${this.capacity} at ${step.at}`);
    });
  }
}

export function total(taken: Taken): number {
  return taken.held + taken.sold + taken.blocked;
}

export function claimed(taken: Taken): number {
  return taken.held + taken.sold;
}
