import { expect } from 'chai';
import type { Snapshot } from '../../../src/eventstore/event-store.ts';
import { newStream } from '../../support/stored-events.ts';
import type { GetStore } from './store-in-test.ts';

function snapshotOf(streamId: string, changes: Partial<Snapshot> = {}): Snapshot {
  return { streamId, version: 10, schemaVersion: 2, hash: 'ab'.repeat(32), state: Buffer.from([0, 255, 10, 34]), ...changes };
}

export function describeSnapshots(getStore: GetStore): void {
  describe('a snapshot', () => {
    it('is given back to who can read it, and to nobody else', async () => {
      const snapshot = snapshotOf(newStream());
      await getStore().writeSnapshot(snapshot);

      expect(await getStore().readSnapshot(snapshot.streamId, 2)).to.deep.equal(snapshot);
      expect(await getStore().readSnapshot(snapshot.streamId, 1)).to.equal(null);
      expect(await getStore().readSnapshot(newStream(), 2)).to.equal(null);
    });

    it('gives way to a newer one, never to an older one', async () => {
      const streamId = newStream();
      const newer = snapshotOf(streamId, { version: 20, state: Buffer.from([20]) });
      await getStore().writeSnapshot(snapshotOf(streamId));
      await getStore().writeSnapshot(newer);
      await getStore().writeSnapshot(snapshotOf(streamId, { version: 15 }));

      expect(await getStore().readSnapshot(streamId, 2)).to.deep.equal(newer);
    });
  });
}
