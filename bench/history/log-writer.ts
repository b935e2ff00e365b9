import type pg from 'pg';
import type { Random } from '../../src/cli/rush/random.ts';
import { CHAIN_START, chainHash } from '../../src/eventstore/hash-chain.ts';
import { copyRows } from '../../src/projections/builds/copy-rows.ts';
import { column, type Row, type Table, text } from '../../src/projections/projection.ts';

const COPIED_AT_ONCE = 10_000;

const EVENTS: Table<Row> = {
  name: 'events',
  comment: '',
  key: ['position'],
  columns: Object.fromEntries(
    [
      'position',
      'stream_id',
      'version',
      'schema_version',
      'recorded_at',
      'event_id',
      'type',
      'data',
      'metadata',
      'previous_hash',
      'hash',
    ].map((name) => [name, name.endsWith('data') ? text('') : column('integer', '')]),
  ),
};

/** How far a stream has been written. */
export interface Pen {
  readonly streamId: string;
  version: number;
  hash: string;
  /** Of its first event. */
  position: number;
}

export interface ToldEvent {
  readonly type: string;
  readonly schemaVersion: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly data: string;
  readonly metadata: string;
}

export function penOf(streamId: string): Pen {
  return { streamId, version: 0, hash: CHAIN_START, position: 0 };
}

/** Writes events straight into the tables of a log that nobody else writes to, with the right positions, versions and hashes. */
export class LogWriter {
  private readonly client: pg.Client;
  private readonly random: Random;
  private at = 0;
  private recordedAt = 0;
  private rows: Row[] = [];
  private heads: [string, number, string, number][] = [];
  private copying: Promise<void> = Promise.resolve();

  /** @param random makes the ids of the events. */
  constructor(client: pg.Client, random: Random) {
    this.client = client;
    this.random = random;
  }

  /** Position of the last event. */
  get position(): number {
    return this.at;
  }

  /** To be called first: goes on behind what is there. */
  async begin(): Promise<void> {
    const { rows } = await this.client.query<{ position: string; recorded_at: string }>(
      'SELECT position, recorded_at FROM holdfast.log_head',
    );
    this.at = Number(rows[0]?.position);
    this.recordedAt = Number(rows[0]?.recorded_at);
  }

  /** The stream's next event. */
  write(pen: Pen, { type, schemaVersion, at, data, metadata }: ToldEvent): void {
    pen.version += 1;
    this.at += 1;
    if (pen.version === 1) pen.position = this.at;
    this.recordedAt = Math.max(this.recordedAt, at);
    const event = { streamId: pen.streamId, version: pen.version, eventId: uuidOf(this.random), type, schemaVersion, data, metadata };
    const hash = chainHash(pen.hash, event);
    this.rows.push({
      position: this.at,
      stream_id: pen.streamId,
      version: pen.version,
      schema_version: schemaVersion,
      recorded_at: this.recordedAt,
      event_id: event.eventId,
      type,
      data,
      metadata,
      // Two, since COPY takes one of them away.
      previous_hash: `\\\\x${pen.hash}`,
      hash: `\\\\x${hash}`,
    });
    pen.hash = hash;
  }

  /** What the stream's row shall say: to be called when it is written to no more. */
  finish({ streamId, version, hash, position }: Pen): void {
    if (version > 0) this.heads.push([streamId, version, `\\x${hash}`, position]);
  }

  /** Sends on what waits, when it is enough; the next events can be made while it is written. */
  async flush(least = COPIED_AT_ONCE): Promise<void> {
    if (this.rows.length < least) return;
    const { rows } = this;
    this.rows = [];
    await this.copying;
    this.copying = this.copy(rows, this.at);
    // It is awaited later; until then a failure must not count as unhandled.
    this.copying.catch(() => undefined);
  }

  async end(): Promise<void> {
    await this.flush(1);
    await this.copying;
    await this.client.query(
      `INSERT INTO holdfast.streams (stream_id, version, head_hash, first_position)
       SELECT * FROM unnest($1::text[], $2::integer[], $3::bytea[], $4::bigint[])`,
      [0, 1, 2, 3].map((part) => this.heads.map((head) => head[part])),
    );
    await this.client.query('UPDATE holdfast.log_head SET position = $1, recorded_at = $2', [this.at, this.recordedAt]);
  }

  private async copy(rows: readonly Row[], until: number): Promise<void> {
    await this.client.query('SELECT holdfast.make_room(room_until, $1) FROM holdfast.log_head', [until]);
    await copyRows(this.client, 'holdfast.events', EVENTS, rows);
  }
}

function uuidOf(random: Random): string {
  const hex = () =>
    Math.floor(random() * 4_294_967_296)
      .toString(16)
      .padStart(8, '0');
  const digits = hex() + hex() + hex() + hex();
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20)}`;
}
