import { expect } from 'chai';
import type { CommandResult } from '../../src/commands/command-service.ts';
import { createPostgresEventStore, type PostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { bookingOf, type CommandSide, commandSide, eventsOf } from '../support/command-side.ts';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { withDatabase } from '../support/postgres.ts';
import { readSeatLog } from '../support/seat-log.ts';
import { bookBest, seats } from '../support/slot-builders.ts';

describe('a service whose connection to PostgreSQL is cut', () => {
  const database = withDatabase();
  let proxy: CuttingProxy;
  let store: PostgresEventStore;
  let direct: PostgresEventStore;
  let commands: CommandSide;

  before(async () => {
    proxy = await startCuttingProxy(database());
    store = await createPostgresEventStore({ connectionString: proxy.connectionString, answerTimeoutMs: 1_000 });
    direct = await createPostgresEventStore({ connectionString: database() });
    commands = commandSide(store);
  });
  after(async () => {
    await Promise.all([store.close(), direct.close()]);
    await proxy.shut();
  });

  for (const [when, cut] of [
    ['before an append reaches it', 'before-delivery'],
    ['between the commit and its answer', 'before-answer'],
    ['and never answers an append', 'no-answer'],
  ] as const) {
    it(`${when}: every booking is answered once and stands in the log once`, async () => {
      const slotId = `cut-${cut}`;
      await commands.open(slotId, { units: seats(40) });
      const happened = proxy.cutOnce(cut, `slot-${slotId}`);

      const results = await Promise.all(Array.from({ length: 20 }, (_, index) => commands.ask(slotId, bookBest(`b${index}`, 2))));
      await happened;

      const { seats: taken } = readSeatLog(await eventsOf(direct, slotId));
      const answered = results.flatMap((result) => bookingOf(result).claims.map(({ unitId }) => [unitId, bookingOf(result).bookingId]));
      expect(answered.sort()).to.deep.equal([...taken].sort());
      expect(taken.size).to.equal(40);
      expect(await eventsOf(direct, slotId)).to.have.length(41);
    });
  }

  it('when a locked append has sent its commit: nothing is lost or doubled either', async () => {
    const other = commandSide(direct);
    const overtaking: Promise<CommandResult>[] = [];
    // Another instance is faster twice, so that this one takes the locked way, where nobody can be.
    const overtaken = commandSide({
      ...store,
      append: async (appends) => {
        if (overtaking.length < 2) overtaking.push(other.ask('locked', bookBest(`there${overtaking.length}`, 1)));
        await Promise.all(overtaking);
        return store.append(appends);
      },
    });
    await commands.open('locked', { units: seats(40) });
    const happened = proxy.cutOnce('before-answer', 'COMMIT');

    const here = await Promise.all(Array.from({ length: 16 }, (_, index) => overtaken.ask('locked', bookBest(`here${index}`, 1))));
    await happened;

    const results = [...here, ...(await Promise.all(overtaking))];
    const answered = results.flatMap((result) => bookingOf(result).claims.map(({ unitId }) => unitId));
    expect(answered).to.have.length(18);
    expect(answered.sort()).to.deep.equal([...readSeatLog(await eventsOf(direct, 'locked')).seats.keys()].sort());
  });
});
