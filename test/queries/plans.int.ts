import { expect } from 'chai';
import { checkPlans, fill } from '../../bench/plans/check-plans.ts';
import { withDatabase } from '../support/postgres.ts';

/** `npm run verify:plans` asks the same of a million bookings. */
const BOOKINGS = 10_000;
/** With fewer rows than this, reading a table from one end to the other is the best that can be done. */
const LARGE = 5_000;

describe(`what the read side asks of ${BOOKINGS} bookings`, function () {
  this.timeout(120_000);
  const database = withDatabase();

  it('is answered by indexes, as far as tables are large', async () => {
    await fill(database(), BOOKINGS, () => undefined);
    const findings = await checkPlans(database(), LARGE);
    const faults = findings.filter(({ question, scanned }) => scanned.length > 0 && question.mayScan === undefined);
    expect(faults.map(({ question, scanned }) => `${question.group}: ${question.name} reads ${scanned.join(', ')}`)).to.deep.equal([]);
    expect(
      new Set(findings.flatMap(({ statements }) => statements.flatMap(({ reads }) => reads.join(' ').match(/using \w+/g) ?? []))).size,
    ).to.be.greaterThan(25);
  });
});
