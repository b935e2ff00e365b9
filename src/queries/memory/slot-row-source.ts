import type { Layout } from '../../domain/layout.ts';
import type { SlotRows } from '../../projections/inventory/slot-rows.ts';
import type { Projection } from '../../projections/projection.ts';
import type { ReadSource } from '../answers.ts';

/** A slot's rows as the next layer has them. */
export interface SourcedRows {
  /** Null when that layer has no such slot. */
  readonly rows: SlotRows | null;
  /** Everything up to this log position is in the rows; 0 when the layer cannot tell. */
  readonly position: number;
  /** The definition that made the rows, and that folds them on. */
  readonly projection: Projection;
  readonly source: ReadSource;
  /** Whether the rows may be answered from as of their position, marked as stale, while the log is out of reach. */
  readonly withoutLog?: true;
}

/** Where a slot that is not in memory comes from. */
export interface SlotRowSource {
  /**
   * Loads all rows of a slot; on the `time` axis those of its claims that end later than `claimsFrom`
   * (epoch milliseconds).
   *
   * @throws ViewsUnavailableError
   */
  load(slotId: string, claimsFrom: number): Promise<SourcedRows>;
}

/** Where layouts come from that slots stand on; one that is complete is found, however far the views are behind. */
export interface LayoutSource {
  load(layoutId: string): Promise<Layout | null>;
}
