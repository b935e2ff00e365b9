import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import type { Service } from '../../src/main.ts';
import { type BookingBody, demand, show } from '../support/api.ts';
import { withDatabase } from '../support/postgres.ts';
import { withRedis } from '../support/redis.ts';
import { startService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

interface SeatsBody {
  readonly units: readonly { readonly unitId: string; readonly status: string }[];
}

describe('a service with a Redis', () => {
  const database = withDatabase();
  const redisUrl = withRedis();
  let service: Service;

  before(async () => {
    service = await startService(database(), { redisUrl: redisUrl(), memoryBytes: 0 });
  });
  after(() => service?.stop());

  const source = async (path: string) => (await demand(200, service.url, path)).headers.get('Holdfast-Source');

  it('answers from there what memory does not have, as it is now', async () => {
    await demand(201, service.url, '/slots', { body: show('shared', { rows: 10, seatsPerRow: 20 }) });
    await waitUntil('Redis is fed and filled', async () => (await source('/slots/shared/seats')) === 'redis');
    expect(await source('/slots/shared')).to.equal('redis');
    expect(await source('/slots/shared/availability')).to.equal('redis');
    const held = await demand<BookingBody>(201, service.url, '/slots/shared/bookings', {
      body: { customerId: 'c-1', bestAvailable: { quantity: 2 } },
      key: randomUUID(),
    });

    const headers = { 'Holdfast-Position': held.headers.get('Holdfast-Position') ?? '' };
    const map = await demand<SeatsBody>(200, service.url, '/slots/shared/seats', { headers });
    expect(map.headers.get('Holdfast-Source')).to.equal('redis');
    expect(map.body.units.filter(({ status }) => status === 'held')).to.have.length(2);
  });

  it('names its keys after the log, the build and the slot', async () => {
    const redis = new Redis(redisUrl());
    const keys = await redis.keys('*');
    redis.disconnect();
    expect(keys).to.satisfy((all: string[]) => all.every((key) => /^holdfast:[0-9a-f]{12}:/.test(key)));
    expect(keys.some((key) => key.endsWith(':inventory:b1:{shared}'))).to.equal(true);
  });
});
