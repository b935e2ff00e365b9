import { decodeEvent, decodeMetadata, decodeParsed } from '../eventstore/catalogue/codec.ts';
import type { RecordedEvent } from '../eventstore/event-store.ts';
import type { ParsedEvent } from '../eventstore/parsed-feed.ts';
import { PoisonEventError } from './fold.ts';
import type { FeedEvent, Projection } from './projection.ts';

/** The events of the batch that the projection folds, decoded. @throws PoisonEventError when one cannot be read. */
export function decodeFeed(projection: Projection, records: readonly RecordedEvent[]): readonly FeedEvent[] {
  const types = typesOf(projection);
  const events: FeedEvent[] = [];
  for (const record of records) if (types.has(record.type)) events.push(decode(record));
  return events;
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
  const types = typesOf(projection);
  return events.filter(({ type }) => types.has(type)).map(upToDate);
}

const known = new WeakMap<Projection, ReadonlySet<string>>();

function typesOf(projection: Projection): ReadonlySet<string> {
  let types = known.get(projection);
  if (types === undefined) {
    types = new Set(projection.events);
    known.set(projection, types);
  }
  return types;
}

function upToDate(parsed: ParsedEvent): FeedEvent {
  const { position, streamId, version, eventId, type, at } = parsed;
  try {
    return { position, streamId, version, eventId, at, event: decodeParsed(parsed) };
  } catch (error) {
    throw new PoisonEventError({ position, eventId, type, streamId }, error);
  }
}
