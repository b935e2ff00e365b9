import type { LayoutEvent } from '../domain/layout.ts';
import type { SlotEvent } from '../domain/slot/events.ts';

/** An event of the log as read models see it: decoded, with its place and time. */
export interface FeedEvent {
  readonly position: number;
  readonly streamId: string;
  /** Place in the stream: 1, 2, 3 … */
  readonly version: number;
  readonly eventId: string;
  /** Stream time at which it was decided, epoch milliseconds. */
  readonly at: number;
  readonly event: SlotEvent | LayoutEvent;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** A row by its properties, which are the columns' names in camel case. Null stands for SQL's NULL. */
export type Row = Readonly<Record<string, unknown>>;

export type KeyPart = string | number;
/** Values of a table's key columns, in the table's order. */
export type Key = readonly KeyPart[];

/**
 * How a property is kept: `word` as text that is compared byte by byte (ids, codes), `words` as an
 * array of such, `integer` as bigint (a JS number on both sides), `instant` as timestamptz (epoch
 * milliseconds in rows), `date` as date (`YYYY-MM-DD` in rows, of the years 0001 to 9999), `json` as jsonb.
 */
export type ColumnType = 'text' | 'word' | 'words' | 'integer' | 'real' | 'boolean' | 'instant' | 'date' | 'json';

export interface Column {
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** What an analyst reads in psql. */
  readonly comment: string;
}

/** A column that the database makes of the row's others, for its indexes and conditions to use. Rows do not have it. */
export interface GeneratedColumn {
  readonly sqlType: string;
  /** SQL, in the words of the columns; immutable. */
  readonly expression: string;
  readonly comment: string;
}

/** A table of a projection. Each build of the projection has one of its own, made from this value, in its own schema. */
export interface Table<R extends Row> {
  /** Unique among the tables of all projections: analysts find it under this name. */
  readonly name: string;
  /** What an analyst reads in psql. */
  readonly comment: string;
  readonly key: readonly (keyof R & string)[];
  readonly columns: { readonly [Property in keyof R & string]: Column };
  /** By the column's name. */
  readonly generated?: Readonly<Record<string, GeneratedColumn>>;
  /** Percentage of a page that new rows fill. Rows that change again and again find room on their own page then, and no index is touched. */
  readonly fillFactor?: number;
  /** What follows `CREATE INDEX … ON <table>`, by the index's name. The key has one anyway. */
  readonly indexes?: Readonly<Record<string, string>>;
}

export interface RowRef {
  readonly table: Table<Row>;
  readonly key: Key;
}

/** Finds rows as they stood before the event in hand. Only rows that the projection named for the event can be found. */
export type Lookup = <R extends Row>(table: Table<R>, key: Key) => R | undefined;

/** One table and how events make its rows. */
export interface TableView<R extends Row> {
  readonly table: Table<R>;
  /** The rows that the event may make, change or remove; found in the event itself. */
  keysOf(event: FeedEvent): readonly Key[];
  /** True for an event that makes its rows under keys that nothing had before: they are not looked for. */
  makesNew?(event: FeedEvent): boolean;
  /** Rows beyond the keys that `evolve` will look up, once the keys' rows are known. Named only where an event cannot carry what is needed. */
  readsOf?(event: FeedEvent, before: Lookup): readonly RowRef[];
  /** Further keys, of rows that the event may make, change or remove and that only other rows tell: those of all keys and reads are known. */
  furtherKeysOf?(event: FeedEvent, before: Lookup): readonly Key[];
  /** Pure. The row after the event; undefined means no row; the same object means no change. */
  evolve(row: R | undefined, event: FeedEvent, key: Key, before: Lookup): R | undefined;
}

/**
 * A read model as a value. All of its tables share one checkpoint and commit together, so a reader
 * never sees one of them ahead of another.
 */
export interface Projection {
  readonly name: string;
  /** Raised whenever the rows that the same events make would differ. */
  readonly version: number;
  /** Type names of the events that it folds; others only move its checkpoint. */
  readonly events: readonly string[];
  readonly tables: readonly TableView<Row>[];
}

/**
 * A projection in a release: what it is now and, when its version was raised, what it was before, which
 * is kept up to date and read until the new one takes its place.
 */
export interface ProjectionRelease {
  readonly current: Projection;
  readonly previous?: Projection;
}

export function text(comment: string): Column {
  return { type: 'text', nullable: false, comment };
}

export function word(comment: string): Column {
  return { type: 'word', nullable: false, comment };
}

export function column(type: ColumnType, comment: string): Column {
  return { type, nullable: false, comment };
}

export function nullable(type: ColumnType, comment: string): Column {
  return { type, nullable: true, comment };
}

/** The column that a property is kept in. */
export function columnName(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
