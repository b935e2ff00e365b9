import { expect } from 'chai';
import type { Redis } from 'ioredis';
import { RedisGate } from '../../../src/queries/redis/redis-gate.ts';
import { waitUntil } from '../../support/wait-until.ts';

const HOUR_MS = 3_600_000;

describe('the gate to Redis', () => {
  const now = Date.now;
  let gate: RedisGate;
  afterEach(() => {
    Date.now = now;
    gate.close();
  });

  it('opens again once Redis answers, though the time of day was set back meanwhile', async () => {
    let disconnected = 0;
    const redis = { status: 'ready', ping: async () => 'PONG', disconnect: () => (disconnected += 1) };
    gate = new RedisGate(redis as unknown as Redis);
    const failing = () => Promise.reject(new Error('no answer'));
    while (gate.state === 'closed') await gate.through(failing).catch(() => undefined);
    Date.now = () => now() - HOUR_MS;

    await waitUntil('the gate is closed', async () => {
      await new Promise(setImmediate);
      return gate.state === 'closed';
    });
    expect(disconnected).to.equal(0);
  });
});
