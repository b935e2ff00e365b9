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
  readonly home: CachedTable;
  readonly key: Key;
  /** As the database has it. */
  stored: Row | undefined;
  row: Row | undefined;
  /** Whether it was put since changes were last taken. */
  put: boolean;
}

/** The rows of one table: those used since the last halving, those used in the half before it, and what is to be done about them. */
export interface CachedTable {
  readonly table: Table<Row>;
  young: Map<string, CachedRow>;
  old: Map<string, CachedRow>;
  put: CachedRow[];
  /** Asked for and not loaded yet. */
  wanted: CachedRow[];
}

/** What bounds a cache that lives for longer than a batch. */
export interface CacheBounds {
  readonly maxRows: number;
  /**
   * Has the keys of all rows that the database has and the cache has not, so that other rows need not be
   * asked for. Whatever is forgotten is added to it.
   */
  readonly elsewhere: StoredKeys;
}

export interface StoredKeys {
  add(key: string): void;
  mayHave(key: string): boolean;
}

/**
 * Rows that are being folded. In a bound of rows it keeps those used last: the ones that were used
 * neither since the last halving nor in the half before it are forgotten, and loaded again when wanted.
 */
export class RowCache {
  private readonly load: LoadRows;
  private readonly bounds: CacheBounds | null;
  private readonly tables = new Map<Table<Row>, CachedTable>();
  private wants = false;

  constructor(load: LoadRows, bounds: CacheBounds | null = null) {
    this.load = load;
    this.bounds = bounds;
  }

  readonly lookup: Lookup = <R extends Row>(table: Table<R>, key: Key): R | undefined => {
    const entry = find(this.of(table), identity(key));
    if (entry === undefined) throw new Error(`row ${key.join(', ')} of ${table.name} was not named for this event`);
    return entry.row as R | undefined;
  };

  /**
   * The entries under the keys, each once. What they hold is known after `loadWanted`.
   *
   * @param areNew whether it is known that there are no rows under them, so that none have to be asked for.
   */
  entries(table: Table<Row>, keys: readonly Key[], areNew = false): readonly CachedRow[] {
    if (keys.length === 0) return NONE;
    const cached = this.of(table);
    if (keys.length === 1) return [this.entry(cached, keys[0] as Key, areNew)];
    return [...new Set(keys.map((key) => this.entry(cached, key, areNew)))];
  }

  get wantsRows(): boolean {
    return this.wants;
  }

  /** Loads all entries that were asked for and are not known. When it fails, the cache is of no use any more. */
  async loadWanted(): Promise<void> {
    this.wants = false;
    for (const cached of this.tables.values()) {
      const { table, wanted } = cached;
      if (wanted.length === 0) continue;
      cached.wanted = [];
      const rows = await this.load(
        table,
        wanted.map(({ key }) => key),
      );
      if (rows.length === 0) continue;
      const found = new Map(rows.map((row) => [identityOf(table, row), row]));
      for (const entry of wanted) {
        entry.stored = found.get(identity(entry.key));
        entry.row = entry.stored;
      }
    }
  }

  put(entry: CachedRow, row: Row | undefined): void {
    entry.row = row;
    if (entry.put) return;
    entry.put = true;
    entry.home.put.push(entry);
  }

  /** Rows that were put since changes were last taken. */
  get changedRows(): number {
    let rows = 0;
    for (const { put } of this.tables.values()) rows += put.length;
    return rows;
  }

  /** What differs from the database, which from now on is taken to have it. */
  takeChanges(): readonly TableChanges[] {
    const changes: TableChanges[] = [];
    for (const cached of this.tables.values()) {
      if (cached.put.length === 0) continue;
      const added: Row[] = [];
      const changed: Row[] = [];
      const removed: Key[] = [];
      for (const entry of cached.put) {
        const { key, stored, row } = entry;
        entry.stored = row;
        entry.put = false;
        if (row === stored) continue;
        if (row === undefined) removed.push(key);
        else (stored === undefined ? added : changed).push(row);
      }
      cached.put = [];
      changes.push({ table: cached.table, added, changed, removed });
    }
    if (this.bounds !== null) this.forgetBeyond(this.bounds);
    return changes;
  }

  private entry(cached: CachedTable, key: Key, isNew: boolean): CachedRow {
    const id = identity(key);
    // An event may name a key twice; beyond that, nothing can be known of what is new.
    const known = isNew ? cached.young.get(id) : find(cached, id);
    if (known !== undefined) return known;
    const entry: CachedRow = { home: cached, key, stored: undefined, row: undefined, put: false };
    cached.young.set(id, entry);
    if (!isNew && (this.bounds === null || this.bounds.elsewhere.mayHave(placed(cached.table, id)))) {
      cached.wanted.push(entry);
      this.wants = true;
    }
    return entry;
  }

  private forgetBeyond({ maxRows, elsewhere }: CacheBounds): void {
    let rows = 0;
    for (const { young } of this.tables.values()) rows += young.size;
    if (rows <= maxRows / 2) return;
    for (const cached of this.tables.values()) {
      for (const [id, { stored }] of cached.old) if (stored !== undefined) elsewhere.add(placed(cached.table, id));
      cached.old = cached.young;
      cached.young = new Map();
    }
  }

  private of(table: Table<Row>): CachedTable {
    let cached = this.tables.get(table);
    if (cached === undefined) {
      cached = { table, young: new Map(), old: new Map(), put: [], wanted: [] };
      this.tables.set(table, cached);
    }
    return cached;
  }
}

const NONE: readonly CachedRow[] = [];

function find({ young, old }: CachedTable, id: string): CachedRow | undefined {
  const used = young.get(id);
  if (used !== undefined) return used;
  const known = old.get(id);
  if (known !== undefined) young.set(id, known);
  return known;
}

/** No part holds NUL: PostgreSQL could not store it. */
function identity(key: Key): string {
  let id = String(key[0]);
  for (let part = 1; part < key.length; part += 1) id += `\0${key[part]}`;
  return id;
}

function identityOf(table: Table<Row>, row: Row): string {
  return identity(table.key.map((property) => row[property] as string | number));
}

/** What stands for a row of the table among those of all tables. */
export function placeOfRow(table: Table<Row>, row: Row): string {
  return placed(table, identityOf(table, row));
}

function placed({ name }: Table<Row>, id: string): string {
  return `${name}\0${id}`;
}
