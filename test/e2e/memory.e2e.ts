import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { liveText } from '../../src/http/live-text.ts';
import { decodePosition } from '../../src/http/position.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { type Holdfast, openHoldfast, type Service } from '../../src/main.ts';
import type { FeedFollower } from '../../src/projections/memory/feed-follower.ts';
import { redisNamespace } from '../../src/projections/redis/namespace.ts';
import { LiveHub } from '../../src/queries/live/live-hub.ts';
import { createMemoryQueries } from '../../src/queries/memory/memory-queries.ts';
import { postgresRows } from '../../src/queries/memory/postgres-rows.ts';
import { SlotShelf } from '../../src/queries/memory/slot-shelf.ts';
import { createRedisLayer, type RedisLayer } from '../../src/queries/redis/redis-layer.ts';
import { uncounted } from '../http/fakes.ts';
import { ask, type BookingBody, demand, type Json, type ProblemBody, type Reply, show } from '../support/api.ts';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { LiveClient } from '../support/live-client.ts';
import { following, type StoppableFeed, stoppableFeed } from '../support/memory-layer.ts';
import { withDatabase } from '../support/postgres.ts';
import { withAndWithoutRedis } from '../support/redis.ts';
import { startService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

/** How often something is held and then read; a multiple of the buyers. `npm run verify:reads` asks for 10,000. */
const PAIRS = Number(process.env.HOLDFAST_PAIRS ?? 200);
const BUYERS = 4;
/** Of a show; who has held all of its seats goes on to another one. */
const ROWS = 10;
const SEATS_PER_ROW = 20;
/** No read may take longer to be as new as what its client has seen, in milliseconds. */
const SLOWEST_MS = 2_000;

interface SeatsBody {
  readonly version: number;
  readonly units: readonly { readonly unitId: string; readonly status: string }[];
}

function hold(url: string, slotId: string, unitId: string): Promise<Reply<BookingBody>> {
  return demand<BookingBody>(201, url, `/slots/${slotId}/bookings`, { body: { customerId: 'c-1', units: [unitId] }, key: randomUUID() });
}

function positionOf(reply: Reply<unknown>): string {
  return reply.headers.get('Holdfast-Position') ?? '';
}

function seats(url: string, slotId: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply<SeatsBody>> {
  return demand<SeatsBody>(200, url, `/slots/${slotId}/seats`, { headers });
}

function statusOf(map: Reply<SeatsBody>, unitId: string): string | undefined {
  return map.body.units.find((unit) => unit.unitId === unitId)?.status;
}

withAndWithoutRedis('two services on one database', (layers) => {
  const database = withDatabase();
  let here: Service;
  let there: Service;

  before(async () => {
    const { redisUrl } = layers();
    const options = { releaseProcess: false, ...(redisUrl === undefined ? {} : { redisUrl }) };
    here = await startService(database(), options);
    there = await startService(database(), options);
  });
  after(async () => {
    await here?.stop();
    await there?.stop();
  });

  it(`show on one what was held on the other, ${PAIRS} times, to whoever brings the position`, async function () {
    this.timeout(60_000 + PAIRS * 40);
    const waits: number[] = [];
    const buyer = async (name: string) => {
      for (let pair = 0; pair < PAIRS / BUYERS; pair += 1) {
        const slotId = `${name}-${Math.floor(pair / (ROWS * SEATS_PER_ROW))}`;
        const place = pair % (ROWS * SEATS_PER_ROW);
        if (place === 0) await demand(201, here.url, '/slots', { body: show(slotId, { rows: ROWS, seatsPerRow: SEATS_PER_ROW }) });
        const unitId = `${Math.floor(place / SEATS_PER_ROW) + 1}-${(place % SEATS_PER_ROW) + 1}`;
        const held = await hold(here.url, slotId, unitId);
        const begun = performance.now();
        const map = await seats(there.url, slotId, { 'Holdfast-Position': positionOf(held) });
        waits.push(performance.now() - begun);
        expect(statusOf(map, unitId), `${slotId} ${unitId}`).to.equal('held');
        expect(map.body.version).to.equal(held.body.version);
      }
    };
    await Promise.all(Array.from({ length: BUYERS }, (_, index) => buyer(`rush-${index}`)));

    waits.sort((a, b) => a - b);
    const quantile = (share: number) => Math.round(waits[Math.floor(waits.length * share)] ?? 0);
    console.log(`        read with the position: p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, worst ${quantile(0.9999)} ms`);
    expect(waits).to.have.length(PAIRS);
    expect(Math.max(...waits)).to.be.lessThan(SLOWEST_MS);
    const { hits, misses } = there.queries.readStatistics().memory.seats;
    const shows = BUYERS * Math.ceil(PAIRS / BUYERS / (ROWS * SEATS_PER_ROW));
    expect({ hits, misses }, 'each show was loaded once').to.deep.equal({ hits: PAIRS - shows, misses: shows });
  });

  it('write an answer out once for as long as nothing happens, and send 304 to who has it', async () => {
    const opened = await demand(201, here.url, '/slots', { body: show('still', { rows: 1, seatsPerRow: 2 }) });
    const map = await seats(there.url, 'still', { 'Holdfast-Position': positionOf(opened) });
    expect(map.headers.get('Holdfast-Source')).to.equal('postgres');
    const again = await seats(there.url, 'still');
    expect(again.headers.get('Holdfast-Source')).to.equal('memory');
    expect(again.body).to.deep.equal(map.body);
    const tag = again.headers.get('ETag') ?? '';
    const known = await fetch(`${there.url}/api/v1/slots/still/seats`, { headers: { 'If-None-Match': tag } });
    expect([known.status, await known.text(), known.headers.get('ETag')]).to.deep.equal([304, '', tag]);

    const held = await hold(here.url, 'still', '1-1');
    const headers = { 'If-None-Match': tag, 'Holdfast-Position': positionOf(held) };
    expect(statusOf(await seats(there.url, 'still', headers), '1-1')).to.equal('held');
  });
});

withAndWithoutRedis('a service whose feed stands still', (layers) => {
  const database = withDatabase();
  let writer: Service;
  let reader: Holdfast;
  let feed: StoppableFeed;
  let follower: FeedFollower;
  let url: string;
  let redis: RedisLayer | null = null;
  let stop: () => Promise<void>;

  before(async () => {
    const { redisUrl } = layers();
    writer = await startService(database(), { releaseProcess: false, ...layers() });
    reader = await openHoldfast({ databaseUrl: database(), dataFolder: '' });
    const { store, pool, runner } = reader;
    feed = stoppableFeed(store);
    const log = { info: () => undefined, warn: () => undefined };
    const views = postgresRows({ database: pool, live: runner.live, now: store.now });
    const logged = new LayoutReader(feed);
    await runner.live.refresh();
    if (redisUrl !== undefined) {
      const namespace = await redisNamespace(pool);
      redis = createRedisLayer({
        url: redisUrl,
        namespace,
        store: feed,
        live: runner.live,
        next: views,
        nextLayouts: logged,
        log,
      });
    }
    const shelf = new SlotShelf({ store: feed, source: redis?.rows ?? views, layouts: logged, log });
    follower = await following(feed, shelf);
    const queries = createMemoryQueries({ next: reader.queries, shelf, follower, now: store.now });
    const live = new LiveHub({
      queries,
      text: liveText,
      now: store.now,
      position: () => follower.position,
      isFollowing: () => follower.isFollowing,
      isCurrent: () => true,
      log: console,
    });
    const server = createHttpServer({ ...reader, queries, live, readiness: [], metrics: uncounted(), corsOrigins: [], log: console });
    url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
    stop = () => server.stop(1_000);
  });
  after(async () => {
    feed?.letFeedGo();
    await follower?.stop();
    await stop?.();
    redis?.close();
    await reader?.close();
    await writer?.stop();
  });

  it('says view-behind to who has seen more, and never shows the old map as the new one', async () => {
    const opened = await demand(201, writer.url, '/slots', { body: show('paused', { rows: 1, seatsPerRow: 3 }) });
    const { redisUrl } = layers();
    if (redisUrl !== undefined)
      await waitUntil('Redis has the show', async () => (await seats(writer.url, 'paused')).headers.get('Holdfast-Source') === 'redis');
    const before = await seats(url, 'paused', { 'Holdfast-Position': positionOf(opened) });
    feed.stopFeed();
    const held = await hold(writer.url, 'paused', '1-1');

    const headers = { 'Holdfast-Position': positionOf(held), Prefer: 'wait=1' };
    const paths = ['/slots/paused/seats', '/slots/paused/availability', '/slots/paused'];
    for (const behind of await Promise.all(paths.map((path) => ask<ProblemBody & { position: string }>(url, path, { headers })))) {
      expect([behind.status, behind.body.code]).to.deep.equal([503, 'view-behind']);
      expect(decodePosition(behind.body.position)?.position, 'what the view has reached').to.equal(
        decodePosition(positionOf(before))?.position,
      );
      expect(behind.headers.get('Retry-After')).to.match(/^\d+$/);
    }
    const old = await seats(url, 'paused');
    expect([old.body, positionOf(old)], 'who asks for nothing gets the old map, and is told how old').to.deep.equal([
      before.body,
      positionOf(before),
    ]);

    feed.letFeedGo();
    expect(statusOf(await seats(url, 'paused', { 'Holdfast-Position': positionOf(held) }), '1-1')).to.equal('held');
  });
});

describe('a service whose PostgreSQL is gone', () => {
  const database = withDatabase();
  let proxy: CuttingProxy;
  let service: Service;

  before(async () => {
    proxy = await startCuttingProxy(database());
    service = await startService(proxy.connectionString, { releaseProcess: false });
  });
  after(async () => {
    await service.stop();
    await proxy.shut();
  });

  it('reads on from memory and says that it may be stale, refuses to write, and heals by itself', async function () {
    this.timeout(60_000);
    await demand(201, service.url, '/slots', { body: show('cut', { rows: 1, seatsPerRow: 2 }) });
    const held = await hold(service.url, 'cut', '1-1');
    const before = await seats(service.url, 'cut', { 'Holdfast-Position': positionOf(held) });
    const watcher = await LiveClient.open(service.url, '/slots/cut/live');
    await proxy.shut();

    let map = await seats(service.url, 'cut');
    await waitUntil('reads say that they may be stale', async () => {
      map = await seats(service.url, 'cut');
      return map.headers.get('Holdfast-Source') === 'memory; stale';
    });
    expect(map.body).to.deep.equal(before.body);
    expect(statusOf(map, '1-1')).to.equal('held');
    const write = await ask<Json>(service.url, '/slots/cut/bookings', { body: { customerId: 'c-2', units: ['1-2'] }, key: 'k' });
    expect(write.status).to.equal(503);
    expect(write.headers.get('Retry-After')).to.match(/^\d+$/);
    expect((await ask(service.url, '/slots/unknown/seats')).status, 'what is not in memory').to.equal(503);

    await proxy.open();
    let after: Reply<BookingBody | ProblemBody> | null = null;
    await waitUntil(
      'bookings are taken again',
      async () => {
        after = await ask(service.url, '/slots/cut/bookings', { body: { customerId: 'c-2', units: ['1-2'] }, key: 'k' });
        return after.status < 300;
      },
      30_000,
    );
    map = await seats(service.url, 'cut', { 'Holdfast-Position': positionOf(after as unknown as Reply<unknown>), Prefer: 'wait=10' });
    expect([statusOf(map, '1-2'), map.headers.get('Holdfast-Source')]).to.deep.equal(['held', 'memory']);
    await watcher.reached(map.body.version);
    expect([watcher.map.seats.get('1-2')?.status, watcher.map.timesCame('reset')], 'who watches went on').to.deep.equal(['held', 1]);
    watcher.cut();
  });
});
