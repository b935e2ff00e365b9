import { CATALOGUE } from '../eventstore/catalogue/codec.ts';
import { newestVersion, type StoredData, upcastParsed } from '../eventstore/catalogue/upcast.ts';
import type { EventStore, RecordedEvent } from '../eventstore/event-store.ts';
import type { AuditEvent, AuditQueries, EventsFilter } from './audit.ts';

/** Reads the log for auditors. */
export function createAudit(store: Pick<EventStore, 'headPosition' | 'readFeed' | 'readStream'>): AuditQueries {
  return {
    head: () => store.headPosition(),

    async events(filter) {
      // The head is read first: whatever lies up to it was looked at once fewer events than asked for came back.
      const head = await store.headPosition();
      const events = await store.readFeed(filter.after, filter.limit, feedFilterOf(filter));
      const last = events.at(-1)?.position ?? filter.after;
      const next = events.length < filter.limit ? Math.max(last, head) : last;
      return { items: events.map((event) => auditEvent(event, filter.upcast)), next, head };
    },

    async streamEvents(streamId, fromVersion, limit, upcast) {
      const head = await store.headPosition();
      const events = await store.readStream(streamId, fromVersion, limit);
      if (events.length === 0 && (await store.readStream(streamId, 1, 1)).length === 0) return null;
      const next = (events.at(-1)?.version ?? fromVersion - 1) + 1;
      return { items: events.map((event) => auditEvent(event, upcast)), next, head };
    },
  };
}

function feedFilterOf({ types, from, to }: EventsFilter) {
  return { ...(types === undefined ? {} : { types }), ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

/**
 * An event as auditors see it. None can block the audit: what this release cannot bring into the newest form
 * is shown as stored, data that are no JSON object as their stored text, and such metadata as `{ stored: <text> }`.
 */
export function auditEvent(event: RecordedEvent, upcast: boolean): AuditEvent {
  const { position, streamId, version, eventId, type, recordedAt, hash, previousHash } = event;
  const metadata = objectIn(event.metadata) ?? { stored: event.metadata };
  return { position, streamId, version, eventId, type, ...dataOf(event, upcast), metadata, recordedAt, hash, previousHash };
}

function dataOf({ type, schemaVersion, data: text }: RecordedEvent, upcast: boolean): Pick<AuditEvent, 'schemaVersion' | 'data'> {
  const data = objectIn(text);
  if (data === null) return { schemaVersion, data: text };
  if (upcast) {
    try {
      return { schemaVersion: newestVersion(CATALOGUE, type), data: upcastParsed(CATALOGUE, { type, schemaVersion, data }) };
    } catch {
      // A newer release stored it, or its data are not what a step takes: an auditor then wants to see the very data.
    }
  }
  return { schemaVersion, data };
}

/** Null when the text is no JSON object. */
function objectIn(text: string): StoredData | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as StoredData) : null;
  } catch {
    return null;
  }
}
