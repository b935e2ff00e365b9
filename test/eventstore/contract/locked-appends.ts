import { expect } from 'chai';
import type { RecordedEvent } from '../../../src/eventstore/event-store.ts';
import { newEvent, newEvents, newStream } from '../../support/stored-events.ts';
import type { GetStore } from './store-in-test.ts';

export function describeLockedAppends(getStore: GetStore): void {
  describe('a locked append', () => {
    it('decides on the tail beyond the version that the caller knows', async () => {
      const streamId = newStream();
      const known = newEvents(3);
      await getStore().append([{ streamId, expectedVersion: 0, events: known }]);
      let seen: readonly RecordedEvent[] = [];

      const result = await getStore().appendLocked(streamId, 1, (tail) => {
        seen = tail;
        return newEvents(2);
      });

      expect(seen.map((event) => event.eventId)).to.deep.equal([known[1]!.eventId, known[2]!.eventId]);
      expect(result).to.deep.equal({ kind: 'appended', position: await getStore().headPosition(), version: 5 });
      expect(await getStore().readStream(streamId, 1, 10)).to.have.length(5);
    });

    it('creates a stream', async () => {
      const result = await getStore().appendLocked(newStream(), 0, () => newEvents(1));

      expect(result).to.deep.equal({ kind: 'appended', position: await getStore().headPosition(), version: 1 });
    });

    it('writes nothing when there is nothing to write, and tells the version', async () => {
      const streamId = newStream();
      await getStore().append([{ streamId, expectedVersion: 0, events: newEvents(3) }]);
      const head = await getStore().headPosition();

      expect(await getStore().appendLocked(streamId, 1, () => [])).to.deep.equal({ kind: 'nothing-to-append', version: 3 });
      expect(await getStore().headPosition()).to.equal(head);
    });

    it('writes nothing when the decision throws, and lets others append afterwards', async () => {
      const streamId = newStream();
      const head = await getStore().headPosition();
      const broken = new Error('a broken invariant');

      const thrown = await getStore()
        .appendLocked(streamId, 0, () => {
          throw broken;
        })
        .catch((error: unknown) => error);

      expect(thrown).to.equal(broken);
      expect(await getStore().headPosition()).to.equal(head);
      expect((await getStore().append([{ streamId, expectedVersion: 0, events: [newEvent()] }])).kind).to.equal('appended');
    });

    it('refuses what is too big, and lets others append afterwards', async () => {
      const streamId = newStream();
      const big = newEvent({ data: 'x'.repeat(300 * 1024) });

      const thrown = await getStore()
        .appendLocked(streamId, 0, () => [big])
        .catch((error: unknown) => error);

      expect(thrown).to.be.instanceOf(RangeError);
      expect((await getStore().append([{ streamId, expectedVersion: 0, events: [newEvent()] }])).kind).to.equal('appended');
    });

    it('sees what every other one before it wrote, however many come at once', async () => {
      const streamId = newStream();
      const tails: number[] = [];

      await Promise.all(
        Array.from({ length: 8 }, () =>
          getStore().appendLocked(streamId, 0, (tail) => {
            tails.push(tail.length);
            return newEvents(1);
          }),
        ),
      );

      expect(tails).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(await getStore().readStream(streamId, 1, 10)).to.have.length(8);
    });

    it('never lets an optimistic append slip in between its reading and its writing', async () => {
      const streamId = newStream();
      const rounds = 40;
      let optimistic = 0;
      let locked = 0;
      for (let round = 0; round < rounds; round += 1) {
        const expectedVersion = optimistic + locked;
        const [append] = await Promise.all([
          getStore().append([{ streamId, expectedVersion, events: newEvents(1) }]),
          getStore().appendLocked(streamId, expectedVersion, () => newEvents(1)),
        ]);
        locked += 1;
        if (append.kind === 'appended') optimistic += 1;
      }

      const stream = await getStore().readStream(streamId, 1, 1_000);
      expect(stream.map((event) => event.version)).to.deep.equal(Array.from({ length: rounds + optimistic }, (_, index) => index + 1));
    });
  });
}
