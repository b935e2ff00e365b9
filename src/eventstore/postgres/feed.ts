import type pg from 'pg';
import { type FeedFilter, MAX_READ_EVENTS, type RecordedEvent } from '../event-store.ts';

const COLUMNS = `position, stream_id AS "streamId", version, event_id AS "eventId", type, schema_version AS "schemaVersion",
  data, metadata, recorded_at AS "recordedAt", encode(previous_hash, 'hex') AS "previousHash", encode(hash, 'hex') AS hash`;

const READ_FEED = {
  name: 'holdfast-read-feed',
  text: `SELECT ${COLUMNS} FROM holdfast.events WHERE position > $1 ORDER BY position LIMIT $2`,
};

// Instants become positions first: with the log in order of time, that is a bisection and not a scan.
const WITHIN = `position > $1
            AND position >= coalesce(holdfast.first_position_at($3::bigint), 0)
            AND position < coalesce(holdfast.first_position_at($4::bigint), 9223372036854775807)`;

const READ_FILTERED_FEED = {
  name: 'holdfast-read-filtered-feed',
  text: `SELECT ${COLUMNS} FROM holdfast.events WHERE ${WITHIN} ORDER BY position LIMIT $2`,
};

// Not prepared: which types are asked for decides whether the index of seldom ones has them.
const READ_FEED_OF_TYPES = {
  text: `SELECT ${COLUMNS} FROM holdfast.events WHERE ${WITHIN} AND type = ANY ($5::text[]) ORDER BY position LIMIT $2`,
};

type Queryable = Pick<pg.ClientBase, 'query'>;

export async function readFeed(from: Queryable, after: number, limit: number, filter?: FeedFilter): Promise<RecordedEvent[]> {
  const bounds = [after, Math.min(limit, MAX_READ_EVENTS)];
  if (filter === undefined) return (await from.query<RecordedEvent>({ ...READ_FEED, values: bounds })).rows;
  const { types } = filter;
  const values = [...bounds, wholeOrNull(filter.from), wholeOrNull(filter.to)];
  const query = types === undefined ? { ...READ_FILTERED_FEED, values } : { ...READ_FEED_OF_TYPES, values: [...values, types] };
  return (await from.query<RecordedEvent>(query)).rows;
}

function wholeOrNull(instant: number | undefined): number | null {
  return instant === undefined ? null : Math.ceil(instant);
}
