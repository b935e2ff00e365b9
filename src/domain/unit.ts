/** What one price buys: a whole claim, or each stop, started hour or started day that it spans. */
export type PriceBasis = 'claim' | 'stop' | 'hour' | 'day';

/**
 * One thing that a slot sells: a numbered unit (a seat, a car, a room) that one booking holds at a
 * time, or, when `capacity` is a number, a quantity unit (standing places) without numbers inside.
 * Optional attributes are absent, never null, so that stored units stay small.
 */
export interface Unit {
  readonly unitId: string;
  readonly category: string;
  /** Minor units of the slot's currency. In a layout it may be absent; the slot then prices the category. */
  readonly price?: number;
  /** Absent means `claim`. */
  readonly priceBasis?: PriceBasis;
  /** Absent for a numbered unit. */
  readonly capacity?: number;
  readonly section?: string;
  readonly row?: string;
  readonly number?: string;
  readonly x?: number;
  readonly y?: number;
  readonly accessible?: boolean;
  /** True when an aisle follows: the next unit of the row is not adjacent to this one. */
  readonly gapAfter?: boolean;
  /** Epoch milliseconds; outside of them the unit cannot be claimed. */
  readonly availableFrom?: number;
  readonly availableUntil?: number;
  readonly reference?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A unit as asked for: one numbered unit, or so many of a quantity unit. */
export interface UnitQuantity {
  readonly unitId: string;
  readonly quantity: number;
}

/** How many bookings may stand on one point of the unit at most. */
export function capacityOf(unit: Pick<Unit, 'capacity'>): number {
  return unit.capacity ?? 1;
}
