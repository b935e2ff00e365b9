import type { ClientBase } from 'pg';
import type { AppendResult, NewEvent, RecordedEvent, StreamAppend } from '../event-store.ts';
import { CHAIN_START, chainHash } from '../hash-chain.ts';
import { byteaArray, numberArray, textArray } from './binary-arrays.ts';
import type { StreamHeads } from './stream-heads.ts';

const APPEND = {
  name: 'holdfast-append-chained',
  text: `SELECT append_number, last_position, conflict_stream, actual_version, recorded_at
           FROM holdfast.append_chained($1::integer[], $2::text[], $3::integer[], $4::integer[], $5::bytea[], $6::bytea[],
                                        $7::text[], $8::integer[], $9::uuid[], $10::text[], $11::integer[], $12::text[], $13::text[],
                                        $14::bytea[], $15::bytea[])
          ORDER BY append_number`,
  rowMode: 'array' as const,
};

const READ_HEADS = {
  name: 'holdfast-read-heads',
  text: `SELECT stream_id, version, encode(head_hash, 'hex') FROM holdfast.streams WHERE stream_id = ANY ($1::text[])`,
  rowMode: 'array' as const,
};

type AppendRow = [
  appendNumber: number,
  lastPosition: number | null,
  conflictStream: string | null,
  actualVersion: number | null,
  recordedAt: number | null,
];

/** An event with its place in its stream; that in the log is filled in when it has one. */
class ChainedEvent implements RecordedEvent {
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: string;
  readonly metadata: string;
  // Declared alone: an event that has none must not have the property either.
  declare readonly origin?: NonNullable<NewEvent['origin']>;
  readonly streamId: string;
  readonly version: number;
  readonly previousHash: string;
  readonly hash: string;
  position = 0;
  recordedAt = 0;

  constructor({ eventId, type, schemaVersion, data, metadata, origin }: NewEvent, streamId: string, version: number, previousHash: string) {
    this.eventId = eventId;
    this.type = type;
    this.schemaVersion = schemaVersion;
    this.data = data;
    this.metadata = metadata;
    if (origin !== undefined) this.origin = origin;
    this.streamId = streamId;
    this.version = version;
    this.previousHash = previousHash;
    this.hash = chainHash(previousHash, this);
  }
}

export interface WrittenBatch {
  /** One per append, in order. */
  readonly results: AppendResult[];
  /** All events of the batch as the log has them now, in order; empty when anything in it was a conflict or a resend. */
  readonly written: readonly RecordedEvent[];
}

/**
 * Sends several appends in one statement; each succeeds or conflicts by itself. No stream may occur twice.
 * Hashes are made here, since the ends of the streams' chains are known as a rule; what turns out
 * otherwise, the database settles.
 */
export async function callAppendBatch(
  connection: ClientBase,
  heads: StreamHeads,
  appends: readonly (readonly StreamAppend[])[],
): Promise<WrittenBatch> {
  const parts = appends.flat();
  await learnHeads(connection, heads, parts);
  const previous = parts.map(({ streamId, expectedVersion }) => heads.hashAt(streamId, expectedVersion) ?? CHAIN_START);
  const chains = parts.map((part, index) => chainOf(part, previous[index] as string));
  const events = chains.flat();
  const { rows } = await connection.query<AppendRow>({
    ...APPEND,
    values: [
      numberArray(appends.flatMap((append, index) => append.map(() => index + 1))),
      textArray(parts.map((part) => part.streamId)),
      numberArray(parts.map((part) => part.expectedVersion)),
      numberArray(parts.map((part) => part.events.length)),
      byteaArray(previous),
      byteaArray(chains.map((chain) => (chain.at(-1) as ChainedEvent).hash)),
      textArray(events.map((event) => event.streamId)),
      numberArray(events.map((event) => event.version)),
      `{${events.map((event) => event.eventId).join(',')}}`,
      textArray(events.map((event) => event.type)),
      numberArray(events.map((event) => event.schemaVersion)),
      textArray(events.map((event) => event.data)),
      textArray(events.map((event) => event.metadata)),
      byteaArray(events.map((event) => event.previousHash)),
      byteaArray(events.map((event) => event.hash)),
    ],
  });
  const [first] = rows;
  if (first?.[0] !== 0) return { results: appends.map((append, index) => toResult(append, rows[index])), written: [] };
  return allWritten(heads, appends, events, first);
}

/** Looks up the ends of streams that are not known here. */
async function learnHeads(connection: ClientBase, heads: StreamHeads, parts: readonly StreamAppend[]): Promise<void> {
  const unknown = parts.filter(({ streamId, expectedVersion }) => heads.hashAt(streamId, expectedVersion) === null);
  if (unknown.length === 0) return;
  const { rows } = await connection.query<[string, number, string]>({
    ...READ_HEADS,
    values: [textArray(unknown.map(({ streamId }) => streamId))],
  });
  for (const [streamId, version, hash] of rows) heads.learn(streamId, version, hash);
}

function chainOf({ streamId, expectedVersion, events }: StreamAppend, previous: string): readonly ChainedEvent[] {
  let previousHash = previous;
  return events.map((event, index) => {
    const chained = new ChainedEvent(event, streamId, expectedVersion + 1 + index, previousHash);
    previousHash = chained.hash;
    return chained;
  });
}

function allWritten(
  heads: StreamHeads,
  appends: readonly (readonly StreamAppend[])[],
  events: readonly ChainedEvent[],
  [, lastPosition, , , recordedAt]: AppendRow,
): WrittenBatch {
  if (lastPosition === null || recordedAt === null) throw new Error('The append function answered no position.');
  const before = lastPosition - events.length;
  events.forEach((event, index) => {
    event.position = before + 1 + index;
    event.recordedAt = recordedAt;
    if (events[index + 1]?.streamId !== event.streamId) heads.learn(event.streamId, event.version, event.hash);
  });
  let end = before;
  const results = appends.map((parts): AppendResult => {
    for (const part of parts) end += part.events.length;
    return { kind: 'appended', position: end, versions: versionsAfter(parts) };
  });
  return { results, written: events };
}

function toResult(parts: readonly StreamAppend[], row: AppendRow | undefined): AppendResult {
  if (row === undefined) throw new Error('The append function answered fewer rows than it was given appends.');
  const [, position, conflictStream, actualVersion] = row;
  if (position !== null) return { kind: 'appended', position, versions: versionsAfter(parts) };
  const stale = parts.find((part) => part.streamId === conflictStream);
  if (stale === undefined || actualVersion === null) throw new Error('The append function answered neither a position nor a conflict.');
  return { kind: 'conflict', streamId: stale.streamId, expectedVersion: stale.expectedVersion, actualVersion };
}

function versionsAfter(parts: readonly StreamAppend[]): Readonly<Record<string, number>> {
  return Object.fromEntries(parts.map((part) => [part.streamId, part.expectedVersion + part.events.length]));
}
