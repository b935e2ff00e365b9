import { configure } from 'safe-stable-stringify';
import type { Row, Table } from '../../projections/projection.ts';
import type { FaultList } from './faults.ts';

/** Columns that the log says something about; others of the row are not looked at. */
export type ExpectedRow = Row;

const stable = configure({ bigint: false });

/** Longest value that a message shows: a stadium's usage would fill the screen. */
const MAX_SHOWN = 80;

/** Rows of one table: which should be there by the log, and which are. */
export interface Comparison {
  readonly table: Table<Row>;
  /** By the key's text (see `keyText`). */
  readonly expected: ReadonlyMap<string, ExpectedRow>;
  readonly actual: readonly Row[];
}

/** Tells every row that is missing, that nobody knows, or that differs. @returns how many rows were compared. */
export function compareRows({ table, expected, actual }: Comparison, faults: FaultList): number {
  const found = new Set<string>();
  for (const row of actual) {
    const key = keyText(table, row);
    found.add(key);
    const wanted = expected.get(key);
    if (wanted === undefined) {
      strayRow(table, row, faults);
      continue;
    }
    const differences = Object.keys(wanted).filter((property) => textOf(wanted[property]) !== textOf(row[property]));
    if (differences.length > 0)
      faults.add('read-models', `${table.name} ${key}`, differences.map((name) => difference(name, wanted, row)).join('; '));
  }
  for (const key of expected.keys()) {
    if (!found.has(key)) faults.add('read-models', `${table.name} ${key}`, 'the row is missing, though the log has what makes it');
  }
  return actual.length;
}

/** A row that nothing in the log makes. */
export function strayRow(table: Table<Row>, row: Row, faults: FaultList): void {
  faults.add('read-models', `${table.name} ${keyText(table, row)}`, 'nothing in the log makes this row');
}

/** The values of the row's key, in words. */
export function keyText(table: Table<Row>, row: Row): string {
  return table.key.map((property) => String(row[property])).join(' / ');
}

function difference(property: string, wanted: Row, row: Row): string {
  return `${property} is ${shown(row[property])}, the log says ${shown(wanted[property])}`;
}

function shown(value: unknown): string {
  const text = textOf(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}

function textOf(value: unknown): string {
  return stable(value) ?? 'undefined';
}
