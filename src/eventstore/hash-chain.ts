import { hash } from 'node:crypto';
import type { NewEvent } from './event-store.ts';

/** What stands before the first event of a stream: 32 zero bytes, in hex. */
export const CHAIN_START = '0'.repeat(64);

/** The fields that the hash of an event covers. `recordedAt` and `position` are not among them: the database draws them. */
export interface ChainedEvent extends NewEvent {
  readonly streamId: string;
  readonly version: number;
}

/**
 * The SHA-256 that chains an event to the one before it in its stream, in lower-case hex.
 *
 * Hashed are, in this order, without anything in between:
 *
 * 1. the 32 raw bytes of the previous event's hash (CHAIN_START for the first event);
 * 2. seven fields: stream id, version, event id, type, schema version, data, metadata. Each one is its
 *    UTF-8 text behind its length: the number of bytes in ASCII decimals, then a colon. Numbers are
 *    ASCII decimals without sign or leading zeros, the event id is the UUID in lower case with hyphens.
 *
 * The lengths make the layout unambiguous: no two different events have the same bytes. The SQL
 * function `holdfast.chain_hash` computes the same, and the store contract compares the two.
 *
 * @param previousHash 64 hex digits.
 */
export function chainHash(previousHash: string, event: ChainedEvent): string {
  const text =
    field(event.streamId) +
    asciiField(String(event.version)) +
    asciiField(event.eventId) +
    field(event.type) +
    asciiField(String(event.schemaVersion)) +
    field(event.data) +
    field(event.metadata);
  // UTF-8 takes at most three bytes for each of JavaScript's characters.
  const longest = HASH_BYTES + 3 * text.length;
  if (scratch.length < longest) scratch = Buffer.allocUnsafe(2 * longest);
  scratch.write(previousHash, 0, 'hex');
  const end = HASH_BYTES + scratch.write(text, HASH_BYTES);
  return hash('sha256', scratch.subarray(0, end), 'hex');
}

const HASH_BYTES = 32;
/** What is hashed is put together here: an event has 256 KiB at most, so this stays small. */
let scratch = Buffer.allocUnsafe(4_096);

/** Has as many bytes as characters, which need not be counted. */
function asciiField(text: string): string {
  return `${text.length}:${text}`;
}

function field(text: string): string {
  return `${Buffer.byteLength(text)}:${text}`;
}
