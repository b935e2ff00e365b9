import { expect } from 'chai';
import { liveText } from '../../src/http/live-text.ts';
import { createHttpServer } from '../../src/http/server.ts';
import type { Service } from '../../src/main.ts';
import { FeedFollower } from '../../src/projections/memory/feed-follower.ts';
import { LiveHub, type LiveHubParts } from '../../src/queries/live/live-hub.ts';
import { demand, type Json, show } from '../support/api.ts';
import { LiveClient } from '../support/live-client.ts';
import { LiveMap } from '../support/live-map.ts';
import { withDatabase } from '../support/postgres.ts';
import { startService } from '../support/service.ts';

const ORIGIN = 'https://tickets.example';
const SEATS = 500;
/** A change of all seats is some 400 KB; a connection that nobody reads holds a few megabytes. */
const NOTE = 'x'.repeat(500);
const MOST_CHANGES = 100;

describe('a service whose clients have little time to read', () => {
  const database = withDatabase();
  let service: Service;
  let live: LiveHub;
  let url: string;
  const stops: (() => Promise<void>)[] = [];

  /** Serves live maps of the service by terms of their own. */
  async function serve(terms: Pick<LiveHubParts, 'patienceMs' | 'maxUnreadBytes'>): Promise<void> {
    const follower = new FeedFollower(service.store, { begin: () => undefined, take: async () => undefined });
    live = new LiveHub({
      queries: service.queries,
      text: liveText,
      now: service.store.now,
      position: () => follower.position,
      isFollowing: () => follower.isFollowing,
      isCurrent: () => follower.isCurrent,
      log: console,
      ...terms,
    });
    follower.onTaken((records) => live.take(records));
    follower.start();
    const server = createHttpServer({ ...service, live, readiness: [], corsOrigins: [ORIGIN], log: console });
    stops.push(async () => {
      await server.stop(1_000);
      await follower.stop();
    });
    url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
    await follower.waitFor(await service.store.headPosition(), 5_000);
  }

  /** Changes all seats, again and again, until the client that does not read is cut off. @returns the slot's version then. */
  async function changeUntilCutOff(lazy: LiveClient, eager: LiveClient): Promise<number> {
    lazy.stopReading();
    const units = [...lazy.map.seats.keys()];
    let version = lazy.map.version;
    for (let change = 0; change < MOST_CHANGES && live.statistics().cutOff === 0; change += 1) {
      const deed = change % 2 === 0 ? 'block' : 'unblock';
      const done = await demand<{ version: number }>(200, url, `/slots/hall/units/${deed}`, { body: { units, reason: 'test' } });
      version = done.body.version;
      await eager.reached(version);
    }
    await eager.until('the slow one is cut off', () => live.statistics().cutOff === 1);
    await eager.until('its connection is closed', () => live.statistics().watchers === 1);
    expect([eager.ended, eager.map.byeReason]).to.deep.equal([false, null]);
    return version;
  }

  before(async () => {
    service = await startService(database(), { releaseProcess: false });
    const hall = show('hall', { rows: 20, seatsPerRow: SEATS / 20 });
    await demand(201, service.url, '/slots', {
      body: { ...hall, units: hall.units.map((unit) => ({ ...unit, metadata: { note: NOTE } })) },
    });
  });
  beforeEach(() => serve({ patienceMs: 100 }));
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });
  after(() => service.stop());

  it('cuts off who does not read, disturbs nobody else, and has it go on where it was', async function () {
    this.timeout(60_000);
    const [lazy, eager] = [await LiveClient.open(url, '/slots/hall/live'), await LiveClient.open(url, '/slots/hall/live')];
    await lazy.reached(1);
    const version = await changeUntilCutOff(lazy, eager);

    lazy.readOn();
    await lazy.until('the end', () => lazy.ended);
    expect(lazy.map.byeReason).to.be.oneOf([null, 'too-slow']);
    expect(lazy.map.version).to.be.lessThan(version);
    const map = new LiveMap();
    map.lastEventId = lazy.map.lastEventId;
    map.version = lazy.map.version;
    const back = await LiveClient.open(url, '/slots/hall/live', { from: map });
    await back.reached(version);
    expect(map.timesCame('reset')).to.equal(0);
    const seats = await demand<{ units: readonly Json[] }>(200, url, '/slots/hall/seats');
    const current = new Map(seats.body.units.map((unit) => [String(unit.unitId), unit]));
    for (const { seats: told } of [map, eager.map]) for (const [unitId, unit] of told) expect(unit).to.deep.equal(current.get(unitId));
    expect(eager.map.seats.size).to.equal(SEATS);
    eager.cut();
    back.cut();
  });

  it('cuts off at once who does not read when there is too much that nobody reads', async function () {
    this.timeout(60_000);
    await serve({ patienceMs: 60_000, maxUnreadBytes: 300_000 });
    const [lazy, eager] = [await LiveClient.open(url, '/slots/hall/live'), await LiveClient.open(url, '/slots/hall/live')];
    await lazy.until('the whole state', () => lazy.map.version > 0);
    await changeUntilCutOff(lazy, eager);

    await lazy.until('its connection breaks off', () => {
      lazy.readOn();
      return lazy.ended;
    });
    expect(lazy.map.byeReason).to.equal(null);
    expect(live.statistics().unreadBytes).to.equal(0);
    eager.cut();
  });

  it('lets named origins watch, and see what every answer shows them', async () => {
    const client = await LiveClient.open(url, '/slots/hall/live', { headers: { Origin: ORIGIN } });
    expect(client.headers).to.include({ 'access-control-allow-origin': ORIGIN, 'content-type': 'text/event-stream' });
    expect(client.headers['access-control-expose-headers']).to.include('Holdfast-Position');
    client.cut();
  });
});
