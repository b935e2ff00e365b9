import type { ClientBase } from 'pg';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { callAppendBatch } from '../../src/eventstore/postgres/append-call.ts';
import { RecentFeed } from '../../src/eventstore/postgres/recent-feed.ts';
import { StreamHeads } from '../../src/eventstore/postgres/stream-heads.ts';

/** A log that keeps what a process keeps of it, and nothing else. */
export interface UnkeptLog extends EventStore {
  readonly recent: RecentFeed;
  /** How many events were written. */
  readonly written: number;
}

/** Writes as into PostgreSQL, and reads from what was just written, of which somebody who follows has had nothing. @param now the log's clock, epoch milliseconds. */
export function unkeptLog(now: () => number): UnkeptLog {
  const recent = new RecentFeed();
  recent.follow();
  const heads = new StreamHeads();
  let written = 0;
  let wake = () => {};
  const query = async ({ values }: { readonly values: readonly unknown[] }) => ({
    rows: values.length === 1 ? [] : [[0, written, null, null, now()]],
  });
  const log: Pick<
    UnkeptLog,
    'append' | 'readStream' | 'readFeed' | 'follow' | 'headPosition' | 'onAppended' | 'readSnapshot' | 'writeSnapshot' | 'now'
  > = {
    append: async (parts) => {
      for (const { events } of parts) written += events.length;
      const batch = await callAppendBatch({ query } as unknown as ClientBase, heads, [parts]);
      recent.add(batch.written);
      wake();
      return batch.results[0]!;
    },
    readStream: async (streamId, fromVersion, limit) =>
      recent
        .after(0, written)
        .filter((event) => event.streamId === streamId && event.version >= fromVersion)
        .slice(0, limit),
    readFeed: async (after, limit) => recent.after(after, limit),
    follow: () => recent.follow(),
    headPosition: async () => written,
    onAppended: (listener) => {
      wake = listener;
      return () => {
        wake = () => {};
      };
    },
    readSnapshot: async () => null,
    writeSnapshot: async () => undefined,
    now,
  };
  return Object.defineProperty({ ...log, recent } as UnkeptLog, 'written', { get: () => written });
}
