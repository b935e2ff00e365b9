import { columnName, type Projection, type Row, type Table } from '../projection.ts';
import { columnsOf, SQL_TYPES } from '../table-sql.ts';

/** One set of a projection's tables. Numbers are given out once: a build that was dropped does not come back. */
export interface BuildId {
  readonly name: string;
  readonly build: number;
}

/** The schema that has the build's tables. */
export function schemaOf({ name, build }: BuildId): string {
  if (!/^[a-z_]{1,40}$/.test(name)) throw new Error(`a projection's name is a plain word, not ${name}`);
  return `holdfast_${name}_b${build}`;
}

/** Makes a build's schema and its empty tables with their keys and comments. The other indexes come later: filling is faster without. */
export function createTablesSql(projection: Projection, schema: string): string {
  const tables = projection.tables.map(({ table }) => createTable(table, schema));
  return [`CREATE SCHEMA ${schema}`, ...tables].join(';\n');
}

/** Makes the indexes that are not there yet; none of them keeps readers waiting. */
export function createIndexesSql(projection: Projection, schema: string): readonly string[] {
  return projection.tables.flatMap(({ table }) =>
    Object.entries(table.indexes ?? {}).map(
      ([name, definition]) => `CREATE INDEX IF NOT EXISTS ${name} ON ${schema}.${table.name} ${definition}`,
    ),
  );
}

function createTable(table: Table<Row>, schema: string): string {
  const name = `${schema}.${table.name}`;
  const columns = columnsOf(table).map(([property, { type, nullable }]) => {
    const collation = type === 'word' || type === 'words' ? ' COLLATE "C"' : '';
    return `${columnName(property)} ${SQL_TYPES[type]}${collation}${nullable ? '' : ' NOT NULL'}`;
  });
  const generated = Object.entries(table.generated ?? {});
  columns.push(
    ...generated.map(([own, { sqlType, expression }]) => `${own} ${sqlType} NOT NULL GENERATED ALWAYS AS (${expression}) STORED`),
  );
  const commented = [...columnsOf(table).map(([property, column]) => [columnName(property), column] as const), ...generated];
  const comments = commented.map(([own, { comment }]) => `COMMENT ON COLUMN ${name}.${own} IS ${literal(comment)}`);
  return [
    `CREATE TABLE ${name} (${columns.join(', ')}, PRIMARY KEY (${table.key.map(columnName).join(', ')})) WITH (fillfactor = ${table.fillFactor ?? 100})`,
    `COMMENT ON TABLE ${name} IS ${literal(table.comment)}`,
    ...comments,
  ].join(';\n');
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
