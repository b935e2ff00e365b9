import type { FeedEvent, Key, Projection, RowRef, TableView } from './projection.ts';
import { type LoadRows, RowCache, type TableChanges } from './row-cache.ts';

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
  await foldInto(rows, projection, events);
  return rows.takeChanges();
}

/** The same into rows that are kept in memory over several batches. After an error they are of no use any more. */
export async function foldInto(rows: RowCache, projection: Projection, events: readonly FeedEvent[]): Promise<void> {
  const keys = events.map((event) => blaming(event, () => keysOf(projection, event)));
  const missing = rows.missing();
  for (const ofEvent of keys) {
    for (const [index, ofTable] of ofEvent.entries()) missing.add(tableAt(projection, index).table, ofTable);
  }
  await missing.load();
  for (const [index, event] of events.entries()) {
    const reads = blaming(event, () => readsOf(projection, event, rows));
    if (reads.length > 0) {
      const beyond = rows.missing();
      for (const { table, key } of reads) beyond.add(table, [key]);
      await beyond.load();
    }
    blaming(event, () => evolve(projection, event, keys[index] as readonly (readonly Key[])[], rows));
  }
}

/** The keys of the event, table by table. */
function keysOf(projection: Projection, event: FeedEvent): readonly (readonly Key[])[] {
  return projection.tables.map((view) => view.keysOf(event));
}

function readsOf(projection: Projection, event: FeedEvent, rows: RowCache): readonly RowRef[] {
  let reads: readonly RowRef[] = [];
  for (const view of projection.tables) {
    const own = view.readsOf?.(event, rows.lookup);
    if (own !== undefined && own.length > 0) reads = reads.length === 0 ? own : [...reads, ...own];
  }
  return reads;
}

/** All rows of an event evolve from the rows before it, whatever the order of the tables; so nothing is put before all are made. */
function evolve(projection: Projection, event: FeedEvent, keys: readonly (readonly Key[])[], rows: RowCache): void {
  const puts: (() => void)[] = [];
  keys.forEach((ofTable, index) => {
    const view = tableAt(projection, index);
    for (const entry of rows.entries(view.table, ofTable)) {
      const row = view.evolve(entry.row, event, entry.key, rows.lookup);
      if (row !== entry.row) puts.push(() => rows.put(view.table, entry, row));
    }
  });
  for (const put of puts) put();
}

function tableAt(projection: Projection, index: number): TableView<Record<string, unknown>> {
  return projection.tables[index] as TableView<Record<string, unknown>>;
}

function blaming<T>(event: FeedEvent, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { position, eventId, streamId } = event;
    throw new PoisonEventError({ position, eventId, streamId, type: event.event.type }, error);
  }
}
