import { expect } from 'chai';
import pg from 'pg';
import { createIndexesSql, createTablesSql } from '../../src/projections/builds/build.ts';
import { withDatabase } from '../support/postgres.ts';
import { PROJECTIONS } from '../support/read-side.ts';

describe('the tables of a migrated database', () => {
  const database = withDatabase();
  let client: pg.Client;

  before(async () => {
    client = new pg.Client({ connectionString: database() });
    await client.connect();
    for (const projection of PROJECTIONS) {
      await client.query(createTablesSql(projection, `made_${projection.name}`));
      for (const sql of createIndexesSql(projection, `made_${projection.name}`)) await client.query(sql);
    }
  });
  after(() => client.end());

  async function columnsOf(table: string): Promise<readonly object[]> {
    const { rows } = await client.query<object>(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required, collname AS collation,
              (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum) AS made,
              col_description(attrelid, attnum) AS comment, obj_description(attrelid, 'pg_class') AS "tableComment",
              coalesce((SELECT reloptions FROM pg_class WHERE oid = attrelid), '{fillfactor=100}') AS options
         FROM pg_attribute LEFT JOIN pg_collation ON pg_collation.oid = attcollation
        WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname`,
      [table],
    );
    return rows;
  }

  async function indexesOf(schema: string, table: string): Promise<readonly string[]> {
    const { rows } = await client.query<{ definition: string }>(
      'SELECT indexdef AS definition FROM pg_indexes WHERE schemaname = $1 AND tablename = $2 ORDER BY 1',
      [schema, table],
    );
    return rows.map(({ definition }) => definition.replaceAll(`${schema}.`, ''));
  }

  for (const { name, tables } of PROJECTIONS) {
    for (const { table } of tables) {
      it(`have ${table.name} as a new build would: columns, key, indexes and comments`, async () => {
        const columns = await columnsOf(`holdfast_${name}_b1.${table.name}`);
        expect(columns).to.deep.equal(await columnsOf(`made_${name}.${table.name}`));
        expect(columns).to.have.lengthOf(Object.keys({ ...table.columns, ...table.generated }).length);
        const indexes = await indexesOf(`holdfast_${name}_b1`, table.name);
        expect(indexes).to.deep.equal(await indexesOf(`made_${name}`, table.name));
        expect(indexes).to.have.lengthOf(1 + Object.keys(table.indexes ?? {}).length);
      });

      it(`show ${table.name} to analysts with all of its comments`, async () => {
        const seen = await columnsOf(`holdfast_views.${table.name}`);
        const kept = await columnsOf(`holdfast_${name}_b1.${table.name}`);
        const said = (columns: readonly object[]) => columns.map((column) => ({ ...column, required: null, made: null, options: null }));
        expect(said(seen)).to.deep.equal(said(kept));
      });
    }
  }
});
