import type { StoredData } from './catalogue/upcast.ts';
import type { EventStore } from './event-store.ts';

/** An event whose data were parsed, as stored: not yet in its newest form. */
export interface ParsedEvent {
  readonly position: number;
  readonly streamId: string;
  readonly version: number;
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: StoredData;
  /** Stream time at which it was decided, epoch milliseconds; all that read models ask of its metadata. */
  readonly at: number;
}

/**
 * Reads the feed for those who go through all of it, without hashes. Stores may have a faster way.
 *
 * @returns events after the position (exclusive), in order, at most `limit`.
 * @throws SyntaxError when a text of one of them is no JSON; whatever the store's readFeed throws.
 */
export type ReadParsedFeed = (after: number, limit: number) => Promise<readonly ParsedEvent[]>;

/** The plain way, by any store's feed. */
export function parsedFeedOf(store: Pick<EventStore, 'readFeed'>): ReadParsedFeed {
  return async (after, limit) =>
    (await store.readFeed(after, limit)).map(({ position, streamId, version, eventId, type, schemaVersion, data, metadata }) => {
      const parsed = JSON.parse(data) as StoredData;
      return { position, streamId, version, eventId, type, schemaVersion, data: parsed, at: instantOf(metadata) };
    });
}

const FRONT = '{"at":';

/**
 * When an event was decided, by its metadata as stored. It stands in front as a rule: reading no further costs a tenth
 * of parsing the whole.
 *
 * @throws SyntaxError when they do not tell it.
 */
export function instantOf(metadata: string): number {
  if (metadata.startsWith(FRONT)) {
    const at = Number(metadata.slice(FRONT.length, metadata.indexOf(',', FRONT.length)));
    if (Number.isSafeInteger(at)) return at;
  }
  const at = (JSON.parse(metadata) as { readonly at?: unknown } | null)?.at;
  if (typeof at !== 'number') throw new SyntaxError('the metadata of an event do not tell when it was decided');
  return at;
}
