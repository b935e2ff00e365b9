import { describeAppends } from './contract/appends.ts';
import { describeBounds } from './contract/bounds.ts';
import { describeConcurrentWriters } from './contract/concurrent-writers.ts';
import { describeFeed } from './contract/feed.ts';
import { describeLockedAppends } from './contract/locked-appends.ts';
import { describeResends } from './contract/resends.ts';
import { describeSnapshots } from './contract/snapshots.ts';
import type { OpenStore, StoreInTest } from './contract/store-in-test.ts';

/**
 * What every event store promises, whatever it keeps its events in. One line makes another store
 * subject to it: `describeEventStoreContract('name', open)`.
 *
 * All tests of a run share one store, as all slots of a service do; each test has streams of its own.
 */
export function describeEventStoreContract(name: string, openStore: OpenStore): void {
  describe(`the event store contract, kept by ${name}`, () => {
    let opened: StoreInTest | null = null;
    before('open the store', async function () {
      this.timeout(60_000);
      opened = await openStore();
    });
    after('close the store', async () => opened?.close());

    const store = () => {
      if (opened === null) throw new Error('The store is there only while the tests run.');
      return opened.store;
    };
    describeAppends(store);
    describeResends(store);
    describeLockedAppends(store);
    describeConcurrentWriters(store);
    describeFeed(store);
    describeBounds(store);
    describeSnapshots(store);
  });
}
