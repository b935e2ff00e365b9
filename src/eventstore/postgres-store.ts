import type pg from 'pg';
import { checkAppend } from './append-bounds.ts';
import { type EventStore, MAX_READ_EVENTS, type Snapshot } from './event-store.ts';
import type { ReadParsedFeed } from './parsed-feed.ts';
import { type ClockReading, startClock } from './postgres/clock.ts';
import { asReadError, createPool, withConnection } from './postgres/connections.ts';
import { readFeed } from './postgres/feed.ts';
import { BATCHES_IN_FLIGHT, GroupAppender } from './postgres/group-appender.ts';
import { appendLocked } from './postgres/locked-append.ts';
import { eventsOf, readPage } from './postgres/parsed-feed.ts';
import { checkReach, keepRoomAhead, withoutGap } from './postgres/partitions.ts';
import { readStream } from './postgres/read-stream.ts';
import { RecentFeed } from './postgres/recent-feed.ts';
import { createPostgresRequestKeys } from './postgres/request-keys.ts';
import { StreamHeads } from './postgres/stream-heads.ts';
import { createWakeUp } from './postgres/wake-up.ts';
import type { RequestKeys } from './request-keys.ts';

/** Locked appends stand in line for one lock, so few connections serve them; the rest waits here and not in the database. */
const LOCKED_CONNECTIONS = 4;
const READ_CONNECTIONS = 8;
const ANSWER_TIMEOUT_MS = 10_000;

export interface PostgresEventStoreOptions {
  /** A database whose schema is up to date (see migrate.ts). */
  readonly connectionString: string;
  /** Milliseconds until a statement's answer is given up, and the outcome of an append is unknown; 10 s by default. */
  readonly answerTimeoutMs?: number;
}

export interface PostgresEventStore extends EventStore {
  /** How far the database's clock is from this process's, as last measured. */
  clockReading(): ClockReading;
  /** Appends that wait for their turn, and the bytes of their events. */
  appendQueue(): { readonly waiting: number; readonly bytes: number };
  /** Kept with the log, so that a backup has both as of one moment. */
  readonly requestKeys: RequestKeys;
  /** A third of the cost of readFeed. */
  readonly readParsedFeed: ReadParsedFeed;
}

/**
 * The event log in PostgreSQL. Appends go in groups; see GroupAppender for the bounds.
 *
 * @throws StoreUnavailableError when the database does not answer.
 */
export async function createPostgresEventStore(options: PostgresEventStoreOptions): Promise<PostgresEventStore> {
  const { connectionString, answerTimeoutMs = ANSWER_TIMEOUT_MS } = options;
  const poolOf = (max: number) => createPool({ connectionString, max, answerTimeoutMs });
  const reads = poolOf(READ_CONNECTIONS);
  const clock = await startClock(reads).catch(async (error: unknown) => {
    await reads.end();
    throw asReadError(error);
  });
  const appends = poolOf(BATCHES_IN_FLIGHT);
  const locked = poolOf(LOCKED_CONNECTIONS);
  // A slot that has lost twice to another instance should not also wait for a connection to be made.
  await withConnection(locked, (connection) => connection.query('SELECT 1'));
  const wakeUp = createWakeUp(reads, connectionString);
  const room = keepRoomAhead(reads);
  const heads = new StreamHeads();
  const recent = new RecentFeed();
  const appender = new GroupAppender({ pool: appends, heads, recent, onWritten: wakeUp.announce });
  const read = async <Result>(work: (connection: pg.PoolClient) => Promise<Result>): Promise<Result> => {
    try {
      return await withConnection(reads, work);
    } catch (error) {
      throw asReadError(error);
    }
  };

  return {
    append: async (parts) => appender.append(parts, checkAppend(parts)),
    appendLocked: async (streamId, afterVersion, decide) => {
      const result = await appendLocked({ pool: locked, heads, recent }, streamId, afterVersion, decide);
      if (result.kind === 'appended') wakeUp.announce();
      return result;
    },
    readStream: async (streamId, fromVersion, limit) => {
      const events = await read((connection) => readStream(connection, streamId, fromVersion, limit));
      const last = events.at(-1);
      // Who reads a stream to its end is about to append to it, as a rule.
      if (last !== undefined) heads.learn(streamId, last.version, last.hash);
      return events;
    },
    readFeed: async (after, limit, filter) => {
      if (filter !== undefined) {
        return read(async (connection) => {
          await checkReach(connection, after, filter);
          return readFeed(connection, after, limit, filter);
        });
      }
      const known = recent.after(after, Math.min(limit, MAX_READ_EVENTS));
      return known.length > 0 ? known : withoutGap(after, await read((connection) => readFeed(connection, after, limit)));
    },
    follow: () => recent.follow(),
    headPosition: () =>
      read(
        async (connection) => (await connection.query<{ position: number }>('SELECT position FROM holdfast.log_head')).rows[0]!.position,
      ),
    onAppended: wakeUp.listen,
    readSnapshot: (streamId, schemaVersion) => read((connection) => readSnapshot(connection, streamId, schemaVersion)),
    writeSnapshot: (snapshot) => read((connection) => writeSnapshot(connection, snapshot)),
    requestKeys: createPostgresRequestKeys(reads),
    now: clock.now,
    clockReading: clock.reading,
    appendQueue: () => appender.queue,
    readParsedFeed: async (after, limit) => {
      const page = await read((connection) => readPage(connection, after, limit));
      return page === null ? [] : eventsOf(page, after);
    },
    close: async () => {
      clock.stop();
      room.stop();
      await appender.close();
      await wakeUp.close();
      await Promise.all([appends.end(), locked.end(), reads.end()]);
    },
  };
}

async function readSnapshot(connection: pg.PoolClient, streamId: string, schemaVersion: number): Promise<Snapshot | null> {
  const { rows } = await connection.query<Snapshot>(
    `SELECT stream_id AS "streamId", version, schema_version AS "schemaVersion", encode(hash, 'hex') AS hash, state
       FROM holdfast.snapshots WHERE stream_id = $1 AND schema_version = $2`,
    [streamId, schemaVersion],
  );
  return rows[0] ?? null;
}

async function writeSnapshot(connection: pg.PoolClient, snapshot: Snapshot): Promise<void> {
  await connection.query(
    `INSERT INTO holdfast.snapshots AS kept (stream_id, schema_version, version, hash, state)
     VALUES ($1, $2, $3, decode($4, 'hex'), $5)
     ON CONFLICT (stream_id, schema_version) DO UPDATE SET version = excluded.version, hash = excluded.hash, state = excluded.state
       WHERE kept.version < excluded.version`,
    [snapshot.streamId, snapshot.schemaVersion, snapshot.version, snapshot.hash, snapshot.state],
  );
}
