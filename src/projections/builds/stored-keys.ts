import type { Queryable } from '../checkpoints.ts';
import { type Column, columnName, type Row, type Table } from '../projection.ts';
import { placeOfRow, type StoredKeys } from '../row-cache.ts';
import { readExpression } from '../table-sql.ts';
import type { ReadableBuild } from './live-builds.ts';

/** Keys that are in memory at once. */
const PAGE_KEYS = 10_000;

/** Adds the keys of all rows that the build has. */
export async function learnStoredKeys(connection: Queryable, build: ReadableBuild, into: StoredKeys): Promise<void> {
  await connection.query('BEGIN READ ONLY');
  try {
    for (const { table } of build.projection.tables) await learnTable(connection, build, table, into);
  } finally {
    await connection.query('ROLLBACK');
  }
}

async function learnTable(connection: Queryable, build: ReadableBuild, table: Table<Row>, into: StoredKeys): Promise<void> {
  const keys = table.key.map((property) => {
    return `${readExpression(table.columns[property] as Column, `t.${columnName(property)}`)} AS "${property}"`;
  });
  await connection.query(`DECLARE stored_keys NO SCROLL CURSOR FOR SELECT ${keys.join(', ')} FROM ${build.table(table)} t`);
  for (;;) {
    const { rows } = await connection.query<Row>(`FETCH ${PAGE_KEYS} FROM stored_keys`);
    if (rows.length === 0) break;
    for (const row of rows) into.add(placeOfRow(table, row));
  }
  await connection.query('CLOSE stored_keys');
}
