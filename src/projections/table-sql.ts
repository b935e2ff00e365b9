import { type Column, type ColumnType, columnName, type Row, type Table } from './projection.ts';

/** The type that a column has in the database. */
export const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'bigint',
  real: 'double precision',
  boolean: 'boolean',
  instant: 'timestamptz',
  texts: 'text[]',
  json: 'jsonb',
};

/** Statements that move a table's rows in bulk. Loading and removing take one array per key column, saving one JSON array of rows. */
export interface TableSql {
  readonly load: string;
  readonly save: string;
  readonly remove: string;
}

const known = new WeakMap<Table<Row>, TableSql>();

export function sqlOf(table: Table<Row>): TableSql {
  let sql = known.get(table);
  if (sql === undefined) {
    sql = compose(table);
    known.set(table, sql);
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

function compose(table: Table<Row>): TableSql {
  const columns = columnsOf(table);
  const keys = table.key.map(columnName);
  const keyTypes = table.key.map((property) => SQL_TYPES[(table.columns[property] as Column).type]);
  const keyArrays = keyTypes.map((type, index) => `$${index + 1}::${type}[]`).join(', ');
  const sameKey = keys.map((name) => `t.${name} = k.${name}`).join(' AND ');
  const rest = columns.map(([property]) => columnName(property)).filter((name) => !keys.includes(name));
  const update = rest.length === 0 ? 'NOTHING' : `UPDATE SET ${rest.map((name) => `${name} = excluded.${name}`).join(', ')}`;
  return {
    load: `SELECT ${selectList(table, 't')} FROM unnest(${keyArrays}) AS k(${keys.join(', ')}) JOIN ${table.name} t ON ${sameKey}`,
    save:
      `INSERT INTO ${table.name} (${columns.map(([property]) => columnName(property)).join(', ')}) ` +
      `SELECT ${columns.map(([property, column]) => writeExpression(property, column)).join(', ')} ` +
      `FROM jsonb_to_recordset($1::jsonb) AS r(${columns.map(([property, column]) => `"${property}" ${transportType(column)}`).join(', ')}) ` +
      `ON CONFLICT (${keys.join(', ')}) DO ${update}`,
    remove: `DELETE FROM ${table.name} t USING unnest(${keyArrays}) AS k(${keys.join(', ')}) WHERE ${sameKey}`,
  };
}

function columnsOf(table: Table<Row>): [string, Column][] {
  return Object.entries(table.columns);
}

/** Instants travel as epoch milliseconds: their text form has no year 0 and no year above 9999. */
function transportType(column: Column): string {
  return column.type === 'instant' ? 'numeric' : SQL_TYPES[column.type];
}

function writeExpression(property: string, column: Column): string {
  return column.type === 'instant' ? `to_timestamp((r."${property}" / 1000)::float8)` : `r."${property}"`;
}
