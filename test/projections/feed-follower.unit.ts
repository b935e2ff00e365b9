import { expect } from 'chai';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { FeedFollower } from '../../src/projections/memory/feed-follower.ts';
import { append } from '../support/read-side.ts';
import { opened } from '../support/slot-builders.ts';

describe('a follower of the feed', () => {
  let log: EventStore;
  let reads: number;
  let follower: FeedFollower;
  let taken: () => void;

  beforeEach(() => {
    log = createMemoryEventStore();
    reads = 0;
    const readFeed: EventStore['readFeed'] = (after, limit, filter) => {
      reads += 1;
      return log.readFeed(after, limit, filter);
    };
    follower = new FeedFollower({ ...log, readFeed }, { begin: () => undefined, take: async () => undefined });
    follower.onTaken(() => taken());
  });
  afterEach(() => follower.stop());

  const appended = async (slotId: string): Promise<void> => {
    const told = new Promise<void>((resolve) => {
      taken = resolve;
    });
    await append(log, `slot-${slotId}`, [opened({ slotId })]);
    await told;
  };

  it('reads the log once for each time that it is woken, and not once more to find nothing', async () => {
    follower.start();
    for (let show = 0; show < 20; show += 1) await appended(`show-${show}`);
    expect(reads).to.be.within(20, 22);
  });
});
