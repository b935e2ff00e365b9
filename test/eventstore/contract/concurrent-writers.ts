import { expect } from 'chai';
import { MAX_READ_EVENTS, type RecordedEvent } from '../../../src/eventstore/event-store.ts';
import { chainHash } from '../../../src/eventstore/hash-chain.ts';
import { newEvents, newStream } from '../../support/stored-events.ts';
import type { GetStore } from './store-in-test.ts';

const WRITERS = 16;
const APPENDS_EACH = 25;

export function describeConcurrentWriters(getStore: GetStore): void {
  describe(`${WRITERS} writers on ${WRITERS / 2} streams at once`, () => {
    let streams: string[];
    let written: readonly RecordedEvent[];
    let before: number;
    let conflicts: number;

    /** Appends at the version that it last saw, and looks again after a conflict. */
    async function write(streamId: string): Promise<void> {
      let version = 0;
      for (let done = 0; done < APPENDS_EACH; ) {
        const result = await getStore().append([{ streamId, expectedVersion: version, events: newEvents((done % 3) + 1) }]);
        if (result.kind === 'appended') {
          version = result.versions[streamId]!;
          done += 1;
        } else {
          version = result.actualVersion;
          conflicts += 1;
        }
      }
    }

    beforeEach(async () => {
      conflicts = 0;
      before = await getStore().headPosition();
      streams = Array.from({ length: WRITERS / 2 }, newStream);
      await Promise.all([...streams, ...streams].map(write));
      written = await getStore().readFeed(before, MAX_READ_EVENTS);
    });

    it('get positions without gaps, and time that never runs backwards', () => {
      const eventsEach = Array.from({ length: APPENDS_EACH }, (_, done) => (done % 3) + 1).reduce((sum, count) => sum + count);

      expect(conflicts, 'the race must have happened').to.be.greaterThan(0);
      expect(written).to.have.length(WRITERS * eventsEach);
      expect(written.map((event) => event.position)).to.deep.equal(written.map((_, index) => before + 1 + index));
      const instants = written.map((event) => event.recordedAt);
      expect(instants).to.deep.equal([...instants].sort((a, b) => a - b));
    });

    it('make streams of contiguous versions, each one an unbroken chain', () => {
      for (const streamId of streams) {
        const stream = written.filter((event) => event.streamId === streamId);
        expect(stream.map((event) => event.version)).to.deep.equal(stream.map((_, index) => index + 1));
        for (const [index, event] of stream.entries()) {
          if (index > 0) expect(event.previousHash).to.equal(stream[index - 1]!.hash);
          expect(event.hash).to.equal(chainHash(event.previousHash, event));
        }
      }
    });
  });
}
