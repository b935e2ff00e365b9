import { createPostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { describeRequestKeysContract } from './request-keys-contract.ts';

describeRequestKeysContract('PostgreSQL', async () => {
  const { connectionString, drop } = await createTestDatabase();
  const store = await createPostgresEventStore({ connectionString });
  return { keys: store.requestKeys, close: () => store.close().then(drop) };
});
