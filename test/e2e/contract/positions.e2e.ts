import { expect } from 'chai';
import { decodePosition } from '../../../src/http/position.ts';
import { type Service, startHoldfast } from '../../../src/main.ts';
import { header, type Reply, send } from '../../http/client.ts';
import { aShow, at, ContractClient, each, expectProblem, seen } from '../../support/contract.ts';
import { withDatabase } from '../../support/postgres.ts';
import { withAndWithoutRedis } from '../../support/redis.ts';
import { startService } from '../../support/service.ts';

const SHOP = 'https://shop.example';

withAndWithoutRedis('the contract on positions, sources, caches and origins', function (layers) {
  this.timeout(30_000);
  const [database, shorter] = [withDatabase(), withDatabase()];
  let services: Service[] = [];
  let api: ContractClient;
  /** Another service whose log is shorter: a position of the first one is still to come there. */
  let behind: ContractClient;

  before(async () => {
    services = [
      await startService(database(), layers()),
      await startHoldfast({
        ...{ databaseUrl: shorter(), dataFolder: '', host: '127.0.0.1', port: 0 },
        ...{ corsOrigins: [SHOP], releaseProcess: false, logLevel: 'silent' },
      }),
    ];
    [api, behind] = services.map(({ url }) => new ContractClient(() => url)) as [ContractClient, ContractClient];
    await api.open(aShow('hamlet'));
    await behind.open(aShow('hamlet'));
  });
  after(() => Promise.all(services.map((service) => service.stop())));

  describe('Holdfast-Position', () => {
    it('is on every answer, whatever it says', async () => {
      const replies = [
        await api.get('/slots/hamlet'),
        await api.get('/slots/hamlet', { 'If-None-Match': '*' }),
        await api.get('/slots'),
        await api.get('/slots/nowhere'),
        await api.get('/nowhere'),
        await api.post('/slots', {}),
        await api.post('/slots/hamlet', {}),
        await api.book('hamlet', { units: ['A1'] }),
        await api.book('hamlet', { units: ['A1'] }),
        await api.get('/audit/attempts'),
        await send(api.url, '/api/v1/slots', { method: 'POST', raw: '{', headers: { 'Content-Type': 'text/plain' } }),
      ];
      expect(replies.map(({ status }) => status)).to.deep.equal([200, 304, 200, 404, 404, 400, 405, 201, 409, 200, 415]);
      for (const reply of replies) expect(header(reply, 'Holdfast-Position'), reply.text).to.not.equal('');
    });

    it('of a write lets every read wait until it shows that write', async () => {
      for (const unitId of ['A2', 'A3', 'A4']) {
        const booked = await api.ok(201, api.book('hamlet', { units: [unitId] }));
        const bookingId = String(at(booked.body, '/bookingId'));
        const reads = await Promise.all([
          api.get('/slots/hamlet', seen(booked)),
          api.get('/slots/hamlet/seats', seen(booked)),
          api.get(`/bookings/${bookingId}`, seen(booked)),
          api.get('/customers/c-17/bookings', seen(booked)),
          api.get('/bookings?slotId=hamlet', seen(booked)),
        ]);
        expect(at(reads[0]!.body, '/version')).to.be.at.least(at(booked.body, '/version') as number);
        expect(at(reads[1]!.body, `/units/${Number(unitId.slice(1)) - 1}`)).to.include({ unitId, status: 'held' });
        expect(reads[2]!.status).to.equal(200);
        for (const list of reads.slice(3)) expect(each(list.body, '/items', '/bookingId')).to.include(bookingId);
      }
    });

    it('of a refused write shows the state that refused it', async () => {
      const refused = await api.book('hamlet', { units: ['A2'] });
      expectProblem(refused, 409, 'seats-taken');
      const seats = await api.ok(200, api.get('/slots/hamlet/seats', seen(refused)));
      expect(at(seats.body, '/units/1')).to.include({ unitId: 'A2', status: 'held' });
    });

    it('of a read lets the next one not go back', async () => {
      const first = await api.ok(200, api.get('/slots/hamlet'));
      const next = await api.ok(200, api.get('/slots/hamlet', seen(first)));
      expect(at(next.body, '/version')).to.be.at.least(at(first.body, '/version') as number);
    });

    it('of any read is not before the one that it was asked with', async () => {
      const layout = await api.ok(201, api.post('/layouts', { name: 'Yard', units: [{ unitId: 'A1', category: 'gold', price: 1 }] }));
      const paths = [
        `/layouts/${at(layout.body, '/layoutId')}`,
        ...['/slots', '/slots/hamlet', '/slots/hamlet/seats', '/slots/hamlet/availability', '/bookings', '/customers/c-17/bookings'],
        ...['/audit/slots/hamlet', '/audit/slots/hamlet?version=1', '/audit/slots/hamlet/units/A1', '/audit/streams/slot-hamlet/events'],
        ...['/audit/events', '/audit/attempts'],
      ];
      for (const path of paths) await api.ok(200, api.get(path, seen(layout)));

      await api.open(aShow('lear'));
      const later = await api.ok(201, api.book('lear', { units: ['A1'] }));
      const position = (reply: Reply) => decodePosition(header(reply, 'Holdfast-Position'))?.position;
      for (const path of paths) {
        const reply = await api.ok(200, api.get(path, seen(later)));
        expect(position(reply), path).to.be.at.least(position(later) as number);
      }
    });

    it('that is still to come makes a read wait as long as it prefers, then answer 503 with where the view is', async () => {
      const ahead = seen(await api.get('/slots/hamlet'));
      for (const [prefer, seconds] of [
        ['wait=0', 0],
        ['respond-async, wait=1', 1],
        ['handling=lenient', 2],
      ] as const) {
        const startedAt = performance.now();
        const reply = await behind.get('/slots/hamlet', { ...ahead, Prefer: prefer });
        const waited = (performance.now() - startedAt) / 1_000;
        expectProblem(reply, 503, 'view-behind');
        expect(waited, prefer).to.be.within(seconds - 0.05, seconds + 0.95);
        expect(reply.headers['retry-after'], prefer).to.match(/^\d+$/);
        // The position reached can be read from.
        await behind.ok(200, behind.get('/slots/hamlet', seen(reply)));
      }
    });

    it('that nobody gave out is refused', async () => {
      const reply = await api.get('/slots/hamlet', { 'Holdfast-Position': 'made up!' });
      expectProblem(reply, 400, 'invalid-input');
      expect(at(reply.body, '/errors/0/header')).to.equal('Holdfast-Position');
    });
  });

  it('names the source of every read, and how it may be cached', async () => {
    const booked = await api.ok(201, api.book('hamlet', { units: [{ unitId: 'yard', quantity: 1 }] }));
    const layout = await api.ok(201, api.post('/layouts', { name: 'Hall', units: [{ unitId: 'A1', category: 'gold', price: 1 }] }));
    const caches: readonly [path: string, cache: RegExp][] = [
      ['/slots', /^no-cache$/],
      ['/slots/hamlet', /^no-cache$/],
      ['/slots/hamlet/seats', /^no-cache$/],
      ['/slots/hamlet/availability', /^no-cache$/],
      [`/bookings/${at(booked.body, '/bookingId')}`, /^private, no-store$/],
      ['/bookings', /^private, no-store$/],
      ['/customers/c-17/bookings', /^private, no-store$/],
      [`/layouts/${at(layout.body, '/layoutId')}`, /immutable/],
    ];
    for (const [path, cache] of caches) {
      const reply = await api.ok(200, api.get(path, seen(layout)));
      expect(header(reply, 'Cache-Control'), path).to.match(cache);
      expect(header(reply, 'Holdfast-Source'), path).to.match(/^(memory|redis|postgres)(; stale)?$/);
    }
    expect(header(booked, 'Cache-Control')).to.equal('private, no-store');
  });

  it('lets no page of another origin in unless it is named', async () => {
    const closed = await api.ok(200, api.get('/slots/hamlet', { Origin: SHOP }));
    expect(Object.keys(closed.headers).filter((name) => name.startsWith('access-control-'))).to.deep.equal([]);

    const open = await behind.ok(200, behind.get('/slots/hamlet', { Origin: SHOP }));
    expect(header(open, 'Access-Control-Allow-Origin')).to.equal(SHOP);
    const exposed = header(open, 'Access-Control-Expose-Headers').toLowerCase().split(/, */);
    const promised = ['etag', 'location', 'retry-after', 'date', 'idempotent-replay', 'holdfast-position', 'holdfast-source'];
    expect(exposed).to.include.members(promised);
    const stranger = await behind.ok(200, behind.get('/slots/hamlet', { Origin: 'https://stranger.example' }));
    expect(stranger.headers['access-control-allow-origin']).to.not.be.oneOf(['*', 'https://stranger.example']);

    const asked = {
      Origin: SHOP,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'idempotency-key,content-type,if-match',
    };
    const preflight = await send(behind.url, '/api/v1/slots/hamlet/bookings', { method: 'OPTIONS', headers: asked });
    expect(preflight.status).to.be.oneOf([200, 204]);
    expect(header(preflight, 'Access-Control-Allow-Methods')).to.include('POST');
    expect(header(preflight, 'Access-Control-Allow-Headers').toLowerCase()).to.include('idempotency-key');
  });
});
