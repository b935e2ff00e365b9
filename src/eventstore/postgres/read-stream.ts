import type pg from 'pg';
import { EventsDetachedError, MAX_READ_EVENTS, type RecordedEvent } from '../event-store.ts';

// The stream's own row tells in which partitions there is nothing to look for, and how much there is to find.
const READ_STREAM = {
  name: 'holdfast-read-stream',
  text: `SELECT event.position, $1 AS "streamId", event.version, event.event_id AS "eventId", event.type, event.schema_version AS "schemaVersion",
                event.data, event.metadata, event.recorded_at AS "recordedAt", encode(event.previous_hash, 'hex') AS "previousHash",
                encode(event.hash, 'hex') AS hash, stream.version AS "lastVersion"
           FROM holdfast.streams AS stream
           LEFT JOIN LATERAL (
             SELECT * FROM holdfast.events AS one
              WHERE one.stream_id = $1 AND one.version >= $2 AND one.position >= stream.first_position
              ORDER BY one.version LIMIT $3) AS event ON true
          WHERE stream.stream_id = $1`,
};

/** An event, or nulls in its place, beside what its stream's row says. */
interface ReadRow extends RecordedEvent {
  readonly lastVersion: number;
}

/** @throws EventsDetachedError when some of the events are not in the database any more. */
export async function readStream(
  connection: Pick<pg.ClientBase, 'query'>,
  streamId: string,
  fromVersion: number,
  limit: number,
): Promise<RecordedEvent[]> {
  const most = Math.min(limit, MAX_READ_EVENTS);
  const { rows } = await connection.query<ReadRow>({ ...READ_STREAM, values: [streamId, fromVersion, most] });
  const [first] = rows;
  if (first === undefined) return [];
  const from = Math.max(fromVersion, 1);
  const expected = Math.max(0, Math.min(most, first.lastVersion - from + 1));
  if (expected === 0) return [];
  const last = rows.at(-1);
  if (first.version !== from || last?.version !== from + expected - 1 || rows.length !== expected) {
    throw new EventsDetachedError(
      `Events of stream ${streamId} from version ${from} on are not in the database: their partition was detached.`,
    );
  }
  return rows.map(({ lastVersion, ...event }): RecordedEvent => event);
}
