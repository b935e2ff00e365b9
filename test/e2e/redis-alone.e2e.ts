import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { findBinaries, runProgram } from '../../src/eventstore/embedded/binaries.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/eventstore/embedded-postgres.ts';
import type { Service } from '../../src/main.ts';
import { ask, demand, type ProblemBody, show } from '../support/api.ts';
import { makeDataDirectory } from '../support/postgres.ts';
import { withRedis } from '../support/redis.ts';
import { startService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('a service with nothing in memory whose PostgreSQL is gone and whose Redis is there', function () {
  this.timeout(60_000);
  const redis = withRedis();
  let dataFolder: string | undefined;
  let database: EmbeddedPostgres;
  let service: Service;

  async function control(deed: 'stop' | 'restart'): Promise<void> {
    const data = join(dataFolder ?? '', 'postgres');
    const parameters = [deed, '-w', '-m', 'immediate', '-D', data, '-l', join(dataFolder ?? '', 'postgres.log')];
    const { code, output } = await runProgram(findBinaries(data), 'pg_ctl', parameters);
    if (code !== 0) throw new Error(`pg_ctl ${deed}: ${output}`);
  }

  const source = async (path: string) => (await ask(service.url, path)).headers.get('Holdfast-Source');

  before(async () => {
    dataFolder = await makeDataDirectory();
    database = await startEmbeddedPostgres({ dataDirectory: dataFolder });
    service = await startService(database.connectionString, { redisUrl: redis(), memoryBytes: 0 });
    const { body: layout } = await demand<{ layoutId: string }>(201, service.url, '/layouts', {
      body: { name: 'Hall', units: [{ unitId: 'A1', category: 'gold', price: 1 }] },
    });
    await demand(201, service.url, '/slots', { body: show('own', { rows: 2, seatsPerRow: 10 }) });
    await demand(201, service.url, '/slots', { body: { ...show('in-hall', {}), units: [], layoutId: layout.layoutId } });
    for (const slotId of ['own', 'in-hall', 'nowhere'])
      await waitUntil('it is in Redis', async () => {
        await ask(service.url, `/slots/${slotId}/seats`);
        return slotId === 'nowhere' || (await source(`/slots/${slotId}/seats`)) === 'redis';
      });
    await control('stop');
    await waitUntil('it is missed', async () => (await source('/slots/own'))?.endsWith('; stale') === true);
  });
  after(async () => {
    await service?.stop();
    await database?.stop();
    if (dataFolder !== undefined) await rm(dataFolder, { recursive: true, force: true });
  });

  for (const slotId of ['own', 'in-hall'])
    it(`reads on what is there, and says that it is stale: ${slotId}`, async () => {
      for (const path of ['', '/availability', '/seats']) {
        const begun = performance.now();
        const { headers } = await demand(200, service.url, `/slots/${slotId}${path}`);
        console.log(`      ${slotId}${path}: ${Math.round(performance.now() - begun)} ms`);
        expect(headers.get('Holdfast-Source'), path).to.equal('redis; stale');
        expect(headers.get('Holdfast-Position'), path).to.not.equal(null);
      }
    });

  it('does not say that a slot is not there which may be there by now', async () => {
    const { status, body } = await ask<ProblemBody>(service.url, '/slots/nowhere');
    expect([status, body.code]).to.deep.equal([503, 'unavailable']);
  });

  it('is current again by itself', async () => {
    await control('restart');

    await waitUntil('it is current', async () => (await source('/slots/own/seats')) === 'redis', 30_000);
    expect((await ask(service.url, '/slots/nowhere')).status).to.equal(404);
  });
});
