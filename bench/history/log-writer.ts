import type pg from 'pg';
import type { Random } from '../../src/cli/rush/random.ts';
import { CHAIN_START, chainHash } from '../../src/eventstore/hash-chain.ts';
import { CopyIn } from './copy-in.ts';
import { COLUMNS, EventPages } from './event-pages.ts';

/** Positions of a partition of the log, as the migrations have it. */
const PARTITION = 10_000_000;

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

/** A partition of the log on its way into the database. */
interface Part {
  readonly number: number;
  readonly pages: EventPages;
  copy: CopyIn | null;
}

/**
 * Writes events straight into an empty log that nobody else uses, with the right positions, versions and hashes. It is one transaction,
 * in which each partition is filled as a table without indexes, and becomes a part of the log when it has them all.
 */
export class LogWriter {
  private readonly client: pg.Client;
  private readonly random: Random;
  private at = 0;
  private recordedAt = 0;
  /** Those that are not in the database yet; events go into the last one. */
  private parts: Part[] = [];
  private heads: [string, number, string, number][] = [];

  /** @param random makes the ids of the events. */
  constructor(client: pg.Client, random: Random) {
    this.client = client;
    this.random = random;
  }

  /** Position of the last event. */
  get position(): number {
    return this.at;
  }

  /** To be called first. @throws Error when there are events. */
  async begin(): Promise<void> {
    await this.client.query('BEGIN');
    const { rows } = await this.client.query<{ position: string }>('SELECT position FROM holdfast.log_head FOR UPDATE');
    if (rows[0]?.position !== '0') throw new Error('there are events in this log already');
    const made = await this.client.query<{ name: string }>(
      `SELECT inhrelid::regclass AS name FROM pg_inherits WHERE inhparent = 'holdfast.events'::regclass`,
    );
    for (const { name } of made.rows) await this.client.query(`DROP TABLE ${name}`);
  }

  /** The stream's next event. */
  write(pen: Pen, { type, schemaVersion, at, data, metadata }: ToldEvent): void {
    pen.version += 1;
    this.at += 1;
    if (pen.version === 1) pen.position = this.at;
    this.recordedAt = Math.max(this.recordedAt, at);
    const { streamId, version, hash: previousHash } = pen;
    const event = { streamId, version, eventId: uuidOf(this.random), type, schemaVersion, data, metadata };
    pen.hash = chainHash(previousHash, event);
    this.partOf(this.at).pages.add(event, { position: this.at, recordedAt: this.recordedAt, previousHash, hash: pen.hash });
  }

  /** What the stream's row shall say: to be called when it is written to no more. */
  finish({ streamId, version, hash, position }: Pen): void {
    if (version > 0) this.heads.push([streamId, version, `\\x${hash}`, position]);
  }

  /** Sends on what waits, when it is enough; the next events can be made while it is written. */
  async flush(): Promise<void> {
    const parts = this.parts.splice(0, this.parts.length - 1);
    for (const part of parts) await this.endPart(part);
    const [current] = this.parts;
    if (current !== undefined) await this.send(current, current.pages.takeFull());
  }

  async end(): Promise<void> {
    for (const part of this.parts) await this.endPart(part);
    await this.client.query(
      `INSERT INTO holdfast.streams (stream_id, version, head_hash, first_position)
       SELECT * FROM unnest($1::text[], $2::integer[], $3::bytea[], $4::bigint[])`,
      [0, 1, 2, 3].map((part) => this.heads.map((head) => head[part])),
    );
    await this.client.query('UPDATE holdfast.log_head SET position = $1, recorded_at = $2, room_until = $3', [
      this.at,
      this.recordedAt,
      (Math.floor(this.at / PARTITION) + 1) * PARTITION,
    ]);
    await this.client.query('COMMIT');
    await this.client.query('SELECT holdfast.make_room_ahead()');
  }

  private partOf(position: number): Part {
    const number = Math.floor(position / PARTITION);
    let part = this.parts.at(-1);
    if (part?.number !== number) {
      part = { number, pages: new EventPages(), copy: null };
      this.parts.push(part);
    }
    return part;
  }

  private async send(part: Part, pages: readonly Buffer[]): Promise<void> {
    if (pages.length === 0) return;
    part.copy ??= await this.beginPart(part);
    for (const page of pages) await part.copy.send(page);
  }

  private async beginPart(part: Part): Promise<CopyIn> {
    const table = tableOf(part);
    await this.client.query(`CREATE TABLE ${table} (LIKE holdfast.events)`);
    // Rows of a table that nobody else can see yet may be written as if they had always been there: no VACUUM has to come back to them.
    return CopyIn.begin(this.client, `COPY ${table} (${COLUMNS}) FROM STDIN WITH (FORMAT binary, FREEZE)`);
  }

  private async endPart(part: Part): Promise<void> {
    const table = tableOf(part);
    await this.send(part, part.pages.end());
    await part.copy?.end();
    await this.client.query(
      `CREATE TRIGGER events_are_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
         FOR EACH STATEMENT EXECUTE FUNCTION holdfast.refuse_change()`,
    );
    const from = part.number === 0 ? 'MINVALUE' : part.number * PARTITION;
    // Makes its indexes.
    await this.client.query(
      `ALTER TABLE holdfast.events ATTACH PARTITION ${table} FOR VALUES FROM (${from}) TO (${(part.number + 1) * PARTITION})`,
    );
  }
}

function tableOf({ number }: Part): string {
  return `holdfast.events_${String(number).padStart(6, '0')}`;
}

/** Of version 4, but for where its randomness comes from. */
function uuidOf(random: Random): string {
  for (let at = 0; at < UUID.length; at += 4) UUID.writeUInt32BE(Math.floor(random() * 4_294_967_296), at);
  const hex = UUID.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

const UUID = Buffer.alloc(16);
