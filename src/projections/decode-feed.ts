import { decodeEvent, decodeMetadata, decodeParsed } from '../eventstore/catalogue/codec.ts';
import type { RecordedEvent } from '../eventstore/event-store.ts';
import type { ParsedEvent } from '../eventstore/parsed-feed.ts';
import { PoisonEventError } from './fold.ts';
import type { FeedEvent, Projection } from './projection.ts';

/** The events of the batch that the projection folds, decoded. @throws PoisonEventError when one cannot be read. */
export function decodeFeed(projection: Projection, records: readonly RecordedEvent[]): readonly FeedEvent[] {
  return records.filter((record) => projection.events.includes(record.type)).map(decode);
}

function decode(record: RecordedEvent): FeedEvent {
  const { position, streamId, version, eventId, type, origin } = record;
  if (origin !== undefined) return { position, streamId, version, eventId, at: origin.at, event: origin.event };
  try {
    return { position, streamId, version, eventId, at: decodeMetadata(record.metadata).at, event: decodeEvent(record) };
  } catch (error) {
    throw new PoisonEventError({ position, eventId, type, streamId }, error);
  }
}

/** The same of events that were parsed already. */
export function decodeParsedFeed(projection: Projection, events: readonly ParsedEvent[]): readonly FeedEvent[] {
  const types = new Set(projection.events);
  return events.filter(({ type }) => types.has(type)).map(upToDate);
}

function upToDate(parsed: ParsedEvent): FeedEvent {
  const { position, streamId, version, eventId, type, at } = parsed;
  try {
    return { position, streamId, version, eventId, at, event: decodeParsed(parsed) };
  } catch (error) {
    throw new PoisonEventError({ position, eventId, type, streamId }, error);
  }
}
