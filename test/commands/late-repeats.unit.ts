import { expect } from 'chai';
import { MAX_WAITING_REPLAYS } from '../../src/eventstore/replay-turns.ts';
import { acceptedOf, bookingOf, commandSide, keyed } from '../support/command-side.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { book, confirm, openSlot, seats } from '../support/slot-builders.ts';

describe('repeats of holds that were confirmed since', () => {
  it('are all answered as then, however many come at once, by one replay', async () => {
    const count = 2 * MAX_WAITING_REPLAYS;
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    const store = createFaultyStore();
    const commands = commandSide(store);
    const hold = (number: number) => commands.execute('hamlet', book(`b${number}`, [`A${number}`]), keyed(`k${number}`));
    const opening = { ...openSlot({ units: seats(count) }), startsAt: store.now() + 1_000_000, endsAt: null };
    acceptedOf(await commands.execute('hamlet', opening, keyed('open')));
    const holds = await Promise.all(numbers.map(hold));
    await Promise.all(numbers.map((number) => commands.ask('hamlet', confirm(`b${number}`))));
    const replaysBefore = store.reads.filter(({ fromVersion }) => fromVersion === 1).length;

    const [opened, ...repeats] = await Promise.all([commands.execute('hamlet', opening, keyed('open')), ...numbers.map(hold)]);

    expect(store.reads.filter(({ fromVersion }) => fromVersion === 1)).to.have.length(replaysBefore + 1);
    expect(repeats.every((result) => acceptedOf(result).replayed)).to.equal(true);
    expect(repeats.map(bookingOf)).to.deep.equal(holds.map(bookingOf));
    expect(repeats.map(({ place }) => place.version)).to.deep.equal(holds.map(({ place }) => place.version));
    expect(acceptedOf(opened as (typeof repeats)[number]).slot).to.deep.include({ version: 1 });
  });
});
