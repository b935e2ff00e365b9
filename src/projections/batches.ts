import type { RecordedEvent } from '../eventstore/event-store.ts';

/** Most events of one transaction, and most bytes of their data: what a fold holds in memory. */
export const BATCH_EVENTS = 2_000;
const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Batches begin at least so many milliseconds apart, unless somebody waits for them or there is a full one: what
 * is gathered meanwhile shares a transaction, which costs as much for one event as for a hundred. In a rush it is
 * gathered for longer: the processor is wanted elsewhere.
 */
const GATHER_MS = 35;
const GATHER_IN_RUSH_MS = 150;
const RUSH_EVENTS_PER_SECOND = 2_500;
/** Over about so many milliseconds the rate is looked at: what a moment's standstill had held up comes at once, and is no rush. */
const RATE_OVER_MS = 500;

/** Tells when the next batch is to begin, by the rate of events and not by their number: who gathers for longer has more. */
export class BatchPace {
  private eventsPerSecond = 0;
  private begun = Number.NEGATIVE_INFINITY;

  /**
   * @param begun when a batch of so many events began, in milliseconds on any clock that is not set.
   * @returns milliseconds between that and the beginning of the next one.
   */
  millisecondsApart(events: number, begun: number): number {
    const since = begun - this.begun;
    this.begun = begun;
    const weight = 1 - Math.exp(-since / RATE_OVER_MS);
    this.eventsPerSecond += weight * ((events * 1_000) / Math.max(since, 1) - this.eventsPerSecond);
    if (events >= BATCH_EVENTS) return 0;
    return this.eventsPerSecond < RUSH_EVENTS_PER_SECOND ? GATHER_MS : GATHER_IN_RUSH_MS;
  }
}

/** Events in their order, in pieces that fit into a transaction. */
export function batchesOf(records: readonly RecordedEvent[]): readonly (readonly RecordedEvent[])[] {
  const batches: RecordedEvent[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    if (bytes + record.data.length > BATCH_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(record);
    bytes += record.data.length;
  }
  return batches;
}
