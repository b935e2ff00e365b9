import type pg from 'pg';
import { checkAppend } from '../append-bounds.ts';
import {
  type LockedAppendResult,
  MAX_READ_EVENTS,
  type NewEvent,
  OutcomeUnknownError,
  type RecordedEvent,
  type StreamAppend,
} from '../event-store.ts';
import { callAppendBatch } from './append-call.ts';
import { asReadError, asWriteError, withConnection } from './connections.ts';
import { readStream } from './read-stream.ts';
import type { RecentFeed } from './recent-feed.ts';
import type { StreamHeads } from './stream-heads.ts';

/**
 * Locks the log's position, as every append does first, reads what the stream has beyond
 * `afterVersion`, and appends what `decide` makes of it, in one transaction.
 *
 * Only a COMMIT without an answer leaves the outcome unknown: whatever breaks earlier, nothing was written.
 */
export function appendLocked(
  { pool, heads, recent }: { readonly pool: pg.Pool; readonly heads: StreamHeads; readonly recent: RecentFeed },
  streamId: string,
  afterVersion: number,
  decide: (tail: readonly RecordedEvent[]) => readonly NewEvent[],
): Promise<LockedAppendResult> {
  return withConnection(pool, async (connection) => {
    try {
      const tail = await lockAndReadTail(connection, streamId, afterVersion);
      const version = afterVersion + tail.length;
      const events = decide(tail);
      if (events.length === 0) {
        await connection.query('ROLLBACK').catch((error: unknown) => {
          throw asReadError(error);
        });
        return { kind: 'nothing-to-append', version };
      }
      const { position, written } = await write(connection, heads, { streamId, expectedVersion: version, events });
      await commit(connection);
      recent.add(written);
      return { kind: 'appended', position, version: version + events.length };
    } catch (error) {
      await connection.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  });
}

async function lockAndReadTail(connection: pg.PoolClient, streamId: string, afterVersion: number): Promise<RecordedEvent[]> {
  try {
    await connection.query('BEGIN; SELECT position FROM holdfast.log_head FOR UPDATE');
    const tail: RecordedEvent[] = [];
    for (;;) {
      const page = await readStream(connection, streamId, afterVersion + tail.length + 1, MAX_READ_EVENTS);
      tail.push(...page);
      if (page.length < MAX_READ_EVENTS) return tail;
    }
  } catch (error) {
    throw asReadError(error);
  }
}

async function write(
  connection: pg.PoolClient,
  heads: StreamHeads,
  part: StreamAppend,
): Promise<{ readonly position: number; readonly written: readonly RecordedEvent[] }> {
  checkAppend([part]);
  const { results, written } = await callAppendBatch(connection, heads, [[part]]).catch((error: unknown) => {
    throw asReadError(error);
  });
  const [result] = results;
  if (result?.kind === 'appended') return { position: result.position, written };
  const { streamId, expectedVersion } = part;
  throw new Error(`Stream ${streamId} is at version ${result?.actualVersion}, not at ${expectedVersion}, though the log is locked.`);
}

async function commit(connection: pg.PoolClient): Promise<void> {
  try {
    const { command } = await connection.query('COMMIT');
    // PostgreSQL answers COMMIT with ROLLBACK when the transaction had failed before.
    if (command !== 'COMMIT') throw new OutcomeUnknownError(`The transaction ended in ${command}.`);
  } catch (error) {
    throw asWriteError(error);
  }
}
