import { MAX_APPEND_BYTES, MAX_EVENT_BYTES, type NewEvent, type StreamAppend } from './event-store.ts';

const LOWER_CASE_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Refuses an append that no store takes, before anything is sent.
 *
 * @returns the append's size: bytes of data and metadata over all its events.
 * @throws RangeError when it has no events, names a stream twice, has an id that is no lower-case UUID or a
 *   text that cannot be stored as it is, or is too big.
 */
export function checkAppend(parts: readonly StreamAppend[]): number {
  if (parts.length === 0) throw new RangeError('An append needs at least one stream.');
  if (new Set(parts.map((part) => part.streamId)).size !== parts.length) throw new RangeError('An append may name each stream once only.');
  let bytes = 0;
  for (const part of parts) {
    if (!Number.isSafeInteger(part.expectedVersion) || part.expectedVersion < 0) {
      throw new RangeError(`The expected version of ${part.streamId} must be a whole number from 0 on, not ${part.expectedVersion}.`);
    }
    if (isUnstorable(part.streamId)) throw new RangeError('A stream id has a character that cannot be stored.');
    bytes += checkEvents(part.streamId, part.events);
  }
  if (bytes > MAX_APPEND_BYTES) throw new RangeError(`An append may have ${MAX_APPEND_BYTES} bytes at most; this one has ${bytes}.`);
  return bytes;
}

/** PostgreSQL cannot store a zero character, and UTF-8 cannot write half a surrogate pair. */
function isUnstorable(text: string): boolean {
  return !text.isWellFormed() || text.includes('\0');
}

function checkEvents(streamId: string, events: readonly NewEvent[]): number {
  if (events.length === 0) throw new RangeError(`An append to ${streamId} needs at least one event.`);
  let bytes = 0;
  for (const event of events) {
    if (!LOWER_CASE_UUID.test(event.eventId)) throw new RangeError(`An event id must be a lower-case UUID, not ${event.eventId}.`);
    if (isUnstorable(event.type) || isUnstorable(event.data) || isUnstorable(event.metadata)) {
      throw new RangeError(`An event for ${streamId} has a character that cannot be stored.`);
    }
    const eventBytes = Buffer.byteLength(event.data) + Buffer.byteLength(event.metadata);
    if (eventBytes > MAX_EVENT_BYTES) {
      throw new RangeError(`An event may have ${MAX_EVENT_BYTES} bytes at most; ${event.type} for ${streamId} has ${eventBytes}.`);
    }
    bytes += eventBytes;
  }
  return bytes;
}
