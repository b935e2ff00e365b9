import { type Column, type ColumnType, columnName, type Row, type Table } from './projection.ts';
import { type RowMaker, rowMaker } from './row-maker.ts';

/** The type that a column has in the database. */
export const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  word: 'text',
  words: 'text[]',
  integer: 'bigint',
  real: 'double precision',
  boolean: 'boolean',
  instant: 'timestamptz',
  date: 'date',
  json: 'jsonb',
};

/** Statements that move a table's rows in bulk. Loading and removing take one array per key column, saving JSON arrays of rows, as `savedRows` makes them. */
export interface TableSql {
  readonly load: string;
  readonly save: string;
  readonly remove: string;
}

const known = new WeakMap<Table<Row>, Map<string, TableSql>>();

/** The statements for the table in a build's schema. */
export function sqlOf(table: Table<Row>, schema: string): TableSql {
  const bySchema = known.get(table) ?? new Map<string, TableSql>();
  known.set(table, bySchema);
  let sql = bySchema.get(schema);
  if (sql === undefined) {
    sql = compose(table, `${schema}.${table.name}`);
    bySchema.set(schema, sql);
  }
  return sql;
}

/** Expression that reads a column as the JS value that rows hold: numbers as float8, because a bigint would arrive as text. */
export function readExpression(column: Column, qualifiedName: string): string {
  switch (column.type) {
    case 'integer':
      return `${qualifiedName}::float8`;
    case 'instant':
      return `(extract(epoch FROM ${qualifiedName}) * 1000)::float8`;
    case 'date':
      return `to_char(${qualifiedName}, 'YYYY-MM-DD')`;
    default:
      return qualifiedName;
  }
}

/** The select list of a table, each column under its property's name. */
export function selectList(table: Table<Row>, alias: string): string {
  return columnsOf(table)
    .map(([property, column]) => `${readExpression(column, `${alias}.${columnName(property)}`)} AS "${property}"`)
    .join(', ');
}

/** A table's columns as one JSON array, a third of the bytes of an object with their names; `rowOf` makes a row of it again. */
export function selectTuple(table: Table<Row>, alias: string): string {
  return `json_build_array(${columnsOf(table)
    .map(([property, column]) => readExpression(column, `${alias}.${columnName(property)}`))
    .join(', ')})`;
}

export function rowOf<R extends Row>(table: Table<R>, tuple: readonly unknown[]): R {
  let make = makers.get(table);
  if (make === undefined) {
    make = rowMaker(Object.keys(table.columns));
    makers.set(table, make);
  }
  return make(tuple) as R;
}

const makers = new WeakMap<Table<Row>, RowMaker>();

function compose(table: Table<Row>, name: string): TableSql {
  const columns = columnsOf(table);
  const keys = table.key.map(columnName);
  const keyColumns = table.key.map((property) => table.columns[property] as Column);
  const keyArrays = keyColumns.map((column, index) => `$${index + 1}::${transportType(column)}[]`).join(', ');
  const sameKey = keys.map((key, index) => `t.${key} = ${received(keyColumns[index] as Column, `k.${key}`)}`).join(' AND ');
  const rest = columns.map(([property]) => columnName(property)).filter((column) => !keys.includes(column));
  const update = rest.length === 0 ? 'NOTHING' : `UPDATE SET ${rest.map((column) => `${column} = excluded.${column}`).join(', ')}`;
  return {
    load: `SELECT ${selectList(table, 't')} FROM unnest(${keyArrays}) AS k(${keys.join(', ')}) JOIN ${name} t ON ${sameKey}`,
    save:
      `INSERT INTO ${name} (${columns.map(([property]) => columnName(property)).join(', ')}) ` +
      `SELECT ${columns.map(([property, column]) => received(column, `r."${property}"`)).join(', ')} ` +
      `FROM jsonb_to_recordset($1::jsonb) AS r(${columns.map(([property, column]) => `"${property}" ${transportType(column)}`).join(', ')}) ` +
      `ON CONFLICT (${keys.join(', ')}) DO ${update}`,
    remove: `DELETE FROM ${name} t USING unnest(${keyArrays}) AS k(${keys.join(', ')}) WHERE ${sameKey}`,
  };
}

export function columnsOf(table: Table<Row>): [string, Column][] {
  return Object.entries(table.columns);
}

/** Instants travel as epoch milliseconds: their text form has no year 0 and no year above 9999. */
function transportType(column: Column): string {
  return column.type === 'instant' ? 'numeric' : SQL_TYPES[column.type];
}

function received(column: Column, value: string): string {
  return column.type === 'instant' ? `to_timestamp((${value} / 1000)::float8)` : value;
}
