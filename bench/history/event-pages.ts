import type { ChainedEvent } from '../../src/eventstore/hash-chain.ts';
import { MESSAGE_HEAD } from './copy-in.ts';

/** Columns of the log in the order in which rows are written. */
export const COLUMNS = 'position, stream_id, version, schema_version, recorded_at, event_id, type, data, metadata, previous_hash, hash';
const COLUMN_COUNT = 11;
/** As PostgreSQL's manual tells it: what a binary copy begins with (and no flags, and no extension), and what it ends with. */
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);

const PAGE_BYTES = 512 * 1024;
/** Of a row without its texts. */
const ROW_BYTES = 256;

/** What the log says of an event beside what the event is. */
export interface Place {
  readonly position: number;
  readonly recordedAt: number;
  /** 64 hex digits. */
  readonly previousHash: string;
  readonly hash: string;
}

/** Writes rows as `COPY … WITH (FORMAT binary)` takes them, into messages for `CopyIn`. */
export class EventPages {
  private page = Buffer.allocUnsafe(PAGE_BYTES);
  private at = MESSAGE_HEAD;
  private full: Buffer[] = [];

  constructor() {
    this.at += SIGNATURE.copy(this.page, this.at);
  }

  add({ streamId, version, schemaVersion, eventId, type, data, metadata }: ChainedEvent, place: Place): void {
    // UTF-8 takes at most three bytes for each of JavaScript's characters.
    this.makeRoom(ROW_BYTES + 3 * (streamId.length + type.length + data.length + metadata.length));
    this.at = this.page.writeInt16BE(COLUMN_COUNT, this.at);
    this.putLong(place.position);
    this.putText(streamId);
    this.putInteger(version);
    this.putInteger(schemaVersion);
    this.putLong(place.recordedAt);
    this.putHex(eventId.replaceAll('-', ''));
    this.putText(type);
    this.putText(data);
    this.putText(metadata);
    this.putHex(place.previousHash);
    this.putHex(place.hash);
  }

  /** Messages that are complete. */
  takeFull(): readonly Buffer[] {
    const { full } = this;
    this.full = [];
    return full;
  }

  /** The last messages. */
  end(): readonly Buffer[] {
    this.makeRoom(TRAILER.length);
    this.at += TRAILER.copy(this.page, this.at);
    return [...this.takeFull(), this.page.subarray(0, this.at)];
  }

  private makeRoom(bytes: number): void {
    if (this.at + bytes <= this.page.length) return;
    this.full.push(this.page.subarray(0, this.at));
    this.page = Buffer.allocUnsafe(Math.max(PAGE_BYTES, MESSAGE_HEAD + bytes));
    this.at = MESSAGE_HEAD;
  }

  private putInteger(value: number): void {
    this.at = this.page.writeInt32BE(4, this.at);
    this.at = this.page.writeInt32BE(value, this.at);
  }

  private putLong(value: number): void {
    this.at = this.page.writeInt32BE(8, this.at);
    this.at = this.page.writeInt32BE(Math.floor(value / 2 ** 32), this.at);
    this.at = this.page.writeUInt32BE(value % 2 ** 32, this.at);
  }

  private putText(value: string): void {
    const length = this.page.write(value, this.at + 4);
    this.page.writeInt32BE(length, this.at);
    this.at += 4 + length;
  }

  private putHex(value: string): void {
    this.at = this.page.writeInt32BE(value.length / 2, this.at);
    this.at += this.page.write(value, this.at, 'hex');
  }
}
