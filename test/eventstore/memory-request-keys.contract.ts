import { createMemoryRequestKeys } from '../../src/eventstore/memory-request-keys.ts';
import { describeRequestKeysContract } from './request-keys-contract.ts';

describeRequestKeysContract('memory', async () => ({ keys: createMemoryRequestKeys(Date.now), close: async () => undefined }));
