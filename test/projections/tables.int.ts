import { expect } from 'chai';
import pg from 'pg';
import { columnName } from '../../src/projections/projection.ts';
import { SQL_TYPES } from '../../src/projections/table-sql.ts';
import { withDatabase } from '../support/postgres.ts';
import { PROJECTIONS } from '../support/read-side.ts';

interface FoundColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly comment: string | null;
}

describe('the tables of a migrated database', () => {
  const database = withDatabase();
  let client: pg.Client;

  before(async () => {
    client = new pg.Client({ connectionString: database() });
    await client.connect();
  });
  after(() => client.end());

  for (const { table } of PROJECTIONS.flatMap((projection) => projection.tables)) {
    it(`have ${table.name} as its projection defines it, with a comment on every column`, async () => {
      const { rows } = await client.query<FoundColumn>(
        `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, NOT attnotnull AS nullable, col_description(attrelid, attnum) AS comment
           FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
        [table.name],
      );
      const types = { ...SQL_TYPES, instant: 'timestamp with time zone' };
      const defined = Object.entries(table.columns).map(([property, { type, nullable, comment }]) => ({
        name: columnName(property),
        type: types[type],
        nullable,
        comment,
      }));
      expect(rows).to.have.deep.members(defined);
    });

    it(`have ${table.name} under the key that its projection loads it by`, async () => {
      const { rows } = await client.query<{ name: string }>(
        `SELECT a.attname AS name FROM pg_index i
           CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS part (attnum, place)
           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = part.attnum
          WHERE i.indrelid = $1::regclass AND i.indisprimary ORDER BY part.place`,
        [table.name],
      );
      expect(rows.map(({ name }) => name)).to.deep.equal(table.key.map(columnName));
    });
  }
});
