import { expect } from 'chai';
import { newEvent, newEvents, newStream } from '../../support/stored-events.ts';
import type { GetStore } from './store-in-test.ts';

export function describeResends(getStore: GetStore): void {
  describe('an append that was written already', () => {
    it('is answered as the first time when it comes again, and written once', async () => {
      const parts = [newStream(), newStream()].map((streamId) => ({ streamId, expectedVersion: 0, events: newEvents(2) }));
      const first = await getStore().append(parts);

      expect(await getStore().append(parts)).to.deep.equal(first);
      for (const { streamId } of parts) expect(await getStore().readStream(streamId, 1, 10)).to.have.length(2);
    });

    it('is written once when it comes twice at the same time', async () => {
      const parts = [{ streamId: newStream(), expectedVersion: 0, events: newEvents(2) }];

      const [first, second] = await Promise.all([getStore().append(parts), getStore().append(parts)]);

      expect(first!.kind).to.equal('appended');
      expect(second).to.deep.equal(first);
      expect(await getStore().readStream(parts[0]!.streamId, 1, 10)).to.have.length(2);
    });

    it('is answered as the first time when others have appended on top of it', async () => {
      const streamId = newStream();
      await getStore().append([{ streamId, expectedVersion: 0, events: newEvents(1) }]);
      const parts = [{ streamId, expectedVersion: 1, events: newEvents(2) }];
      const first = await getStore().append(parts);
      await getStore().append([{ streamId, expectedVersion: 3, events: newEvents(4) }]);

      expect(await getStore().append(parts)).to.deep.equal(first);
      expect(await getStore().readStream(streamId, 1, 10)).to.have.length(7);
    });

    it('is a conflict when its events have new ids: that is another decision', async () => {
      const streamId = newStream();
      const event = newEvent();
      await getStore().append([{ streamId, expectedVersion: 0, events: [event] }]);

      const again = await getStore().append([{ streamId, expectedVersion: 0, events: [{ ...event, eventId: newEvent().eventId }] }]);

      expect(again).to.deep.equal({ kind: 'conflict', streamId, expectedVersion: 0, actualVersion: 1 });
    });

    it('is a conflict when only one of its streams holds it', async () => {
      const [one, two] = [newStream(), newStream()];
      const part = { streamId: one, expectedVersion: 0, events: newEvents(1) };
      await getStore().append([part]);

      const mixed = await getStore().append([part, { streamId: two, expectedVersion: 0, events: newEvents(1) }]);

      expect(mixed).to.deep.equal({ kind: 'conflict', streamId: one, expectedVersion: 0, actualVersion: 1 });
      expect(await getStore().readStream(two, 1, 10)).to.deep.equal([]);
    });

    it('is a conflict when another decision stands in one of its streams', async () => {
      const [one, two] = [newStream(), newStream()];
      const part = { streamId: one, expectedVersion: 0, events: newEvents(1) };
      await getStore().append([part]);
      await getStore().append([{ streamId: two, expectedVersion: 0, events: newEvents(1) }]);

      const mixed = await getStore().append([part, { streamId: two, expectedVersion: 0, events: newEvents(1) }]);

      expect(mixed).to.deep.equal({ kind: 'conflict', streamId: one, expectedVersion: 0, actualVersion: 1 });
    });
  });
}
