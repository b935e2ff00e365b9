import type { FeedEvent, Key, Projection, Row, RowRef, TableView } from './projection.ts';
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
  const entries = events.map((event) =>
    blaming(event, () => tables.map((view) => rows.entries(view.table, view.keysOf(event), view.makesNew?.(event)))),
  );
  if (rows.wantsRows) await rows.loadWanted();
  if (wantsMore(projection)) await foresee(rows, projection, events);
  for (const [index, event] of events.entries()) {
    blaming(event, () => nameReads(projection, event, rows));
    if (rows.wantsRows) await rows.loadWanted();
    const all = blaming(event, () => withFurther(projection, event, entries[index] as Entries, rows));
    if (rows.wantsRows) await rows.loadWanted();
    blaming(event, () => evolve(projection, event, all, rows));
  }
}

/** The rows that an event may make, change or remove, table by table. */
type Entries = readonly (readonly CachedRow[])[];

function wantsMore({ tables }: Projection): boolean {
  return tables.some(({ readsOf, furtherKeysOf }) => readsOf !== undefined || furtherKeysOf !== undefined);
}

/**
 * Loads for all events at once what each of them wants beyond its keys, as far as the rows before the
 * batch tell: as a rule that is all of it, and no event waits for a load of its own. Whoever fails here
 * fails again, and is blamed, in turn.
 */
async function foresee(rows: RowCache, projection: Projection, events: readonly FeedEvent[]): Promise<void> {
  for (const name of [nameReads, nameFurther]) {
    for (const event of events) {
      try {
        name(projection, event, rows);
      } catch {
        // Rows that an event before it in the batch makes are not there yet.
      }
    }
    if (rows.wantsRows) await rows.loadWanted();
  }
}

function nameReads({ tables }: Projection, event: FeedEvent, rows: RowCache): void {
  const reads: RowRef[] = [];
  for (const view of tables) if (view.readsOf !== undefined) reads.push(...view.readsOf(event, rows.lookup));
  for (const { table, key } of reads) rows.entries(table, [key]);
}

function nameFurther({ tables }: Projection, event: FeedEvent, rows: RowCache): void {
  for (const view of tables) if (view.furtherKeysOf !== undefined) rows.entries(view.table, view.furtherKeysOf(event, rows.lookup));
}

function withFurther({ tables }: Projection, event: FeedEvent, entries: Entries, rows: RowCache): Entries {
  if (tables.every(({ furtherKeysOf }) => furtherKeysOf === undefined)) return entries;
  // What one table names must not count as known when the next one looks it up.
  const further = tables.map((view) => view.furtherKeysOf?.(event, rows.lookup) ?? []);
  return tables.map((view, index) => {
    const named = entries[index] as readonly CachedRow[];
    const keys = further[index] as readonly Key[];
    return keys.length === 0 ? named : [...new Set([...named, ...rows.entries(view.table, keys)])];
  });
}

/** All rows of an event evolve from the rows before it, whatever the order of the tables; so nothing is put before all are made. */
function evolve({ tables }: Projection, event: FeedEvent, entries: Entries, rows: RowCache): void {
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
