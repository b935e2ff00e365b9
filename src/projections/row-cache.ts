import type { Key, Lookup, Row, Table } from './projection.ts';

/** Fetches the rows that exist under the keys. */
export type LoadRows = (table: Table<Row>, keys: readonly Key[]) => Promise<readonly Row[]>;

export interface TableChanges {
  readonly table: Table<Row>;
  /** Rows that were not there. */
  readonly added: readonly Row[];
  /** Rows that were there and are different now. */
  readonly changed: readonly Row[];
  readonly removed: readonly Key[];
}

/** A row in memory, or the knowledge that there is none; neither before it was loaded. */
export interface CachedRow {
  readonly key: Key;
  /** As the database has it. */
  stored: Row | undefined;
  row: Row | undefined;
}

/**
 * Rows that are being folded. In a bound of rows it keeps those used last: the ones that were used
 * neither since the last halving nor in the half before it are forgotten, and loaded again when wanted.
 */
export class RowCache {
  private readonly load: LoadRows;
  private readonly maxRows: number;
  private readonly onForgotten: () => void;
  private young = new Map<Table<Row>, Map<string, CachedRow>>();
  private old = new Map<Table<Row>, Map<string, CachedRow>>();
  private readonly changed = new Map<Table<Row>, Set<CachedRow>>();
  /** Asked for and not loaded yet. */
  private wanted = new Map<Table<Row>, CachedRow[]>();

  /** @param onForgotten told when rows were forgotten. */
  constructor(load: LoadRows, maxRows = Number.POSITIVE_INFINITY, onForgotten: () => void = () => undefined) {
    this.load = load;
    this.maxRows = maxRows;
    this.onForgotten = onForgotten;
  }

  readonly lookup: Lookup = <R extends Row>(table: Table<R>, key: Key): R | undefined => {
    const entry = this.find(table, identity(key));
    if (entry === undefined) throw new Error(`row ${key.join(', ')} of ${table.name} was not named for this event`);
    return entry.row as R | undefined;
  };

  /** The entries under the keys, each once. What they hold is known after `loadWanted`. */
  entries(table: Table<Row>, keys: readonly Key[]): readonly CachedRow[] {
    if (keys.length === 0) return NONE;
    const entries = keys.map((key) => this.entry(table, key));
    return entries.length === 1 ? entries : [...new Set(entries)];
  }

  get wantsRows(): boolean {
    return this.wanted.size > 0;
  }

  /** Loads all entries that were asked for and are not known. When it fails, the cache is of no use any more. */
  async loadWanted(): Promise<void> {
    const wanted = this.wanted;
    this.wanted = new Map();
    for (const [table, entries] of wanted) {
      const rows = await this.load(
        table,
        entries.map(({ key }) => key),
      );
      if (rows.length === 0) continue;
      const found = new Map(rows.map((row) => [identity(table.key.map((property) => row[property] as string | number)), row]));
      for (const entry of entries) {
        entry.stored = found.get(identity(entry.key));
        entry.row = entry.stored;
      }
    }
  }

  put(table: Table<Row>, entry: CachedRow, row: Row | undefined): void {
    entry.row = row;
    let changed = this.changed.get(table);
    if (changed === undefined) {
      changed = new Set();
      this.changed.set(table, changed);
    }
    changed.add(entry);
  }

  /** Rows that were put since changes were last taken. */
  get changedRows(): number {
    let rows = 0;
    for (const entries of this.changed.values()) rows += entries.size;
    return rows;
  }

  /** What differs from the database, which from now on is taken to have it. */
  takeChanges(): readonly TableChanges[] {
    const changes: TableChanges[] = [];
    for (const [table, entries] of this.changed) {
      const added: Row[] = [];
      const changed: Row[] = [];
      const removed: Key[] = [];
      for (const entry of entries) {
        const { key, stored, row } = entry;
        entry.stored = row;
        if (row === stored) continue;
        if (row === undefined) removed.push(key);
        else (stored === undefined ? added : changed).push(row);
      }
      changes.push({ table, added, changed, removed });
    }
    this.changed.clear();
    this.forgetBeyondBound();
    return changes;
  }

  private entry(table: Table<Row>, key: Key): CachedRow {
    const id = identity(key);
    const known = this.find(table, id);
    if (known !== undefined) return known;
    const entry: CachedRow = { key, stored: undefined, row: undefined };
    this.youngOf(table).set(id, entry);
    const wanted = this.wanted.get(table);
    if (wanted === undefined) this.wanted.set(table, [entry]);
    else wanted.push(entry);
    return entry;
  }

  private find(table: Table<Row>, id: string): CachedRow | undefined {
    const young = this.young.get(table)?.get(id);
    if (young !== undefined) return young;
    const old = this.old.get(table)?.get(id);
    if (old !== undefined) this.youngOf(table).set(id, old);
    return old;
  }

  private forgetBeyondBound(): void {
    let rows = 0;
    for (const entries of this.young.values()) rows += entries.size;
    if (rows <= this.maxRows / 2) return;
    if (this.old.size > 0) this.onForgotten();
    this.old = this.young;
    this.young = new Map();
  }

  private youngOf(table: Table<Row>): Map<string, CachedRow> {
    let entries = this.young.get(table);
    if (entries === undefined) {
      entries = new Map();
      this.young.set(table, entries);
    }
    return entries;
  }
}

const NONE: readonly CachedRow[] = [];

/** No part holds NUL: PostgreSQL could not store it. */
function identity(key: Key): string {
  let id = String(key[0]);
  for (let part = 1; part < key.length; part += 1) id += `\0${key[part]}`;
  return id;
}
