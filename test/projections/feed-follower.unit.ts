import { expect } from 'chai';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { FeedFollower } from '../../src/projections/memory/feed-follower.ts';
import { LOOK_AGAIN_MS } from '../../src/projections/pause.ts';
import { type FollowedStore, followedStore } from '../support/followed-store.ts';
import { append } from '../support/read-side.ts';
import { opened } from '../support/slot-builders.ts';
import { waitUntil } from '../support/wait-until.ts';

const SHOWS = 10;
/** A timer may be early by the part of a millisecond that the clock of the event loop is behind. */
const EARLY_MS = 1;

describe('a follower of the feed', () => {
  let log: EventStore;
  let followed: FollowedStore;
  let readAt: number[];
  let follower: FeedFollower;
  let wake: () => void;

  function follow(mostEvents: number, take = async () => {}): void {
    const store: EventStore = {
      ...log,
      onAppended: (listener) => {
        wake = listener;
        return () => undefined;
      },
      readFeed: (after, limit) => {
        readAt.push(performance.now());
        return log.readFeed(after, Math.min(limit, mostEvents));
      },
    };
    follower = new FeedFollower(store, { begin: () => undefined, take });
    follower.start();
  }

  const has = (what: string, position: number): Promise<void> =>
    waitUntil(what, async () => {
      await new Promise(setImmediate);
      return followed.had()[0] === position;
    });
  const reads = (count: number): Promise<void> =>
    waitUntil(`the log is read ${count} times`, async () => {
      await new Promise(setImmediate);
      return readAt.length >= count;
    });

  beforeEach(() => {
    followed = followedStore(createMemoryEventStore());
    log = followed.store;
    readAt = [];
  });
  afterEach(() => follower.stop());

  it('looks for more a moment after it has read what it was woken for, and not at once', async () => {
    follow(1_000);
    await reads(1);
    await append(log, 'slot-show', [opened({ slotId: 'show' })]);
    wake();
    await reads(3);
    const [, found, again] = readAt as [number, number, number];
    expect(again - found).to.be.greaterThan(LOOK_AGAIN_MS - EARLY_MS);
  });

  it('tells the log what it had, from where it began on, until it stops', async () => {
    await append(log, 'slot-before', [opened({ slotId: 'before' })]);
    let isTaking = false;
    let letTake = () => {};
    const taken = new Promise<void>((resolve) => {
      letTake = resolve;
    });
    follow(1_000, async () => {
      isTaking = true;
      await taken;
    });
    await has('it knows where the log is', 1);
    await append(log, 'slot-show', [opened({ slotId: 'show' })]);
    wake();
    await waitUntil('it takes the event', async () => {
      await new Promise(setImmediate);
      return isTaking;
    });
    expect(followed.had(), 'what is being taken').to.deep.equal([1]);
    letTake();
    await has('it had the event', 2);
    await follower.stop();
    expect(followed.had()).to.deep.equal([]);
  });

  it('finds soon what is in the log behind the end of a page, though nobody wakes it once more', async () => {
    follow(1);
    await reads(1);
    for (let show = 0; show < SHOWS; show += 1) await append(log, `slot-${show}`, [opened({ slotId: `show-${show}` })]);
    const woken = performance.now();
    wake();
    await reads(2 + SHOWS);
    expect(follower.position).to.equal(await log.headPosition());
    expect(performance.now() - woken, 'ten sleeps would take five seconds').to.be.lessThan(2_500);
  });
});
