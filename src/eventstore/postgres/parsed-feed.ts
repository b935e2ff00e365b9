import type pg from 'pg';
import type { EventMetadata } from '../catalogue/codec.ts';
import type { StoredData } from '../catalogue/upcast.ts';
import type { ParsedEvent } from '../parsed-feed.ts';

// One text for the whole page: its events are JSON already, and parsing them at once costs a third of taking
// them apart row by row and column by column. (Put together by `||` it costs the server twice as much.)
const READ_PARSED = {
  name: 'holdfast-read-parsed-feed',
  text: `SELECT '[' || coalesce(string_agg(format('[%s,%s,%s,"%s",%s,%s,%s,%s]', position, to_json(stream_id), version, event_id,
                                                to_json(type), schema_version, data, metadata), ','), '') || ']' AS page
           FROM (SELECT * FROM holdfast.events WHERE position > $1 ORDER BY position LIMIT $2) AS event`,
};

type Line = readonly [
  position: number,
  streamId: string,
  version: number,
  eventId: string,
  type: string,
  schemaVersion: number,
  data: StoredData,
  metadata: EventMetadata,
];

export async function readParsedFeed(from: Pick<pg.ClientBase, 'query'>, after: number, limit: number): Promise<readonly ParsedEvent[]> {
  const { rows } = await from.query<{ page: string }>({ ...READ_PARSED, values: [after, limit] });
  const lines = JSON.parse(rows[0]?.page ?? '[]') as readonly Line[];
  return lines.map(([position, streamId, version, eventId, type, schemaVersion, data, metadata]) => ({
    position,
    streamId,
    version,
    eventId,
    type,
    schemaVersion,
    data,
    metadata,
  }));
}
