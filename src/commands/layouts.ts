import { createHash, randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { configure } from 'safe-stable-stringify';
import type { Layout, LayoutContent, LayoutEvent } from '../domain/layout.ts';
import { batchesOf } from '../domain/slot/decide-slot.ts';
import { decodeEvent, encodeEvent, encodeMetadata } from '../eventstore/catalogue/codec.ts';
import type { EventStore, NewEvent } from '../eventstore/event-store.ts';
import type { CommandContext, LayoutResult } from './command-service.ts';

/** A layout of 100,000 units takes some 30 MB; slots in use keep theirs alive, these are kept for the next one. */
const CACHED_UNITS = 500_000;

/** Two events of 200 KiB of units fit into one append. */
const EVENTS_PER_APPEND = 2;

const READ_PAGE = 200;

const stringify = configure({ deterministic: true, bigint: false });

/** Units and geometry by their content: written once, shared by every slot that stands on them. */
export class Layouts {
  private readonly store: EventStore;
  private readonly cache = new LRUCache<string, Layout>({
    maxSize: CACHED_UNITS,
    sizeCalculation: (layout) => Math.max(1, layout.units.length),
  });
  private readonly loading = new Map<string, Promise<Layout | null>>();

  constructor(store: EventStore) {
    this.store = store;
  }

  /** A layout that was loaded before. @throws when it was not: a defect, since states are built only after loading. */
  readonly lookUp = (layoutId: string): Layout => {
    const layout = this.cache.get(layoutId);
    if (layout === undefined) throw new Error(`layout ${layoutId} was not loaded`);
    return layout;
  };

  isLoaded(layoutId: string): boolean {
    return this.cache.has(layoutId);
  }

  /** The layout, or null when there is none of this id or it was never completed. */
  async load(layoutId: string): Promise<Layout | null> {
    const cached = this.cache.get(layoutId);
    if (cached !== undefined) return cached;
    const running = this.loading.get(layoutId);
    if (running !== undefined) return running;
    const load = this.read(layoutId).finally(() => this.loading.delete(layoutId));
    this.loading.set(layoutId, load);
    return load;
  }

  /** Stores a layout unless it is there. What a crash left half written is completed. */
  async define(content: LayoutContent, context: CommandContext): Promise<LayoutResult> {
    const layoutId = layoutIdOf(content);
    const streamId = streamOfLayout(layoutId);
    const events = eventsOf(layoutId, content);
    let version = 0;
    let position = 0;
    let created = false;
    for (const page of await this.allEvents(streamId)) {
      version = page.version;
      position = page.position;
    }
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
      created = true;
    }
    this.cache.set(layoutId, { layoutId, ...content });
    return { layoutId, units: content.units.length, created, place: { position, streamId, version } };
  }

  private newEvent(event: LayoutEvent, context: CommandContext): NewEvent {
    const { actor, correlationId } = context;
    const metadata = encodeMetadata({ at: this.store.now(), actor, correlationId, causationId: null, commandId: null, commandHash: null });
    return { eventId: randomUUID(), ...encodeEvent(event), metadata };
  }

  private async read(layoutId: string): Promise<Layout | null> {
    const recorded = await this.allEvents(streamOfLayout(layoutId));
    const events = recorded.map((event) => decodeEvent(event) as LayoutEvent);
    const [defined] = events;
    if (defined?.type !== 'LayoutDefined' || events.at(-1)?.type !== 'LayoutCompleted') return null;
    const units = events.flatMap((event) => (event.type === 'LayoutUnitsAdded' ? event.units : []));
    const layout: Layout = { layoutId, name: defined.name, units, ...(defined.focus === undefined ? {} : { focus: defined.focus }) };
    this.cache.set(layoutId, layout);
    return layout;
  }

  private async allEvents(streamId: string) {
    const found = [];
    for (;;) {
      const page = await this.store.readStream(streamId, found.length + 1, READ_PAGE);
      found.push(...page);
      if (page.length < READ_PAGE) return found;
    }
  }
}

export function streamOfLayout(layoutId: string): string {
  return `layout-${layoutId}`;
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
