import { checkAppend } from './append-bounds.ts';
import {
  type AppendResult,
  type EventStore,
  type FeedFilter,
  MAX_READ_EVENTS,
  type RecordedEvent,
  type Snapshot,
  type StreamAppend,
} from './event-store.ts';
import { CHAIN_START, chainHash } from './hash-chain.ts';

/**
 * An event store that lives and dies with the process. It keeps every promise of the port, so that
 * what runs on it in a test runs on PostgreSQL as well.
 *
 * @param options.now the store's clock in epoch milliseconds; `Date.now` by default.
 */
export function createMemoryEventStore(options: { readonly now?: () => number } = {}): EventStore {
  const clock = options.now ?? Date.now;
  const log: RecordedEvent[] = [];
  const streams = new Map<string, RecordedEvent[]>();
  const snapshots = new Map<string, Snapshot>();
  const listeners = new Set<() => void>();

  const versionOf = (streamId: string) => streams.get(streamId)?.length ?? 0;

  function write(parts: readonly StreamAppend[]): void {
    const recordedAt = Math.max(log.at(-1)?.recordedAt ?? 0, clock());
    for (const { streamId, events } of parts) {
      const stream = streams.get(streamId) ?? [];
      streams.set(streamId, stream);
      for (const event of events) {
        const previousHash = stream.at(-1)?.hash ?? CHAIN_START;
        // What they were made of is left out: who reads from here takes the texts apart, as from any log.
        const { eventId, type, schemaVersion, data, metadata } = event;
        const placed = { eventId, type, schemaVersion, data, metadata, streamId, version: stream.length + 1 };
        const recorded = { ...placed, position: log.length + 1, recordedAt, previousHash, hash: chainHash(previousHash, placed) };
        stream.push(recorded);
        log.push(recorded);
      }
    }
    for (const listener of [...listeners]) queueMicrotask(listener);
  }

  /** Checks and writes in one go: nothing else runs in between. */
  function appendNow(parts: readonly StreamAppend[]): AppendResult {
    checkAppend(parts);
    const stale = parts.find((part) => versionOf(part.streamId) !== part.expectedVersion);
    if (stale !== undefined && !parts.every((part) => isResent(part, streams.get(part.streamId)))) {
      const { streamId, expectedVersion } = stale;
      return { kind: 'conflict', streamId, expectedVersion, actualVersion: versionOf(streamId) };
    }
    if (stale === undefined) write(parts);
    const versions = Object.fromEntries(parts.map((part) => [part.streamId, part.expectedVersion + part.events.length]));
    const last = parts.at(-1)!;
    return { kind: 'appended', position: streams.get(last.streamId)![versions[last.streamId]! - 1]!.position, versions };
  }

  return {
    append: async (parts) => appendNow(parts),
    appendLocked: async (streamId, afterVersion, decide) => {
      const version = versionOf(streamId);
      const events = decide(streams.get(streamId)?.slice(afterVersion) ?? []);
      if (events.length === 0) return { kind: 'nothing-to-append', version };
      const result = appendNow([{ streamId, expectedVersion: version, events }]);
      if (result.kind === 'conflict') throw new Error(`Stream ${streamId} moved while it was locked.`);
      return { kind: 'appended', position: result.position, version: version + events.length };
    },
    readStream: async (streamId, fromVersion, limit) => {
      const first = Math.max(fromVersion, 1) - 1;
      return streams.get(streamId)?.slice(first, first + Math.min(limit, MAX_READ_EVENTS)) ?? [];
    },
    readFeed: async (after, limit, filter) => selectFeed(log, after, Math.min(limit, MAX_READ_EVENTS), filter),
    follow: () => ({ had: () => {}, end: () => {} }),
    headPosition: async () => log.length,
    onAppended: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    readSnapshot: async (streamId, schemaVersion) => snapshots.get(`${schemaVersion} ${streamId}`) ?? null,
    writeSnapshot: async (snapshot) => {
      const key = `${snapshot.schemaVersion} ${snapshot.streamId}`;
      if ((snapshots.get(key)?.version ?? 0) < snapshot.version) snapshots.set(key, snapshot);
    },
    now: clock,
    close: async () => listeners.clear(),
  };
}

function isResent(part: StreamAppend, stream: readonly RecordedEvent[] = []): boolean {
  return stream[part.expectedVersion]?.eventId === part.events[0]?.eventId;
}

function selectFeed(log: readonly RecordedEvent[], after: number, limit: number, filter: FeedFilter = {}): readonly RecordedEvent[] {
  const { types, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = filter;
  const selected: RecordedEvent[] = [];
  for (let index = Math.max(after, 0); index < log.length && selected.length < limit; index += 1) {
    const event = log[index]!;
    if (event.recordedAt < from || event.recordedAt >= to) continue;
    if (types === undefined || types.includes(event.type)) selected.push(event);
  }
  return selected;
}
