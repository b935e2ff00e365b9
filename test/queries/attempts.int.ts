import { expect } from 'chai';
import pg from 'pg';
import type { Attempt, RecordedAttempt } from '../../src/commands/attempts.ts';
import { createPostgresAttemptSink } from '../../src/commands/postgres-attempts.ts';
import type { AttemptFilter } from '../../src/queries/attempts.ts';
import { createPostgresAttemptQueries } from '../../src/queries/postgres-attempts.ts';
import { withDatabase } from '../support/postgres.ts';

const BASE: Attempt = {
  slotId: 'hamlet',
  bookingId: null,
  customerId: 'c-17',
  unitIds: ['A1', 'A2'],
  code: 'seats-taken',
  asked: '{"units":["A1","A2"]}',
  slotVersion: 3,
  actor: 'anonymous',
  correlationId: 'x',
};

const attempt = (index: number, change: Partial<RecordedAttempt> = {}): RecordedAttempt => ({
  ...BASE,
  // Of the very time at which it was made, as a version 7 has it.
  attemptId: `00000000-${(index * 1_000).toString(16).padStart(4, '0')}-7000-8000-00000000000${index}`,
  at: index * 1_000,
  ...change,
});

describe('attempts on record', () => {
  const database = withDatabase();
  let pool: pg.Pool;
  const list = async (filter: Partial<AttemptFilter> = {}) => {
    const read = await createPostgresAttemptQueries(pool).attempts({ limit: 50, ...filter });
    if (read.kind === 'invalid-cursor') throw new Error('the cursor was refused');
    return read;
  };
  const idsOf = async (filter: Partial<AttemptFilter>) => (await list(filter)).page.items.map((item) => Number(item.attemptId.at(-1)));

  before(async () => {
    pool = new pg.Pool({ connectionString: database(), max: 2 });
    const sink = createPostgresAttemptSink(pool);
    await sink.write([attempt(1), attempt(2, { slotId: 'lear', code: 'sold-out', unitIds: [] }), attempt(3, { customerId: null })], null);
    await sink.write([attempt(4, { asked: '{"title":"a\\u0000\\ud800"}', unitIds: ['B1'], slotVersion: null })], {
      firstAt: 2_500,
      lastAt: 3_500,
      count: 7,
    });
    // A batch whose answer was lost is sent again.
    await sink.write([attempt(4)], null);
  });

  after(() => pool?.end());

  it('are listed newest first, each once, page by page', async () => {
    const first = await list({ limit: 3 });
    expect(first.page.items.map((item) => item.at)).to.deep.equal([4_000, 3_000, 2_000]);
    const second = await list({ limit: 3, cursor: String(first.page.nextCursor) });
    expect(second.page.items.map((item) => item.at)).to.deep.equal([1_000]);
    expect(second.page.nextCursor).to.equal(null);
  });

  it('are found by slot, customer, unit, code and time', async () => {
    expect(await idsOf({ slotId: 'lear' })).to.deep.equal([2]);
    expect(await idsOf({ customerId: 'c-17' })).to.deep.equal([4, 2, 1]);
    expect(await idsOf({ unitId: 'A2' })).to.deep.equal([3, 1]);
    expect(await idsOf({ code: 'sold-out' })).to.deep.equal([2]);
    expect(await idsOf({ from: 2_000, to: 4_000 })).to.deep.equal([3, 2]);
    expect(await idsOf({ slotId: 'hamlet', unitId: 'A1', from: 2_000 })).to.deep.equal([3]);
  });

  it('say how many of that time were not recorded', async () => {
    expect((await list()).dropped).to.equal(7);
    expect((await list({ from: 3_000 })).dropped).to.equal(7);
    expect((await list({ to: 2_500 })).dropped).to.equal(0);
    expect((await list({ from: 3_501 })).dropped).to.equal(0);
  });

  it('keep what was asked as it was, even what no booking could hold', async () => {
    const { attempt: one } = createPostgresAttemptQueries(pool);
    expect(await one(attempt(1).attemptId)).to.deep.equal({ ...attempt(1), asked: { units: ['A1', 'A2'] } });
    expect((await one(attempt(4).attemptId))?.asked).to.deep.equal({ title: 'a\u0000\ud800' });
  });

  it('are absent under ids and cursors that are none', async () => {
    const queries = createPostgresAttemptQueries(pool);
    expect(await queries.attempt('nonsense')).to.equal(null);
    expect(await queries.attempt(attempt(9).attemptId)).to.equal(null);
    expect(await queries.attempts({ limit: 1, cursor: 'nonsense' })).to.deep.equal({ kind: 'invalid-cursor' });
  });
});
