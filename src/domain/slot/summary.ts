import type { Axis } from '../axis.ts';
import type { SlotDescription } from './events.ts';

export type SlotStatus = 'OPEN' | 'CLOSED' | 'CANCELLED';

/** Quantities over all units: `free + held + sold + blocked = capacity`. On `stops` as of the tightest segment, on `time` as of now. */
export interface Counts {
  readonly capacity: number;
  readonly free: number;
  readonly held: number;
  readonly sold: number;
  readonly blocked: number;
}

/** A slot without its units. */
export interface SlotSummary extends SlotDescription {
  readonly slotId: string;
  readonly status: SlotStatus;
  readonly currency: string;
  readonly axis: Axis;
  readonly layoutId: string | null;
  /** The slot's stream version that this describes. */
  readonly version: number;
  readonly counts: Counts;
}
