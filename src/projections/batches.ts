import type { RecordedEvent } from '../eventstore/event-store.ts';

/** Most events of one transaction, and most bytes of their data: what a fold holds in memory. */
export const BATCH_EVENTS = 2_000;
const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Batches begin at least so many milliseconds apart, unless somebody waits for them or there is a full one: what
 * is gathered meanwhile shares a transaction, which costs as much for one event as for a hundred. In a rush it is
 * gathered for longer: the processor is wanted elsewhere.
 */
const GATHER_MS = 50;
const GATHER_IN_RUSH_MS = 150;
const RUSH_EVENTS_PER_SECOND = 2_500;

/**
 * Milliseconds between the beginning of a batch and that of the next. Told by the rate of its events and not by their number: a batch
 * that was late, or gathered for longer, has more of them and is no rush for that.
 *
 * @param milliseconds since the batch before it began.
 */
export function millisecondsApart(events: number, milliseconds: number): number {
  if (events >= BATCH_EVENTS) return 0;
  return events * 1_000 < RUSH_EVENTS_PER_SECOND * milliseconds ? GATHER_MS : GATHER_IN_RUSH_MS;
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
