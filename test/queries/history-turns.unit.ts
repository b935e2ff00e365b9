import { expect } from 'chai';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { MAX_WAITING_REPLAYS, ReplaysBusyError } from '../../src/eventstore/replay-turns.ts';
import { createSlotHistory } from '../../src/queries/slot-history.ts';
import { commandSide, rejectionOf } from '../support/command-side.ts';
import { NOW } from '../support/slot-builders.ts';

describe('slots that are asked for as they were, by many at once', () => {
  it('are replayed two at a time, and who finds no room to wait is told so', async () => {
    const store = createMemoryEventStore({ now: () => NOW });
    await commandSide(store).open('hamlet');
    let running = 0;
    let most = 0;
    const watched: EventStore = {
      ...store,
      readStream: async (...asked) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
        return store.readStream(...asked);
      },
    };
    const history = createSlotHistory(watched, new LayoutReader(watched));
    const ask = (index: number) => (index % 2 === 0 ? history.slotAsOf('hamlet', { kind: 'now' }) : history.unitAsOf('hamlet', 'A1', null));

    const asked = Array.from({ length: 2 + MAX_WAITING_REPLAYS }, (_, index) => ask(index));
    const refused = await Promise.all([rejectionOf(ask(0)), rejectionOf(ask(1))]);

    for (const error of refused) expect(error).to.be.instanceOf(ReplaysBusyError);
    for (const answer of await Promise.all(asked)) expect(answer).to.have.property('position', 1);
    expect(most).to.equal(2);
    expect(await ask(0), 'there is room again').to.have.property('position', 1);
  });
});
