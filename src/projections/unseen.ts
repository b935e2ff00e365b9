import type { RecordedEvent } from '../eventstore/event-store.ts';

// Deliveries may begin anywhere before what is known, and have events twice.

/** Those that come after the log position, each once. */
export function unseenInLog(delivered: readonly RecordedEvent[], position: number): readonly RecordedEvent[] {
  return ascending(delivered, (record) => record.position, position);
}

/** The same of events of one stream, after the version. */
export function unseenInStream(delivered: readonly RecordedEvent[], version: number): readonly RecordedEvent[] {
  return ascending(delivered, (record) => record.version, version);
}

function ascending(delivered: readonly RecordedEvent[], place: (record: RecordedEvent) => number, from: number): readonly RecordedEvent[] {
  let last = from;
  return delivered.filter((record) => {
    if (place(record) <= last) return false;
    last = place(record);
    return true;
  });
}
