interface Change {
  undo(): void;
}

/**
 * Remembers how to take back what was done to a state since a point, so that decisions may run ahead
 * of the log and be dropped when their append was lost to somebody else.
 */
export class Journal {
  private changes: Change[] | null = null;

  get isOpen(): boolean {
    return this.changes !== null;
  }

  begin(): void {
    if (this.changes !== null) throw new Error('a journal is open already');
    this.changes = [];
  }

  commit(): void {
    this.changes = null;
  }

  /** A point to which `rollbackTo` returns; only while the journal is open. */
  mark(): number {
    return this.changes?.length ?? 0;
  }

  rollbackTo(mark: number): void {
    const undone = this.changes?.splice(mark) ?? [];
    for (let index = undone.length - 1; index >= 0; index -= 1) (undone[index] as Change).undo();
  }

  rollback(): void {
    this.rollbackTo(0);
    this.changes = null;
  }

  record(change: Change): void {
    this.changes?.push(change);
  }
}

/** A map whose changes the journal can take back. Values must be immutable. */
export class JournalledMap<Key, Value> {
  private readonly entries = new Map<Key, Value>();
  protected readonly journal: Journal;
  private readonly onRestore: (key: Key, value: Value | undefined) => void;

  constructor(journal: Journal, onRestore: (key: Key, value: Value | undefined) => void = () => {}) {
    this.journal = journal;
    this.onRestore = onRestore;
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: Key): Value | undefined {
    return this.entries.get(key);
  }

  set(key: Key, value: Value): void {
    this.remember(key);
    this.entries.set(key, value);
  }

  delete(key: Key): void {
    this.remember(key);
    this.entries.delete(key);
  }

  values(): IterableIterator<Value> {
    return this.entries.values();
  }

  [Symbol.iterator](): IterableIterator<[Key, Value]> {
    return this.entries[Symbol.iterator]();
  }

  /** Puts back what stood under the key. */
  restore(key: Key, previous: Value | undefined): void {
    if (previous === undefined) this.entries.delete(key);
    else this.entries.set(key, previous);
    this.onRestore(key, previous);
  }

  private remember(key: Key): void {
    if (this.journal.isOpen) this.journal.record(new EntryChange(this, key, this.entries.get(key)));
  }
}

/** A class, because every decision makes several of them: a function with a name costs several times as much. */
class EntryChange<Key, Value> implements Change {
  private readonly map: JournalledMap<Key, Value>;
  private readonly key: Key;
  private readonly previous: Value | undefined;

  constructor(map: JournalledMap<Key, Value>, key: Key, previous: Value | undefined) {
    this.map = map;
    this.key = key;
    this.previous = previous;
  }

  undo(): void {
    this.map.restore(this.key, this.previous);
  }
}
