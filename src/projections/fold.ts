import type { FeedEvent, Key, Projection, Row, RowRef, TableView } from './projection.ts';
import { type CachedRow, type LoadRows, RowCache, type TableChanges } from './row-cache.ts';
import { type Pulse, Stretch } from './stretch.ts';

/** An event that a projection could not fold: the projection must not go past it. */
export class PoisonEventError extends Error {
  override readonly name = 'PoisonEventError';
  readonly event: { readonly position: number; readonly eventId: string; readonly type: string; readonly streamId: string };

  constructor(event: PoisonEventError['event'], cause: unknown) {
    super(`event ${event.type} at position ${event.position}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    // What it carries is logged, stored and shown to operators: nothing of what happened, which may be personal.
    const { position, eventId, type, streamId } = event;
    this.event = { position, eventId, type, streamId };
  }
}

/** Folds a batch into rows: loads in bulk what its events name, evolves in memory, and tells what came out different. */
export async function fold(projection: Projection, events: readonly FeedEvent[], load: LoadRows): Promise<readonly TableChanges[]> {
  const rows = new RowCache(load);
  await foldInto(rows, projection, events);
  return rows.takeChanges();
}

/**
 * The same into rows that are kept in memory over several batches. After an error they are of no use any more.
 *
 * @param pulse awaited after each stretch of folding; without one it goes on until rows have to be loaded.
 */
export async function foldInto(
  rows: RowCache,
  projection: Projection,
  events: readonly FeedEvent[],
  pulse: Pulse | null = null,
): Promise<void> {
  const plan = planOf(projection);
  const stretch = new Stretch(pulse);
  const entries: Entries[] = [];
  for (const event of events) {
    entries.push(blaming(event, plan, nameKeys, rows));
    const turn = stretch.did();
    if (turn !== null) await turn;
  }
  if (rows.wantsRows) await rows.loadWanted();
  let isForeseen = false;
  const loadWanted = async (index: number) => {
    if (!isForeseen) await foresee(rows, plan, events.slice(index), stretch);
    isForeseen = true;
    if (rows.wantsRows) await rows.loadWanted();
  };
  for (let index = 0; index < events.length; index += 1) {
    const event = events[index] as FeedEvent;
    let all = entries[index] as Entries;
    if (plan.reading.length > 0) {
      blaming(event, plan, nameReads, rows);
      if (rows.wantsRows) await loadWanted(index);
    }
    if (plan.reaching.length > 0) {
      all = withFurther(all, blaming(event, plan, nameFurther, rows));
      if (rows.wantsRows) await loadWanted(index);
    }
    const changes = isLarge(all) ? await evolveInPieces(event, all, rows, stretch) : blaming(event, all, evolve, rows);
    for (const change of changes) rows.put(change.view.table, change.entry, change.row);
    const turn = stretch.did();
    if (turn !== null) await turn;
  }
}

/** The tables of a projection that name rows of each kind: a rush has few of them, and the others are not asked. */
interface Plan {
  readonly tables: readonly TableView<Row>[];
  readonly reading: readonly TableView<Row>[];
  readonly reaching: readonly TableView<Row>[];
}

function planOf({ tables }: Projection): Plan {
  const reading = tables.filter(({ readsOf }) => readsOf !== undefined);
  return { tables, reading, reaching: tables.filter(({ furtherKeysOf }) => furtherKeysOf !== undefined) };
}

/** Rows that an event may make, change or remove, by table; tables that have none are left out. */
type Entries = readonly { readonly view: TableView<Row>; readonly rows: readonly CachedRow[] }[];

function nameKeys(event: FeedEvent, { tables }: Plan, rows: RowCache): Entries {
  const named: Entries[number][] = [];
  for (const view of tables) {
    const keys = view.keysOf(event);
    if (keys.length > 0) named.push({ view, rows: rows.entries(view.table, keys, view.makesNew?.(event)) });
  }
  return named;
}

/**
 * Loads for all events at once, as soon as one of them wants it, what each of them wants beyond its keys, as far as
 * the rows before it tell: as a rule that is all of it, and no other event waits for a load of its own. Whoever
 * fails here fails again, and is blamed, in turn.
 */
async function foresee(rows: RowCache, plan: Plan, events: readonly FeedEvent[], stretch: Stretch): Promise<void> {
  for (const name of [nameReads, nameFurther]) {
    for (const event of events) {
      try {
        name(event, plan, rows);
      } catch {
        // Rows that an event before it in the batch makes are not there yet.
      }
      const turn = stretch.did();
      if (turn !== null) await turn;
    }
    if (rows.wantsRows) await rows.loadWanted();
  }
}

function nameReads(event: FeedEvent, { reading }: Plan, rows: RowCache): void {
  let reads: RowRef[] | null = null;
  for (const view of reading) {
    const named = view.readsOf?.(event, rows.lookup) ?? [];
    if (named.length > 0) reads = reads === null ? [...named] : [...reads, ...named];
  }
  // What one table names must not count as known when the next one looks it up.
  for (const { table, key } of reads ?? []) rows.entries(table, [key]);
}

function nameFurther(event: FeedEvent, { reaching }: Plan, rows: RowCache): Entries {
  let further: { readonly view: TableView<Row>; readonly keys: readonly Key[] }[] | null = null;
  for (const view of reaching) {
    const keys = view.furtherKeysOf?.(event, rows.lookup) ?? [];
    if (keys.length > 0) further = further === null ? [{ view, keys }] : [...further, { view, keys }];
  }
  return further === null ? NONE : further.map(({ view, keys }) => ({ view, rows: rows.entries(view.table, keys) }));
}

const NONE: Entries = [];

function withFurther(named: Entries, further: Entries): Entries {
  if (further.length === 0) return named;
  if (named.length === 0) return further;
  const known = new Set(named.map(({ view }) => view));
  const joined = named.map(({ view, rows }) => {
    const more = further.find((one) => one.view === view)?.rows;
    return more === undefined ? { view, rows } : { view, rows: [...new Set([...rows, ...more])] };
  });
  return [...joined, ...further.filter(({ view }) => !known.has(view))];
}

interface Change {
  readonly view: TableView<Row>;
  readonly entry: CachedRow;
  readonly row: Row | undefined;
}

/** All rows of an event evolve from the rows before it, whatever the order of the tables; so none is put before all are made. */
function evolve(event: FeedEvent, entries: Entries, rows: RowCache): readonly Change[] {
  const changes: Change[] = [];
  for (const { view, rows: named } of entries) {
    for (const entry of named) {
      const row = view.evolve(entry.row, event, entry.key, rows.lookup);
      if (row !== entry.row) changes.push({ view, entry, row });
    }
  }
  return changes;
}

/** Rows of one event after which others may have their turn. */
const PIECE_ROWS = 64;

function isLarge(entries: Entries): boolean {
  return entries.some(({ rows }) => rows.length > PIECE_ROWS);
}

async function evolveInPieces(event: FeedEvent, entries: Entries, rows: RowCache, stretch: Stretch): Promise<readonly Change[]> {
  const pieces: (readonly Change[])[] = [];
  for (const { view, rows: named } of entries) {
    for (let start = 0; start < named.length; start += PIECE_ROWS) {
      pieces.push(blaming(event, [{ view, rows: named.slice(start, start + PIECE_ROWS) }], evolve, rows));
      const turn = stretch.did();
      if (turn !== null) await turn;
    }
  }
  return pieces.flat();
}

function blaming<With, Made>(
  event: FeedEvent,
  using: With,
  work: (event: FeedEvent, using: With, rows: RowCache) => Made,
  rows: RowCache,
): Made {
  try {
    return work(event, using, rows);
  } catch (error) {
    const { position, eventId, streamId } = event;
    throw new PoisonEventError({ position, eventId, streamId, type: event.event.type }, error);
  }
}
