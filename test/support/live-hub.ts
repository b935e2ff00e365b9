import type { SpanRequest } from '../../src/domain/axis.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { liveText, pointAt } from '../../src/http/live-text.ts';
import { decodePosition } from '../../src/http/position.ts';
import { renderSeat, renderSummary } from '../../src/http/render.ts';
import { FeedFollower } from '../../src/projections/memory/feed-follower.ts';
import { LiveHub, type LiveHubParts } from '../../src/queries/live/live-hub.ts';
import type { LiveAnswer, LiveSink, LiveWatch } from '../../src/queries/live/live-maps.ts';
import { createMemoryQueries, type MemoryQueries } from '../../src/queries/memory/memory-queries.ts';
import { SlotShelf } from '../../src/queries/memory/slot-shelf.ts';
import type { Queries } from '../../src/queries/queries.ts';
import type { Json } from './api.ts';
import { EventStreamReader } from './event-stream.ts';
import { LiveMap } from './live-map.ts';
import { type ScriptedRows, type StoppableFeed, scriptedRows, stoppableFeed } from './memory-layer.ts';
import { NOW } from './slot-builders.ts';
import { waitUntil } from './wait-until.ts';

/** A client in memory: what it is sent it reads at once, unless it is told to stop. */
export class Client implements LiveSink {
  readonly map = new LiveMap();
  readonly reader = new EventStreamReader();
  /** How often something was written to it. */
  writes = 0;
  ended = false;
  private reading = true;
  private watch: LiveWatch | null = null;

  watches(watch: LiveWatch): void {
    this.watch = watch;
  }

  write(bytes: Buffer): boolean {
    if (this.ended) throw new Error('something was written to a client after the end');
    this.writes += 1;
    for (const event of this.reader.read(bytes.toString())) this.map.take(event);
    return this.reading;
  }

  end(bytes: Buffer): void {
    this.write(bytes);
    this.ended = true;
    this.leave();
  }

  cut(): void {
    this.ended = true;
    this.leave();
  }

  stopReading(): void {
    this.reading = false;
  }

  readOn(): void {
    this.reading = true;
    this.watch?.drained();
  }

  leave(): void {
    this.watch?.gone();
    this.watch = null;
  }
}

/** A hub on a log in memory, with the real layer between them. */
export interface HubSide {
  readonly store: StoppableFeed;
  readonly rows: ScriptedRows;
  readonly shelf: SlotShelf;
  readonly follower: FeedFollower;
  readonly queries: MemoryQueries;
  readonly parts: LiveHubParts;
  readonly hub: LiveHub;
  /** What the hub could not do. */
  readonly errors: unknown[];
  /** The log's clock. */
  now: number;
  open(
    slotId: string,
    more?: { readonly span?: SpanRequest | null; readonly after?: string | null; readonly version?: number },
  ): Promise<LiveAnswer>;
  /** A client that watches; from where the other one is, when there is one. */
  watch(slotId: string, more?: { readonly span?: SpanRequest | null; readonly from?: Client; readonly version?: number }): Promise<Client>;
  /** Waits until the client's map has the version. */
  reached(client: Client, version: number): Promise<void>;
  close(): Promise<void>;
}

export async function startHubSide(
  options: Pick<LiveHubParts, 'patienceMs' | 'maxUnreadBytes'> & { readonly maxBytes?: number } = {},
): Promise<HubSide> {
  const { maxBytes, ...terms } = options;
  const store = stoppableFeed(createMemoryEventStore());
  const rows = scriptedRows(store);
  const shelf = new SlotShelf({
    store,
    source: rows,
    layouts: new LayoutReader(store),
    log: { warn: () => undefined },
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  const follower = new FeedFollower(store, shelf);
  const queries = createMemoryQueries({ next: NOTHING_BEHIND, shelf, follower, now: () => side.now });
  const parts: LiveHubParts = {
    queries,
    text: liveText,
    now: () => side.now,
    position: () => follower.position,
    isFollowing: () => follower.isFollowing,
    isCurrent: () => follower.isCurrent,
    log: { error: ({ err }: { readonly err?: unknown }) => side.errors.push(err) },
    ...terms,
  };
  const hub = new LiveHub(parts);
  follower.onTaken((records) => hub.take(records));
  const open: HubSide['open'] = async (slotId, { span = null, after = null, version } = {}) => {
    const place = after === null ? null : decodePosition(after);
    const seen = place === null ? null : pointAt(slotId, place);
    const point = version === undefined ? seen : { version, lacksCounts: false };
    return hub.open({ slotId, span, after: point, atLeast: point?.version ?? 0 });
  };
  const side: HubSide = {
    store,
    rows,
    shelf,
    follower,
    queries,
    parts,
    hub,
    errors: [],
    now: NOW,
    open,
    watch: async (slotId, { span = null, from, version } = {}) => {
      const after = from?.map.lastEventId ?? null;
      const answer = await open(slotId, { span, after, ...(version === undefined ? {} : { version }) });
      if (answer.kind !== 'open') throw new Error(`${slotId} cannot be watched: ${JSON.stringify(answer)}`);
      const client = new Client();
      client.watches(answer.begin(client));
      return client;
    },
    reached: (client, version) =>
      waitUntil(`version ${version}, after ${client.map.version}`, async () => {
        await new Promise(setImmediate);
        return client.map.version >= version;
      }),
    close: async () => {
      hub.stop();
      await follower.stop();
    },
  };
  follower.start();
  while (!follower.isFollowing) await new Promise(setImmediate);
  return side;
}

const NOTHING_BEHIND = {
  waitForPosition: async (_question: unknown, position: number) => ({ reached: true, position }),
  slot: async () => ({ value: null, position: 0, source: 'postgres' }),
  seats: async () => ({ kind: 'not-found', position: 0 }),
} as unknown as Queries;

/** What the read side says of a slot over a span, as a client would have it. */
export async function saidOf(
  queries: Pick<Queries, 'slot' | 'seats'>,
  slotId: string,
  span: SpanRequest | null = null,
): Promise<{ readonly slot: Json; readonly units: readonly Json[] }> {
  const summary = (await queries.slot(slotId)).value;
  const seats = await queries.seats(slotId, span);
  if (summary === null || seats.kind !== 'found') throw new Error(`nothing is known of ${slotId}`);
  const units = seats.read.value.units.map(renderSeat).sort((a, b) => (String(a.unitId) < String(b.unitId) ? -1 : 1));
  return plain({ slot: renderSummary(summary), units });
}

/** As it is after a way as JSON. */
export function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
