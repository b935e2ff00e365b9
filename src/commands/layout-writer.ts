import { createHash, randomUUID } from 'node:crypto';
import { configure } from 'safe-stable-stringify';
import type { LayoutContent, LayoutEvent } from '../domain/layout.ts';
import { batchesOf } from '../domain/slot/decide-slot.ts';
import { decodeMetadata, encodeEvent, encodeMetadata } from '../eventstore/catalogue/codec.ts';
import type { EventStore, NewEvent, RecordedEvent } from '../eventstore/event-store.ts';
import { streamOfLayout } from '../eventstore/streams.ts';
import type { CommandContext, LayoutResult } from './command-service.ts';

/** Two events of 200 KiB of units fit into one append. */
const EVENTS_PER_APPEND = 2;

const stringify = configure({ deterministic: true, bigint: false });

/** Writes layouts: once each, whoever defines them however often. */
export class LayoutWriter {
  private readonly store: EventStore;

  constructor(store: EventStore) {
    this.store = store;
  }

  /** Stores a layout unless it is there. What a crash left half written is completed. */
  async define(content: LayoutContent, context: CommandContext): Promise<LayoutResult> {
    const layoutId = layoutIdOf(content);
    const streamId = streamOfLayout(layoutId);
    const events = eventsOf(layoutId, content);
    const last = await this.lastOf(streamId, events.length);
    let version = last?.version ?? 0;
    let position = last?.position ?? 0;
    let created = wasMadeBy(last, context);
    while (version < events.length) {
      const batch = events.slice(version, version + EVENTS_PER_APPEND).map((event) => this.newEvent(event, context));
      const result = await this.store.append([{ streamId, expectedVersion: version, events: batch }]);
      if (result.kind === 'conflict') {
        // Somebody else writes the very same layout: what is there is right, go on behind it.
        version = result.actualVersion;
        continue;
      }
      version += batch.length;
      position = result.position;
      // Of several writers at once, the one that completed it has created it.
      created = version === events.length;
    }
    if (last === undefined && !created) {
      const completed = await this.lastOf(streamId, version);
      position = completed?.position ?? 0;
      created = wasMadeBy(completed, context);
    }
    return { layoutId, units: content.units.length, created, place: { position, streamId, version } };
  }

  private async lastOf(streamId: string, version: number): Promise<RecordedEvent | undefined> {
    return (await this.store.readStream(streamId, version, 1))[0];
  }

  private newEvent(event: LayoutEvent, context: CommandContext): NewEvent {
    const { actor, correlationId, commandId, commandHash } = context;
    const metadata = encodeMetadata({ at: this.store.now(), actor, correlationId, causationId: null, commandId, commandHash });
    return { eventId: randomUUID(), ...encodeEvent(event), metadata };
  }
}

/** A repeat is told that the layout was made for it: it may ask before the first request has its answer, or after that was lost. */
function wasMadeBy(completed: RecordedEvent | undefined, { commandId }: CommandContext): boolean {
  return completed !== undefined && commandId !== null && decodeMetadata(completed.metadata).commandId === commandId;
}

/** SHA-256 over the content with its keys in order, in the alphabet of slot ids. */
function layoutIdOf(content: LayoutContent): string {
  return createHash('sha256')
    .update(stringify(content) as string)
    .digest('base64url')
    .slice(0, 32);
}

function eventsOf(layoutId: string, content: LayoutContent): readonly LayoutEvent[] {
  const { name, focus, units } = content;
  return [
    { type: 'LayoutDefined', layoutId, name, unitCount: units.length, ...(focus === undefined ? {} : { focus }) },
    ...batchesOf(units).map((batch): LayoutEvent => ({ type: 'LayoutUnitsAdded', layoutId, units: batch })),
    { type: 'LayoutCompleted', layoutId },
  ];
}
