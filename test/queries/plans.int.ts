import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { checkPlans, fill } from '../../bench/plans/check-plans.ts';
import { withDatabase } from '../support/postgres.ts';
import { poolOn } from '../support/read-side.ts';

/** `npm run verify:plans` asks the same of a million bookings. */
const BOOKINGS = 10_000;
/** With fewer rows than this, reading a table from one end to the other is the best that can be done. */
const LARGE = 5_000;

describe(`the read models of ${BOOKINGS} bookings`, function () {
  this.timeout(120_000);
  const database = withDatabase();

  before(() => fill(database(), BOOKINGS, () => undefined));

  it('answer whatever is asked by indexes, as far as tables are large', async () => {
    const findings = await checkPlans(database(), LARGE);
    const faults = findings.filter(({ question, scanned }) => scanned.length > 0 && question.mayScan === undefined);
    expect(faults.map(({ question, scanned }) => `${question.group}: ${question.name} reads ${scanned.join(', ')}`)).to.deep.equal([]);
    const lines = findings.flatMap(({ statements }) => statements.flatMap(({ reads }) => reads));
    expect(new Set(lines.flatMap((line) => line.match(/using \w+/g) ?? [])).size).to.be.greaterThan(25);
  });

  it('answer the statements that their page shows to analysts', async () => {
    const page = await readFile(new URL('../../docs/read-models.md', import.meta.url), 'utf8');
    const statements = [...page.matchAll(/```sql\n(.*?)```/gs)].map(([, sql = '']) => sql);
    expect(statements).to.have.length.greaterThan(4);
    const pool = poolOn(database());
    try {
      for (const sql of statements) expect((await pool.query(sql)).rowCount, sql).to.be.greaterThan(0);
    } finally {
      await pool.end();
    }
  });
});
