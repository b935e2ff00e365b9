import { LRUCache } from 'lru-cache';
import type { Layout, LayoutEvent } from '../domain/layout.ts';
import { decodeEvent } from './catalogue/codec.ts';
import type { EventStore, RecordedEvent } from './event-store.ts';
import { streamOfLayout } from './streams.ts';

/** A layout of 100,000 units takes some 30 MB; slots in use keep theirs alive, these are kept for the next one. */
const CACHED_UNITS = 250_000;

const READ_PAGE = 200;

/** A layout of which an event cannot be read: nothing can be said of its units. */
export class UnreadableLayoutError extends Error {
  override readonly name = 'UnreadableLayoutError';
  readonly layoutId: string;
  /** Log position of the event. */
  readonly position: number;

  constructor(layoutId: string, { type, version, position }: RecordedEvent, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`event ${type} at version ${version} of layout ${layoutId} (position ${position}) cannot be read: ${reason}`, { cause });
    this.layoutId = layoutId;
    this.position = position;
  }
}

/** Layouts by their id, read from the log once and shared by every state that is built on them. */
export class LayoutReader {
  private readonly store: EventStore;
  private readonly cache: LRUCache<string, Layout>;
  /** Those that may not be let go of, by how many. */
  private readonly kept = new Map<string, { readonly layout: Layout; users: number }>();
  private readonly loading = new Map<string, Promise<Layout | null>>();

  /** @param cachedUnits of layouts that nobody uses at the moment. */
  constructor(store: EventStore, cachedUnits = CACHED_UNITS) {
    this.store = store;
    this.cache = new LRUCache({ maxSize: cachedUnits, sizeCalculation: ({ units }) => Math.max(1, units.length) });
  }

  /** A layout that was loaded before. @throws when it was not: a defect, since states are built only after loading. */
  readonly lookUp = (layoutId: string): Layout => {
    const layout = this.loaded(layoutId);
    if (layout === undefined) throw new Error(`layout ${layoutId} was not loaded`);
    return layout;
  };

  isLoaded(layoutId: string): boolean {
    return this.loaded(layoutId) !== undefined;
  }

  /** The layout, or null when there is none of this id or it was never completed. @throws UnreadableLayoutError, StoreUnavailableError */
  async load(layoutId: string): Promise<Layout | null> {
    const cached = this.loaded(layoutId);
    if (cached !== undefined) return cached;
    const running = this.loading.get(layoutId);
    if (running !== undefined) return running;
    const load = this.read(layoutId).finally(() => this.loading.delete(layoutId));
    this.loading.set(layoutId, load);
    return load;
  }

  /**
   * Does the work while the layout can be looked up for sure, whatever else is loaded meanwhile.
   *
   * @returns null, without the work, where there is no such layout.
   * @throws what `load` and the work throw.
   */
  async whileLoaded<Result>(layoutId: string, work: () => Promise<Result>): Promise<Result | null> {
    const layout = await this.load(layoutId);
    if (layout === null) return null;
    const kept = this.kept.get(layoutId) ?? { layout, users: 0 };
    this.kept.set(layoutId, kept);
    kept.users += 1;
    try {
      return await work();
    } finally {
      kept.users -= 1;
      if (kept.users === 0) this.kept.delete(layoutId);
    }
  }

  private loaded(layoutId: string): Layout | undefined {
    return this.cache.get(layoutId) ?? this.kept.get(layoutId)?.layout;
  }

  private async read(layoutId: string): Promise<Layout | null> {
    const events: LayoutEvent[] = [];
    for (;;) {
      const page = await this.store.readStream(streamOfLayout(layoutId), events.length + 1, READ_PAGE);
      events.push(...page.map((recorded) => decode(layoutId, recorded)));
      if (page.length < READ_PAGE) break;
    }
    const [defined] = events;
    if (defined?.type !== 'LayoutDefined' || events.at(-1)?.type !== 'LayoutCompleted') return null;
    const units = events.flatMap((event) => (event.type === 'LayoutUnitsAdded' ? event.units : []));
    const layout: Layout = { layoutId, name: defined.name, units, ...(defined.focus === undefined ? {} : { focus: defined.focus }) };
    this.cache.set(layoutId, layout);
    return layout;
  }
}

function decode(layoutId: string, recorded: RecordedEvent): LayoutEvent {
  try {
    return decodeEvent(recorded) as LayoutEvent;
  } catch (error) {
    throw new UnreadableLayoutError(layoutId, recorded, error);
  }
}
