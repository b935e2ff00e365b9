import type { ClientBase } from 'pg';
import type { AppendResult, StreamAppend } from '../event-store.ts';

const TEXT_OID = 25;

const APPEND = {
  name: 'holdfast-append-batch',
  text: `SELECT last_position, conflict_stream, actual_version
           FROM holdfast.append_batch($1::integer[], $2::text[], $3::integer[], $4::integer[],
                                      $5::uuid[], $6::text[], $7::integer[], $8::text[], $9::text[])
          ORDER BY append_number`,
  rowMode: 'array' as const,
};

type AppendRow = [lastPosition: number | null, conflictStream: string | null, actualVersion: number | null];

/**
 * Sends several appends in one statement; each succeeds or conflicts by itself. No stream may occur twice.
 *
 * @returns one result per append, in order.
 */
export async function callAppendBatch(connection: ClientBase, appends: readonly (readonly StreamAppend[])[]): Promise<AppendResult[]> {
  const parts = appends.flat();
  const events = parts.flatMap((part) => part.events);
  const { rows } = await connection.query<AppendRow>({
    ...APPEND,
    values: [
      numberArray(appends.flatMap((append, index) => append.map(() => index + 1))),
      textArray(parts.map((part) => part.streamId)),
      numberArray(parts.map((part) => part.expectedVersion)),
      numberArray(parts.map((part) => part.events.length)),
      `{${events.map((event) => event.eventId).join(',')}}`,
      textArray(events.map((event) => event.type)),
      numberArray(events.map((event) => event.schemaVersion)),
      textArray(events.map((event) => event.data)),
      textArray(events.map((event) => event.metadata)),
    ],
  });
  return appends.map((append, index) => toResult(append, rows[index]));
}

function toResult(parts: readonly StreamAppend[], row: AppendRow | undefined): AppendResult {
  if (row === undefined) throw new Error('The append function answered fewer rows than it was given appends.');
  const [position, conflictStream, actualVersion] = row;
  if (position !== null) {
    return {
      kind: 'appended',
      position,
      versions: Object.fromEntries(parts.map((part) => [part.streamId, part.expectedVersion + part.events.length])),
    };
  }
  const stale = parts.find((part) => part.streamId === conflictStream);
  if (stale === undefined || actualVersion === null) throw new Error('The append function answered neither a position nor a conflict.');
  return { kind: 'conflict', streamId: stale.streamId, expectedVersion: stale.expectedVersion, actualVersion };
}

function numberArray(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`;
}

/**
 * A one-dimensional text[] in PostgreSQL's binary format, which needs no escaping: JSON texts are full
 * of quotes, and escaping them costs more than all the rest of a call.
 */
function textArray(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const buffer = Buffer.allocUnsafe(20 + lengths.reduce((sum, length) => sum + 4 + length, 0));
  buffer.writeInt32BE(1, 0); // dimensions
  buffer.writeInt32BE(0, 4); // no nulls
  buffer.writeInt32BE(TEXT_OID, 8);
  buffer.writeInt32BE(texts.length, 12);
  buffer.writeInt32BE(1, 16); // first index
  let offset = 20;
  for (const [index, text] of texts.entries()) {
    offset = buffer.writeInt32BE(lengths[index]!, offset);
    offset += buffer.write(text, offset);
  }
  return buffer;
}
