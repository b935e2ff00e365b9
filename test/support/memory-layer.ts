import { type EventStore, type RecordedEvent, StoreUnavailableError } from '../../src/eventstore/event-store.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { decodeFeed } from '../../src/projections/decode-feed.ts';
import { fold } from '../../src/projections/fold.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import type { SlotRows } from '../../src/projections/inventory/slot-rows.ts';
import type { SlotClaimRow, SlotRow, SlotUnitRow } from '../../src/projections/inventory/tables.ts';
import { FeedFollower } from '../../src/projections/memory/feed-follower.ts';
import type { Key, Row, Table } from '../../src/projections/projection.ts';
import type { KeptSlot } from '../../src/queries/memory/kept-slot.ts';
import type { SlotRowSource, SourcedRows } from '../../src/queries/memory/slot-row-source.ts';
import { SlotShelf } from '../../src/queries/memory/slot-shelf.ts';

/** Rows of a slot as a list, whatever they are kept in. */
export function listed(rows: SlotRows | null): { slot: SlotRow; units: SlotUnitRow[]; claims: SlotClaimRow[] } | null {
  return rows === null ? null : { slot: rows.slot, units: [...rows.units], claims: [...rows.claims] };
}

/** What the projection makes of the log up to the position, by nothing but its own fold. */
export async function foldedRows(store: EventStore, slotId: string, upTo: number): Promise<SlotRows | null> {
  const tables = new Map<string, Map<string, Row>>();
  const rowsOf = (name: string) => tables.get(name) ?? tables.set(name, new Map()).get(name)!;
  const load = async (table: Table<Row>, keys: readonly Key[]) =>
    keys.flatMap((key) => structuredClone(rowsOf(table.name).get(JSON.stringify(key)) ?? []) as Row[]);
  const log = (await store.readFeed(0, 5_000)).filter(({ position }) => position <= upTo);
  for (const { table, added, changed, removed } of await fold(inventory, decodeFeed(inventory, log), load)) {
    for (const row of [...added, ...changed]) rowsOf(table.name).set(JSON.stringify(table.key.map((property) => row[property])), row);
    for (const key of removed) rowsOf(table.name).delete(JSON.stringify(key));
  }
  const ofSlot = <R extends Row>(name: string) => [...rowsOf(name).values()].filter((row) => row.slotId === slotId) as R[];
  const [slot] = ofSlot<SlotRow>('slots');
  return slot === undefined ? null : { slot, units: ofSlot<SlotUnitRow>('slot_units'), claims: ofSlot<SlotClaimRow>('slot_claims') };
}

/** Views that stand where the test says, and answer when it says. */
export interface ScriptedRows extends SlotRowSource {
  readonly loads: readonly string[];
  /** From now on the views stand still at this position of the log. */
  standAt(position: number): void;
  /** The next load reads what there is now, and waits before it tells. */
  holdNextLoad(): { readonly hasRead: Promise<void>; letGo(): void };
  /** The next load fails with this. */
  failNext(error: Error): void;
}

export function scriptedRows(store: EventStore): ScriptedRows {
  const loads: string[] = [];
  let standing: number | null = null;
  let held: { arrive: () => void; readonly released: Promise<void> } | null = null;
  let failure: Error | null = null;
  return {
    loads,
    standAt: (position) => {
      standing = position;
    },
    holdNextLoad: () => {
      let arrive = () => {};
      let letGo = () => {};
      const hasRead = new Promise<void>((resolve) => {
        arrive = resolve;
      });
      const released = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      held = { arrive: () => arrive(), released };
      return { hasRead, letGo: () => letGo() };
    },
    failNext: (error) => {
      failure = error;
    },
    load: async (slotId): Promise<SourcedRows> => {
      loads.push(slotId);
      const gate = held;
      const error = failure;
      held = null;
      failure = null;
      const position = standing ?? (await store.headPosition());
      const rows = await foldedRows(store, slotId, position);
      gate?.arrive();
      await gate?.released;
      if (error !== null) throw error;
      return { rows, position, projection: inventory, source: 'postgres' };
    },
  };
}

/** A log whose layouts were damaged after the views had folded them. */
export function withSpoiltLayouts(store: EventStore): EventStore {
  const spoilt = (record: RecordedEvent) => (record.type === 'LayoutUnitsAdded' ? { ...record, data: record.data.slice(0, 20) } : record);
  return {
    ...store,
    readStream: async (streamId, fromVersion, limit) => (await store.readStream(streamId, fromVersion, limit)).map(spoilt),
  };
}

/** A log whose feed a test can stop, and let go on, or break. */
export interface StoppableFeed extends EventStore {
  stopFeed(): void;
  breakFeed(): void;
  letFeedGo(): void;
}

export function stoppableFeed(store: EventStore): StoppableFeed {
  let stopped: Promise<void> | null = null;
  let letGo = () => {};
  let broken = false;
  return {
    ...store,
    stopFeed: () => {
      stopped = new Promise((resolve) => {
        letGo = resolve;
      });
    },
    breakFeed: () => {
      broken = true;
    },
    letFeedGo: () => {
      broken = false;
      stopped = null;
      letGo();
    },
    readFeed: async (after, limit, filter) => {
      await stopped;
      if (broken) throw new StoreUnavailableError('planned: the log is out of reach');
      const found = await store.readFeed(after, limit, filter);
      // What was asked for before may be answered with what was written since.
      await stopped;
      return found;
    },
  };
}

/** A shelf that a test feeds by hand. */
export interface FedShelf {
  readonly shelf: SlotShelf;
  /** Hands over what the log has beyond what was handed over before. */
  feed(): Promise<void>;
  /** The slot from memory, brought in when it is not there. */
  slot(slotId: string): Promise<KeptSlot>;
}

export async function fedShelf(
  store: EventStore,
  source: SlotRowSource,
  options: { readonly maxBytes?: number; readonly now?: number } = {},
): Promise<FedShelf> {
  const { now = 0, ...bounds } = options;
  const shelf = new SlotShelf({ store, source, layouts: new LayoutReader(store), log: { warn: () => undefined }, ...bounds });
  let position = await store.headPosition();
  shelf.begin(position);
  return {
    shelf,
    feed: async () => {
      const records: readonly RecordedEvent[] = await store.readFeed(position, 5_000);
      position = records.at(-1)?.position ?? position;
      await shelf.take(records);
    },
    slot: async (slotId) => shelf.get(slotId) ?? (await shelf.fill(slotId, now)).slot,
  };
}

/** A follower that feeds the shelf, and is at the log's head. */
export async function following(store: EventStore, shelf: SlotShelf): Promise<FeedFollower> {
  const follower = new FeedFollower(store, shelf);
  follower.start();
  while (!follower.isFollowing) await new Promise(setImmediate);
  return follower;
}
