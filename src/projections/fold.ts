import type { FeedEvent, Projection, Row, RowRef, TableView } from './projection.ts';
import { type CachedRow, type LoadRows, RowCache, type TableChanges } from './row-cache.ts';

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
  const { tables } = projection;
  const entries = events.map((event) => blaming(event, () => tables.map((view) => rows.entries(view.table, view.keysOf(event)))));
  if (rows.wantsRows) await rows.loadWanted();
  for (const [index, event] of events.entries()) {
    blaming(event, () => nameReads(projection, event, rows));
    if (rows.wantsRows) await rows.loadWanted();
    blaming(event, () => evolve(projection, event, entries[index] as readonly (readonly CachedRow[])[], rows));
  }
}

function nameReads({ tables }: Projection, event: FeedEvent, rows: RowCache): void {
  const reads: RowRef[] = [];
  for (const view of tables) if (view.readsOf !== undefined) reads.push(...view.readsOf(event, rows.lookup));
  for (const { table, key } of reads) rows.entries(table, [key]);
}

/** All rows of an event evolve from the rows before it, whatever the order of the tables; so nothing is put before all are made. */
function evolve({ tables }: Projection, event: FeedEvent, entries: readonly (readonly CachedRow[])[], rows: RowCache): void {
  const evolved: [TableView<Row>, CachedRow, Row | undefined][] = [];
  for (const [index, view] of tables.entries()) {
    for (const entry of entries[index] as readonly CachedRow[]) {
      const row = view.evolve(entry.row, event, entry.key, rows.lookup);
      if (row !== entry.row) evolved.push([view, entry, row]);
    }
  }
  for (const [view, entry, row] of evolved) rows.put(view.table, entry, row);
}

function blaming<T>(event: FeedEvent, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { position, eventId, streamId } = event;
    throw new PoisonEventError({ position, eventId, streamId, type: event.event.type }, error);
  }
}
