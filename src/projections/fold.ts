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
  const named: NamedRows[] = [];
  for (const event of events) {
    named.push(blaming(event, plan, nameKeys, rows));
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
    const all = named[index] as NamedRows;
    if (plan.reading.length > 0) {
      blaming(event, plan, nameReads, rows);
      if (rows.wantsRows) await loadWanted(index);
    }
    if (plan.reaching.length > 0) {
      all.addMissing(blaming(event, plan, nameFurther, rows));
      if (rows.wantsRows) await loadWanted(index);
    }
    const made = all.rows.length > PIECE_ROWS ? await evolveInPieces(event, all, rows, stretch) : blaming(event, all, evolve, rows);
    for (let place = 0; place < made.length; place += 1) {
      const entry = all.rows[place] as CachedRow;
      if (made[place] !== entry.row) rows.put(entry, made[place]);
    }
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

/** Rows that an event may make, change or remove, each at the place of its table's view. Two lists, because every event makes them. */
class NamedRows {
  views: TableView<Row>[] = NO_VIEWS;
  rows: CachedRow[] = NO_ROWS;

  add(view: TableView<Row>, rows: readonly CachedRow[]): void {
    for (const row of rows) this.addOne(view, row);
  }

  addMissing({ views, rows }: NamedRows): void {
    if (rows.length === 0) return;
    const isKnown = within(this.rows);
    for (let place = 0; place < rows.length; place += 1) {
      const row = rows[place] as CachedRow;
      if (!isKnown(row)) this.addOne(views[place] as TableView<Row>, row);
    }
  }

  /** Most events have one row of each: a list that is pushed to has room for seventeen at once. */
  private addOne(view: TableView<Row>, row: CachedRow): void {
    if (this.rows === NO_ROWS) {
      this.views = [view];
      this.rows = [row];
    } else {
      this.views.push(view);
      this.rows.push(row);
    }
  }
}

/** Whether a row is among those that are there now. One is compared sooner than a set of it is made. */
function within(rows: readonly CachedRow[]): (row: CachedRow) => boolean {
  const [only] = rows;
  if (rows.length <= 1) return (row) => row === only;
  const known = new Set(rows);
  return (row) => known.has(row);
}

const NO_VIEWS: TableView<Row>[] = [];
const NO_ROWS: CachedRow[] = [];

function nameKeys(event: FeedEvent, { tables }: Plan, rows: RowCache): NamedRows {
  const named = new NamedRows();
  for (const view of tables) {
    const keys = view.keysOf(event);
    if (keys.length > 0) named.add(view, rows.entries(view.table, keys, view.makesNew?.(event)));
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
    const named = view.readsOf?.(event, rows.lookup);
    if (named !== undefined && named.length > 0) reads = reads === null ? [...named] : [...reads, ...named];
  }
  // What one table names must not count as known when the next one looks it up.
  if (reads !== null) for (const { table, key } of reads) rows.entries(table, [key]);
}

function nameFurther(event: FeedEvent, { reaching }: Plan, rows: RowCache): NamedRows {
  let further: { readonly view: TableView<Row>; readonly keys: readonly Key[] }[] | null = null;
  for (const view of reaching) {
    const keys = view.furtherKeysOf?.(event, rows.lookup);
    if (keys === undefined || keys.length === 0) continue;
    if (further === null) further = [{ view, keys }];
    else further.push({ view, keys });
  }
  if (further === null) return NONE;
  const named = new NamedRows();
  for (const { view, keys } of further) named.add(view, rows.entries(view.table, keys));
  return named;
}

const NONE = new NamedRows();

/** The rows after the event: all of them from the rows before it, whatever the order of the tables; so none is put before all are made. */
function evolve(event: FeedEvent, named: NamedRows, rows: RowCache): readonly (Row | undefined)[] {
  if (named.rows.length === 1) return [rowAfter(event, named, 0, rows)];
  return named.rows.map((_, place) => rowAfter(event, named, place, rows));
}

function rowAfter(event: FeedEvent, named: NamedRows, place: number, rows: RowCache): Row | undefined {
  const { row, key } = named.rows[place] as CachedRow;
  return (named.views[place] as TableView<Row>).evolve(row, event, key, rows.lookup);
}

/** Rows of one event after which others may have their turn. */
const PIECE_ROWS = 64;

async function evolveInPieces(event: FeedEvent, named: NamedRows, rows: RowCache, stretch: Stretch): Promise<readonly (Row | undefined)[]> {
  const made: (Row | undefined)[] = [];
  const makeTo = (end: number) => {
    while (made.length < end) made.push(rowAfter(event, named, made.length, rows));
  };
  while (made.length < named.rows.length) {
    blaming(event, Math.min(made.length + PIECE_ROWS, named.rows.length), (_, end) => makeTo(end), rows);
    const turn = stretch.did();
    if (turn !== null) await turn;
  }
  return made;
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
