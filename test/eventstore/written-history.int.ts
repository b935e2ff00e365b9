import { expect } from 'chai';
import { writeHistory } from '../../bench/history/history.ts';
import { verifyLog } from '../../src/cli/verify/verify-log.ts';
import type { CommandContext } from '../../src/commands/command-service.ts';
import { openHoldfast } from '../../src/main.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

/** Today: what is on sale must not be over when it is booked. */
const UNTIL = Math.floor(Date.now() / 86_400_000) * 86_400_000;
const EVENTS = 1_500;
const SILENT = { phase: () => undefined, update: () => undefined };
const CONTEXT: CommandContext = { commandId: null, commandHash: null, ifMatch: null, actor: 'test', correlationId: 'c' };

describe('years of history that are written straight into the log', function () {
  this.timeout(60_000);
  const databases: TestDatabase[] = [];
  after(() => Promise.all(databases.map((database) => database.drop())));

  /** What `holdfast verify` says of it, and whether a seat can be had in the first show on sale. */
  async function told(seed: number) {
    const database = await createTestDatabase();
    databases.push(database);
    const { connectionString } = database;
    const { openSlots } = await writeHistory(connectionString, { events: EVENTS, openSlots: 8, years: 2, seed, until: UNTIL });
    const show = openSlots.find(({ category }) => category === 'theatre')?.slotId ?? '';
    const holdfast = await openHoldfast({ databaseUrl: connectionString, dataFolder: '' });
    try {
      const report = await verifyLog(holdfast, { since: null, progress: SILENT });
      const hold = await holdfast.commands.execute(
        show,
        {
          type: 'RequestBooking',
          bookingId: `${show}.new`,
          customerId: 'c-1',
          selection: { kind: 'bestAvailable', quantity: 2, category: null, adjacent: null, accessible: 0 },
          span: null,
          expectedTotal: null,
          reference: null,
          metadata: {},
          confirm: null,
        },
        CONTEXT,
      );
      return { ...report, hold: hold.kind };
    } finally {
      await holdfast.close();
    }
  }

  it('are what the rules would have written, the same for the same seed, and can be gone on with', async () => {
    const [one, same, other] = [await told(1), await told(1), await told(2)];
    expect(one.faults).to.deep.equal([]);
    expect(one).to.include({ verdict: 'clean', position: EVENTS });
    expect(one.counts.events).to.equal(EVENTS);
    expect(one.counts.bookings).to.be.greaterThan(EVENTS / 5);
    expect(one.hold).to.equal('accepted');
    expect(same.digest).to.equal(one.digest);
    expect(other.digest).to.not.equal(one.digest);
  });
});
