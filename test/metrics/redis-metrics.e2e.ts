import { expect } from 'chai';
import type { Service } from '../../src/main.ts';
import { ask, demand, show } from '../support/api.ts';
import { withDatabase } from '../support/postgres.ts';
import { withOwnRedis } from '../support/redis.ts';
import { scrape } from '../support/scraped.ts';
import { startService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

interface Readiness {
  readonly status: string;
  readonly degraded: readonly { readonly name: string; readonly reason: string }[];
}

describe('a service whose Redis goes away and comes back', function () {
  this.timeout(60_000);
  const database = withDatabase();
  const redis = withOwnRedis();
  let service: Service;

  before(async () => {
    service = await startService(database(), { redisUrl: redis().url, memoryBytes: 0 });
    await demand(201, service.url, '/slots', { body: show('shared', { yard: 5 }) });
  });
  after(() => service?.stop());

  const degraded = async () => (await demand<Readiness>(200, service.url, '//readyz')).body.degraded.map(({ name }) => name);
  const value = async (name: string) => (await scrape(service.url)).values.get(name);
  const read = () => ask(service.url, '/slots/shared/availability');

  it('is ready all the while, and says in /readyz and in the metrics how it is with Redis', async () => {
    await waitUntil('Redis has answered', async () => {
      await demand(200, service.url, '/slots/shared/availability');
      return ((await value('holdfast_reads_total{layer="redis",question="slot-rows",outcome="hit"}')) ?? 0) > 0;
    });
    expect(await degraded()).to.deep.equal([]);
    expect(await value('holdfast_redis_connected')).to.equal(1);
    expect(await value('holdfast_redis_breaker_state{state="closed"}')).to.equal(1);
    expect(await value('holdfast_redis_position')).to.be.greaterThan(0);

    await redis().kill();
    await waitUntil('the breaker has opened', async () => {
      expect((await read()).status).to.equal(200);
      return (await value('holdfast_redis_breaker_state{state="open"}')) === 1;
    });
    expect(await degraded()).to.deep.equal(['redis']);
    expect(await value('holdfast_redis_connected')).to.equal(0);
    expect(await value('holdfast_redis_failures_total')).to.be.greaterThan(0);

    await redis().restart();
    await waitUntil('Redis is used again', async () => (await degraded()).length === 0, 20_000);
    expect(await value('holdfast_redis_breaker_state{state="closed"}')).to.equal(1);
  });
});
