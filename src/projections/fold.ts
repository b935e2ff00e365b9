import type { FeedEvent, Key, Lookup, Projection, Row, RowRef, Table } from './projection.ts';

/** Fetches the rows that exist under the keys. */
export type LoadRows = (table: Table<Row>, keys: readonly Key[]) => Promise<readonly Row[]>;

export interface TableChanges {
  readonly table: Table<Row>;
  readonly saved: readonly Row[];
  readonly removed: readonly Key[];
}

/** An event that a projection could not fold: the projection must not go past it. */
export class PoisonEventError extends Error {
  override readonly name = 'PoisonEventError';
  readonly event: { readonly position: number; readonly eventId: string; readonly type: string; readonly streamId: string };

  constructor(event: PoisonEventError['event'], cause: unknown) {
    super(`event ${event.type} at position ${event.position}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.event = event;
  }
}

/** Folds a batch into rows: loads in bulk what its events name, evolves in memory, and tells what came out different. */
export async function fold(projection: Projection, events: readonly FeedEvent[], load: LoadRows): Promise<readonly TableChanges[]> {
  const rows = new RowCache(load);
  await rows.ensure(events.flatMap((event) => blaming(event, () => keysOf(projection, event))));
  for (const event of events) {
    const reads = blaming(event, () => projection.tables.flatMap((view) => view.readsOf?.(event, rows.lookup) ?? []));
    await rows.ensure(reads);
    blaming(event, () => evolve(projection, event, rows));
  }
  return rows.changes();
}

function keysOf(projection: Projection, event: FeedEvent): RowRef[] {
  return projection.tables.flatMap((view) => view.keysOf(event).map((key) => ({ table: view.table, key })));
}

/** All rows of an event evolve from the rows before it, whatever the order of the tables. */
function evolve(projection: Projection, event: FeedEvent, rows: RowCache): void {
  const evolved: [Table<Row>, Key, Row | undefined][] = [];
  for (const view of projection.tables) {
    const done = new Set<string>();
    for (const key of view.keysOf(event)) {
      const id = identity(key);
      if (done.has(id)) continue;
      done.add(id);
      evolved.push([view.table, key, view.evolve(rows.lookup(view.table, key), event, key, rows.lookup)]);
    }
  }
  for (const [table, key, row] of evolved) rows.put(table, key, row);
}

function blaming<T>(event: FeedEvent, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { position, eventId, streamId } = event;
    throw new PoisonEventError({ position, eventId, streamId, type: event.event.type }, error);
  }
}

interface Entry {
  readonly key: Key;
  readonly loaded: Row | undefined;
  row: Row | undefined;
}

class RowCache {
  private readonly tables = new Map<Table<Row>, Map<string, Entry>>();
  private readonly load: LoadRows;

  constructor(load: LoadRows) {
    this.load = load;
  }

  readonly lookup: Lookup = <R extends Row>(table: Table<R>, key: Key): R | undefined => {
    const entry = this.tables.get(table)?.get(identity(key));
    if (entry === undefined) throw new Error(`row ${identity(key)} of ${table.name} was not named for this event`);
    return entry.row as R | undefined;
  };

  put(table: Table<Row>, key: Key, row: Row | undefined): void {
    const entry = this.tables.get(table)?.get(identity(key));
    if (entry !== undefined) entry.row = row;
  }

  async ensure(refs: readonly RowRef[]): Promise<void> {
    const missing = new Map<Table<Row>, Map<string, Key>>();
    for (const { table, key } of refs) {
      const id = identity(key);
      if (this.entriesOf(table).has(id)) continue;
      const keys = missing.get(table) ?? new Map<string, Key>();
      missing.set(table, keys.set(id, key));
    }
    for (const [table, keys] of missing) {
      const found = new Map<string, Row>();
      for (const row of await this.load(table, [...keys.values()])) found.set(identity(keyOfRow(table, row)), row);
      const entries = this.entriesOf(table);
      for (const [id, key] of keys) entries.set(id, { key, loaded: found.get(id), row: found.get(id) });
    }
  }

  changes(): TableChanges[] {
    return [...this.tables].map(([table, entries]) => {
      const changed = [...entries.values()].filter((entry) => entry.row !== entry.loaded);
      return {
        table,
        saved: changed.flatMap((entry) => (entry.row === undefined ? [] : [entry.row])),
        removed: changed.flatMap((entry) => (entry.row === undefined ? [entry.key] : [])),
      };
    });
  }

  private entriesOf(table: Table<Row>): Map<string, Entry> {
    let entries = this.tables.get(table);
    if (entries === undefined) {
      entries = new Map();
      this.tables.set(table, entries);
    }
    return entries;
  }
}

function keyOfRow(table: Table<Row>, row: Row): Key {
  return table.key.map((property) => row[property] as string | number);
}

function identity(key: Key): string {
  return key.length === 1 ? String(key[0]) : JSON.stringify(key);
}
