import { createPostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { describeEventStoreContract } from './event-store-contract.ts';

describeEventStoreContract('the PostgreSQL store', async () => {
  const { connectionString, drop } = await createTestDatabase();
  const store = await createPostgresEventStore({ connectionString });
  return { store, close: () => store.close().then(drop) };
});
