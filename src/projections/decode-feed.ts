import { decodeEvent, decodeMetadata } from '../eventstore/catalogue/codec.ts';
import type { RecordedEvent } from '../eventstore/event-store.ts';
import { PoisonEventError } from './fold.ts';
import type { FeedEvent, Projection } from './projection.ts';

/** The events of the batch that the projection folds, decoded. @throws PoisonEventError when one cannot be read. */
export function decodeFeed(projection: Projection, records: readonly RecordedEvent[]): readonly FeedEvent[] {
  return records.filter((record) => projection.events.includes(record.type)).map(decode);
}

function decode(record: RecordedEvent): FeedEvent {
  const { position, streamId, version, eventId, type } = record;
  try {
    return { position, streamId, version, eventId, at: decodeMetadata(record.metadata).at, event: decodeEvent(record) };
  } catch (error) {
    throw new PoisonEventError({ position, eventId, type, streamId }, error);
  }
}
