import { CsvError, parse } from 'csv-parse/sync';
import { InputError } from '../input-error.ts';
import type { FeedFiles } from './feed-files.ts';

/** One row of a feed's file, which knows where it stands. */
export class TableRow {
  readonly line: number;
  readonly #table: { readonly file: string; readonly columns: ReadonlyMap<string, number> };
  readonly #values: readonly string[];

  constructor(table: { readonly file: string; readonly columns: ReadonlyMap<string, number> }, line: number, values: readonly string[]) {
    this.#table = table;
    this.line = line;
    this.#values = values;
  }

  /** The trimmed value; empty when the column or the value is absent. */
  text(column: string): string {
    const index = this.#table.columns.get(column);
    return index === undefined ? '' : (this.#values[index] ?? '').trim();
  }

  /** @throws InputError when the value is empty. */
  required(column: string): string {
    const value = this.text(column);
    if (value === '') throw this.fault(column, 'is empty');
    return value;
  }

  /** A whole number of at least zero. @throws InputError otherwise, also when it is empty. */
  integer(column: string): number {
    const value = this.required(column);
    if (!/^\d{1,15}$/.test(value)) throw this.fault(column, `${JSON.stringify(value)} is not a whole number`);
    return Number(value);
  }

  /** One of the choices; the first one when it is empty. @throws InputError otherwise. */
  choice(column: string, choices: readonly string[]): string {
    const value = this.text(column) || (choices[0] ?? '');
    if (!choices.includes(value)) throw this.fault(column, `${JSON.stringify(value)} is none of ${choices.join(', ')}`);
    return value;
  }

  /** An error that says file, line and column. */
  fault(column: string, problem: string): InputError {
    return new InputError(`${this.#table.file} line ${this.line}, column ${column}: ${problem}`);
  }
}

/** Columns that a file must have, which may depend on those that it has. */
type Required = readonly string[] | ((has: (column: string) => boolean) => readonly string[]);

/**
 * Gives the rows of a file in their order, one at a time; what is not taken from a row is forgotten, so that a large file takes
 * the memory of what is kept of it. Quotes, a byte order mark and all line endings, mixed ones too, are understood; columns are
 * found by name, unknown ones are ignored.
 * @throws InputError when the file or one of the required columns is missing, or the file is no CSV; and whatever `take` throws.
 */
export function eachRow(feed: FeedFiles, file: string, required: Required, take: (row: TableRow) => void): void {
  const text = feed.get(file);
  if (text === undefined) throw new InputError(`${file} is missing from the feed`);
  const columns = new Map<string, number>();
  const table = { file, columns };
  try {
    parse(text, {
      bom: true,
      // Named, since the parser would take the first line's ending for that of all lines, and rows with another one for a part of the row before.
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (values: string[], { lines }: { lines: number }) => {
        if (columns.size > 0) take(new TableRow(table, lines, values));
        else {
          for (const [index, name] of values.entries()) columns.set(name.trim(), index);
          demandColumns(table, required);
        }
        return null;
      },
    });
  } catch (error) {
    if (error instanceof CsvError) throw new InputError(`${file}: ${error.message}`);
    throw error;
  }
  // An empty file has no first line whose columns were looked at.
  if (columns.size === 0) demandColumns(table, required);
}

function demandColumns(
  { file, columns }: { readonly file: string; readonly columns: ReadonlyMap<string, number> },
  required: Required,
): void {
  for (const column of typeof required === 'function' ? required((name) => columns.has(name)) : required) {
    if (!columns.has(column)) throw new InputError(`${file} line 1: the column ${column} is missing`);
  }
}

/** All rows of a file at once, for files that are small. @throws InputError as `eachRow` does. */
export function readTable(feed: FeedFiles, file: string, required: Required): readonly TableRow[] {
  const rows: TableRow[] = [];
  eachRow(feed, file, required, (row) => rows.push(row));
  return rows;
}

/** As `readTable`, but null when the feed does not have the file. */
export function readOptionalTable(feed: FeedFiles, file: string, required: Required): readonly TableRow[] | null {
  return feed.has(file) ? readTable(feed, file, required) : null;
}

/**
 * Reads the key of each row of a file, which must differ: of two rows with one key, one would be lost without a word.
 * @param column where a key that is there already is told; it is the key unless `keyOf` says otherwise.
 * @returns the key of a row. It throws InputError where an earlier row had the same.
 */
export function primaryKey(column: string, keyOf = (row: TableRow) => row.required(column)): (row: TableRow) => string {
  const lines = new Map<string, number>();
  return (row) => {
    const key = keyOf(row);
    const line = lines.get(key);
    if (line !== undefined) throw row.fault(column, `${JSON.stringify(key)} is there already, in line ${line}`);
    lines.set(key, row.line);
    return key;
  };
}
