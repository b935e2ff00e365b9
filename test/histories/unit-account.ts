export type Usage = 'held' | 'sold' | 'blocked';

/** How much of a unit is taken, and by what. */
export interface Level {
  readonly held: number;
  readonly sold: number;
  readonly blocked: number;
}

/** A unit as the log describes it. */
export interface UnitData {
  readonly unitId: string;
  readonly category: string;
  readonly price?: number;
  readonly priceBasis?: 'claim' | 'stop' | 'hour' | 'day';
  readonly capacity?: number;
  readonly section?: string;
  readonly row?: string;
  readonly gapAfter?: boolean;
  readonly accessible?: boolean;
  readonly availableFrom?: number;
  readonly availableUntil?: number;
}

/**
 * What is taken of one unit, as changes at points of the axis; a sweep from the left adds them up.
 * Between two points the level stays what it is, so looking at the points is looking everywhere.
 */
export class UnitAccount {
  data: UnitData;
  /** 0 once it was withdrawn. */
  capacity: number;
  /** Price of a new claim, minor units. */
  price: number | undefined;
  private readonly points: number[] = [];
  private readonly changes: { held: number; sold: number; blocked: number }[] = [];

  constructor(data: UnitData, price: number | undefined) {
    this.data = data;
    this.capacity = data.capacity ?? 1;
    this.price = price;
  }

  get isQuantity(): boolean {
    return this.data.capacity !== undefined;
  }

  /** Takes so much more over `from ≤ x < to`, or less when it is negative. */
  move(usage: Usage, from: number, to: number, quantity: number): void {
    this.changeAt(from, usage, quantity);
    this.changeAt(to, usage, -quantity);
  }

  /** The levels that are met on the way from `from` to `to`, in order. */
  levels(from: number, to: number): readonly Level[] {
    const met: Level[] = [];
    let level = { held: 0, sold: 0, blocked: 0 };
    let start = Number.NEGATIVE_INFINITY;
    for (let index = 0; index <= this.points.length && start < to; index += 1) {
      const end = this.points[index] ?? Number.POSITIVE_INFINITY;
      if (end > from) met.push(level);
      const change = this.changes[index];
      if (change === undefined) break;
      level = { held: level.held + change.held, sold: level.sold + change.sold, blocked: level.blocked + change.blocked };
      start = end;
    }
    return met;
  }

  /** The most that is taken at one point of the span. */
  most(from: number, to: number, count: (level: Level) => number = total): number {
    return this.levels(from, to).reduce((most, level) => Math.max(most, count(level)), 0);
  }

  /** What stands in the way over the span: sold before held before blocked. */
  status(from: number, to: number): 'free' | Usage {
    const levels = this.levels(from, to);
    for (const usage of ['sold', 'held', 'blocked'] as const) if (levels.some((level) => level[usage] > 0)) return usage;
    return 'free';
  }

  /** Whether anywhere less than nothing is taken. */
  isOverdrawn(): boolean {
    return this.levels(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY).some(
      ({ held, sold, blocked }) => held < 0 || sold < 0 || blocked < 0,
    );
  }

  /** A unit that goes takes its blocks along. */
  unblock(): void {
    for (const change of this.changes) change.blocked = 0;
  }

  private changeAt(point: number, usage: Usage, quantity: number): void {
    let low = 0;
    let high = this.points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.points[middle] as number) < point) low = middle + 1;
      else high = middle;
    }
    if (this.points[low] !== point) {
      this.points.splice(low, 0, point);
      this.changes.splice(low, 0, { held: 0, sold: 0, blocked: 0 });
    }
    const change = this.changes[low] as { held: number; sold: number; blocked: number };
    change[usage] += quantity;
    if (change.held !== 0 || change.sold !== 0 || change.blocked !== 0) return;
    this.points.splice(low, 1);
    this.changes.splice(low, 1);
  }
}

export function total({ held, sold, blocked }: Level): number {
  return held + sold + blocked;
}

export function claimed({ held, sold }: Level): number {
  return held + sold;
}
