import { expect } from 'chai';
import { CHAIN_START, chainHash } from '../../../src/eventstore/hash-chain.ts';
import { newEvent, newEvents, newStream, positionOf } from '../../support/stored-events.ts';
import type { GetStore } from './store-in-test.ts';

export function describeAppends(getStore: GetStore): void {
  describe('a stream that does not exist', () => {
    it('reads as empty', async () => {
      expect(await getStore().readStream(newStream(), 1, 10)).to.deep.equal([]);
    });

    it('is created once only: the second creator learns the version that the first one made', async () => {
      const streamId = newStream();
      const [first, second] = await Promise.all(
        [newEvents(2), newEvents(2)].map((events) => getStore().append([{ streamId, expectedVersion: 0, events }])),
      );
      const conflict = { kind: 'conflict', streamId, expectedVersion: 0, actualVersion: 2 };

      expect([first!.kind, second!.kind]).to.have.members(['appended', 'conflict']);
      expect([first, second]).to.deep.include(conflict);
      expect(await getStore().readStream(streamId, 1, 10)).to.have.length(2);
    });

    it('cannot be appended to as if it existed', async () => {
      const streamId = newStream();
      const result = await getStore().append([{ streamId, expectedVersion: 3, events: [newEvent()] }]);

      expect(result).to.deep.equal({ kind: 'conflict', streamId, expectedVersion: 3, actualVersion: 0 });
    });
  });

  describe('a stream with events', () => {
    it('gives them back as they were given, byte for byte, with their place and a chained hash', async () => {
      const streamId = newStream();
      const events = [
        newEvent({ data: '{ "odd" : "spacing", "b":1,"a":2, "text":"ü 🎭 \\u0000 \' \\" \\\\ {,}" }', schemaVersion: 3, type: 'Ünusual' }),
        newEvent({ data: '""', metadata: '{"NULL":null}' }),
        newEvent({ data: 'NULL', metadata: '' }),
      ];
      const before = getStore().now();
      const position = positionOf(await getStore().append([{ streamId, expectedVersion: 0, events }]));

      const recorded = await getStore().readStream(streamId, 1, 10);

      let previousHash = CHAIN_START;
      for (const [index, event] of events.entries()) {
        const hash = chainHash(previousHash, { ...event, streamId, version: index + 1 });
        const { recordedAt, ...rest } = recorded[index]!;
        expect(rest).to.deep.equal({ ...event, streamId, version: index + 1, position: position - 2 + index, previousHash, hash });
        expect(recordedAt).to.be.within(before - 1_000, getStore().now() + 1_000);
        previousHash = hash;
      }
      expect(recorded).to.have.length(3);
    });

    it('refuses a stale version, writes nothing, and tells the version that it has', async () => {
      const streamId = newStream();
      await getStore().append([{ streamId, expectedVersion: 0, events: newEvents(3) }]);
      const head = await getStore().headPosition();

      const result = await getStore().append([{ streamId, expectedVersion: 2, events: newEvents(1) }]);

      expect(result).to.deep.equal({ kind: 'conflict', streamId, expectedVersion: 2, actualVersion: 3 });
      expect(await getStore().headPosition()).to.equal(head);
    });

    it('is read from a version on, so many events at a time', async () => {
      const streamId = newStream();
      await getStore().append([{ streamId, expectedVersion: 0, events: newEvents(5) }]);

      const versions = (await getStore().readStream(streamId, 2, 3)).map((event) => event.version);

      expect(versions).to.deep.equal([2, 3, 4]);
    });
  });

  describe('an append to several streams', () => {
    it('writes all of them in the order given', async () => {
      const [one, two] = [newStream(), newStream()];
      await getStore().append([{ streamId: two, expectedVersion: 0, events: newEvents(1) }]);

      const result = await getStore().append([
        { streamId: one, expectedVersion: 0, events: newEvents(2) },
        { streamId: two, expectedVersion: 1, events: newEvents(1) },
      ]);

      const position = positionOf(result);
      expect(result).to.deep.equal({ kind: 'appended', position, versions: { [one]: 2, [two]: 2 } });
      const written = await getStore().readFeed(position - 3, 3);
      expect(written.map((event) => [event.streamId, event.version])).to.deep.equal([
        [one, 1],
        [one, 2],
        [two, 2],
      ]);
    });

    it('writes none when one of them is at another version', async () => {
      const [one, two, three] = [newStream(), newStream(), newStream()];
      await getStore().append([{ streamId: two, expectedVersion: 0, events: newEvents(1) }]);
      const head = await getStore().headPosition();

      const result = await getStore().append([one, two, three].map((streamId) => ({ streamId, expectedVersion: 0, events: newEvents(1) })));

      expect(result).to.deep.equal({ kind: 'conflict', streamId: two, expectedVersion: 0, actualVersion: 1 });
      expect(await getStore().headPosition()).to.equal(head);
      expect(await getStore().readStream(one, 1, 10)).to.deep.equal([]);
      expect(await getStore().readStream(three, 1, 10)).to.deep.equal([]);
    });
  });
}
