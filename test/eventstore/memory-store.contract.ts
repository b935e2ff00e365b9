import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { describeEventStoreContract } from './event-store-contract.ts';

describeEventStoreContract('the memory store', async () => {
  const store = createMemoryEventStore();
  return { store, close: () => store.close() };
});
