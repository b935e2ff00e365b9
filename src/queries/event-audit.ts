import { CATALOGUE, newestData } from '../eventstore/catalogue/codec.ts';
import { newestVersion } from '../eventstore/catalogue/upcast.ts';
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

/** An event of a type that this release does not know is shown as stored, so that it cannot block the audit. */
export function auditEvent(event: RecordedEvent, upcast: boolean): AuditEvent {
  const { position, streamId, version, eventId, type, recordedAt, hash, previousHash } = event;
  const isUpcast = upcast && CATALOGUE.has(type);
  const schemaVersion = isUpcast ? newestVersion(CATALOGUE, type) : event.schemaVersion;
  const data: unknown = isUpcast ? newestData(event) : JSON.parse(event.data);
  const metadata = JSON.parse(event.metadata) as Readonly<Record<string, unknown>>;
  return { position, streamId, version, eventId, type, schemaVersion, data, metadata, recordedAt, hash, previousHash };
}
