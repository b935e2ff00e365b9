import { expect } from 'chai';
import { MAX_READ_EVENTS } from '../../../src/eventstore/event-store.ts';
import { newEvent, newEvents, newStream, positionOf } from '../../support/stored-events.ts';
import type { GetStore } from './store-in-test.ts';

export function describeFeed(getStore: GetStore): void {
  describe('the feed', () => {
    it('has the events of all streams after a position, in the order of their positions', async () => {
      const before = await getStore().headPosition();
      const streams = [newStream(), newStream(), newStream()];
      for (const streamId of streams) await getStore().append([{ streamId, expectedVersion: 0, events: newEvents(2) }]);

      const feed = await getStore().readFeed(before + 1, 4);

      expect(feed.map((event) => event.position)).to.deep.equal([2, 3, 4, 5].map((place) => before + place));
      expect(feed.map((event) => event.streamId)).to.deep.equal([streams[0], streams[1], streams[1], streams[2]]);
    });

    it('is empty after the last position', async () => {
      await getStore().append([{ streamId: newStream(), expectedVersion: 0, events: newEvents(1) }]);

      expect(await getStore().readFeed(await getStore().headPosition(), 10)).to.deep.equal([]);
    });

    it('gives no more than the bound at once, whatever is asked for', async function () {
      this.timeout(30_000);
      const before = await getStore().headPosition();
      const streams = Array.from({ length: 6 }, newStream);
      await Promise.all(
        streams.map((streamId) => getStore().append([{ streamId, expectedVersion: 0, events: newEvents(MAX_READ_EVENTS / 5) }])),
      );

      expect(await getStore().readFeed(before, MAX_READ_EVENTS * 2)).to.have.length(MAX_READ_EVENTS);
    });

    it('can be narrowed to some types', async () => {
      const before = await getStore().headPosition();
      const events = ['Held', 'Sold', 'Held', 'Blocked'].map((type) => newEvent({ type }));
      await getStore().append([{ streamId: newStream(), expectedVersion: 0, events }]);

      const feed = await getStore().readFeed(before, 10, { types: ['Blocked', 'Held'] });

      expect(feed.map((event) => event.type)).to.deep.equal(['Held', 'Held', 'Blocked']);
      expect(await getStore().readFeed(before, 1, { types: ['Blocked', 'Held'] })).to.have.length(1);
      expect(await getStore().readFeed(before, 10, { types: [] })).to.deep.equal([]);
    });

    it('can be narrowed to a time, half open', async () => {
      const before = await getStore().headPosition();
      await getStore().append([{ streamId: newStream(), expectedVersion: 0, events: newEvents(2) }]);
      let later: number;
      // The store's clock counts milliseconds, so appends go on until one falls into the next.
      do later = positionOf(await getStore().append([{ streamId: newStream(), expectedVersion: 0, events: newEvents(1) }]));
      while ((await getStore().readFeed(later - 1, 1))[0]!.recordedAt === (await getStore().readFeed(before, 1))[0]!.recordedAt);
      const all = await getStore().readFeed(before, MAX_READ_EVENTS);
      const first = all[0]!.recordedAt;
      const last = all.at(-1)!.recordedAt;

      expect(await getStore().readFeed(before, MAX_READ_EVENTS, { from: first, to: last })).to.deep.equal(
        all.filter((event) => event.recordedAt < last),
      );
      expect(await getStore().readFeed(before, MAX_READ_EVENTS, { from: last })).to.deep.equal(
        all.filter((event) => event.recordedAt === last),
      );
      expect(await getStore().readFeed(before, MAX_READ_EVENTS, { from: last + 1 })).to.deep.equal([]);
      expect(await getStore().readFeed(0, MAX_READ_EVENTS, { to: 1 })).to.deep.equal([]);
    });
  });

  describe('who waits for events', () => {
    it('is called after an append, and no more after having stopped listening', async () => {
      let calls = 0;
      const woken = new Promise<void>((resolve) => {
        const stop = getStore().onAppended(() => {
          calls += 1;
          stop();
          resolve();
        });
      });
      await getStore().append([{ streamId: newStream(), expectedVersion: 0, events: newEvents(1) }]);
      await woken;

      let last: Promise<void> = Promise.resolve();
      const stop = getStore().onAppended(() => undefined);
      stop();
      last = new Promise((resolve) => {
        const stopLast = getStore().onAppended(() => {
          stopLast();
          resolve();
        });
      });
      await getStore().appendLocked(newStream(), 0, () => newEvents(1));
      await last;
      expect(calls).to.equal(1);
    });
  });
}
