import { askedBy, versionTold } from './asked.ts';
import type { History, LoggedEvent, Tell } from './history.ts';

/** The log by stream, and when each of its versions was surely there. */
export class Timeline {
  /** Events of each stream in their order. */
  readonly streams = new Map<string, LoggedEvent[]>();
  /** Events of each booking in their order. */
  readonly bookings = new Map<string, LoggedEvent[]>();
  private readonly told = new Map<string, { readonly at: number; readonly version: number }[]>();
  private readonly clientSkewMs: number;

  constructor({ events, records, clientSkewMs }: History, tell: Tell) {
    this.clientSkewMs = clientSkewMs;
    const eventIds = new Set<string>();
    for (const [index, event] of events.entries()) {
      if (event.position !== index + 1) tell('log', `position ${event.position} follows position ${index}`);
      if (eventIds.has(event.eventId)) tell('log', `event ${event.eventId} is in the log twice`);
      eventIds.add(event.eventId);
      grouped(this.streams, event.streamId).push(event);
      const { bookingId } = event.data;
      if (typeof bookingId === 'string') grouped(this.bookings, bookingId).push(event);
    }
    for (const record of records) {
      const { slotId } = askedBy(record);
      const version = versionTold(record, slotId);
      if (version !== null) grouped(this.told, slotId).push({ at: record.endedAt, version });
    }
    for (const entries of this.told.values()) {
      entries.sort((one, other) => one.at - other.at);
      let most = 0;
      for (const [index, { at, version }] of entries.entries()) {
        most = Math.max(most, version);
        entries[index] = { at, version: most };
      }
    }
  }

  length(slotId: string): number {
    return this.streams.get(`slot-${slotId}`)?.length ?? 0;
  }

  /** Log position of a version of the slot; 0 before its first event, infinite beyond its last. */
  positionOf(slotId: string, version: number): number {
    if (version === 0) return 0;
    return this.streams.get(`slot-${slotId}`)?.[version - 1]?.position ?? Number.POSITIVE_INFINITY;
  }

  /** When a version of the slot was recorded, on the store's clock; beyond its last, never. */
  recordedAt(slotId: string, version: number): number {
    if (version === 0) return Number.NEGATIVE_INFINITY;
    return this.streams.get(`slot-${slotId}`)?.[version - 1]?.recordedAt ?? Number.POSITIVE_INFINITY;
  }

  /** The newest version that somebody had been told of before a request was sent, whatever clocks say. */
  knownBefore(slotId: string, startedAt: number): number {
    const entries = this.told.get(slotId) ?? [];
    const latest = startedAt - 2 * this.clientSkewMs;
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((entries[middle] as { at: number }).at < latest) low = middle + 1;
      else high = middle;
    }
    return entries[low - 1]?.version ?? 0;
  }
}

/** The group of a key, made when it is missing. */
export function grouped<Key, Item>(groups: Map<Key, Item[]>, key: Key): Item[] {
  let group = groups.get(key);
  if (group === undefined) {
    group = [];
    groups.set(key, group);
  }
  return group;
}
