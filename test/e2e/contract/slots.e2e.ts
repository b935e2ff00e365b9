import { expect } from 'chai';
import { header, send } from '../../http/client.ts';
import { aFleet, aShow, aTrip, at, each, expectProblem, inHours, seen, withService } from '../../support/contract.ts';
import { withAndWithoutRedis } from '../../support/redis.ts';

withAndWithoutRedis('the contract on slots', function (layers) {
  this.timeout(30_000);
  const api = withService(layers);

  describe('POST /slots', () => {
    it('takes the example of the contract, and answers and reads back all that describes it', async () => {
      const slot = {
        slotId: 'hamlet-2027-01-15',
        category: 'theatre',
        title: 'Hamlet',
        venue: { venueId: 'globe', name: 'Globe', city: 'London' },
        startsAt: '2027-01-15T19:30:00Z',
        endsAt: '2027-01-15T22:30:00Z',
        timeZone: 'Europe/London',
        currency: 'GBP',
        status: 'OPEN',
        salesFrom: null,
        salesUntil: null,
        reference: 'hall-7',
        metadata: { season: '2027' },
        axis: { type: 'whole' },
        policy: { holdSeconds: 600, maxHoldSeconds: 1_800, maxUnitsPerBooking: 10, orphanSeats: 'allow' },
      };
      const A1 = {
        unitId: 'A1',
        section: 'Stalls',
        row: 'A',
        number: '1',
        category: 'gold',
        price: 4_500,
        x: 10,
        y: 20,
        accessible: false,
      };
      const yard = { unitId: 'yard', category: 'standing', price: 500, capacity: 700 };

      const opened = await api.open({ ...slot, units: [A1, yard] });

      const { policy, ...described } = slot;
      const expected = { ...described, version: 1, counts: { capacity: 701, free: 701, held: 0, sold: 0, blocked: 0 } };
      expect(header(opened, 'Location')).to.equal('/api/v1/slots/hamlet-2027-01-15');
      const read = await api.ok(200, api.get('/slots/hamlet-2027-01-15', seen(opened)));
      for (const { body } of [opened, read]) {
        expect(body).to.deep.include(expected);
        expect(at(body, '/policy')).to.include(policy);
      }
      const seats = await api.ok(200, api.get('/slots/hamlet-2027-01-15/seats', seen(opened)));
      expect(at(seats.body, '/units/0')).to.deep.include({ ...A1, status: 'free' });
      expect(at(seats.body, '/units/1')).to.deep.include({ ...yard, free: 700, held: 0, sold: 0, blocked: 0 });
    });

    it('makes an id where none is given, and refuses one that is taken', async () => {
      const { slotId: _, ...unnamed } = aShow('any');
      const made = await api.open(unnamed);
      expect(at(made.body, '/slotId')).to.match(/^[A-Za-z0-9_-]{1,64}$/);
      expect(header(made, 'Location')).to.equal(`/api/v1/slots/${at(made.body, '/slotId')}`);
      await api.open(aShow('taken'));
      expectProblem(await api.post('/slots', aShow('taken')), 409, 'slot-exists');
    });

    it('takes instants with any offset, and answers them in Z with a fraction only where there is one', async () => {
      const day = inHours(48).slice(0, 10);
      const times = { startsAt: `${day}T10:00:00.000+02:00`, endsAt: `${day}T06:30:00.250-05:30`, salesFrom: `${day}t00:00:00z` };
      const { body } = await api.open(aShow('instants', times));
      expect(body).to.include({
        startsAt: `${day}T08:00:00Z`,
        endsAt: `${day}T12:00:00.250Z`,
        salesFrom: `${day}T00:00:00Z`,
        salesUntil: null,
      });
    });

    it('refuses a start in the past unless the policy accepts it', async () => {
      const past = { startsAt: '2019-10-07T12:00:00Z', endsAt: '2019-10-07T15:00:00Z' };
      expectProblem(await api.post('/slots', aShow('past', past)), 422, 'in-the-past');
      await api.open(aShow('past', { ...past, policy: { acceptPast: true } }));
      await api.hold('past', { units: ['A1'] });
    });

    it('refuses unknown fields by name, wherever they are', async () => {
      const [unit] = aShow('any').units;
      const spoiled: readonly [body: object, pointer: string][] = [
        [aShow('unknown', { colour: 'red' }), '/colour'],
        [aShow('unknown', { units: [{ ...unit, colour: 'red' }] }), '/units/0/colour'],
        [aShow('unknown', { policy: { colour: 'red' } }), '/policy/colour'],
      ];
      for (const [body, pointer] of spoiled) {
        const reply = await api.post('/slots', body);
        expectProblem(reply, 400, 'invalid-input');
        expect(at(reply.body, '/errors/0/pointer')).to.equal(pointer);
      }
      expectProblem(await api.get('/slots/unknown'), 404, 'slot-not-found');
    });

    it('calls a stop that is called at twice by another name', async () => {
      const stops = ['a', 'b', 'a', 'c', 'a'].map((stopId) => ({ stopId }));
      const { body } = await api.open(aTrip('circle', { startsAt: inHours(48), axis: { type: 'stops', stops } }));
      expect(each(body, '/axis/stops', '/stopId')).to.deep.equal(['a', 'b', 'a~2', 'c', 'a~3']);
      await api.hold('circle', { units: ['1A'], span: { fromStop: 'a', toStop: 'a~2' } });
      await api.hold('circle', { units: ['1A'], span: { fromStop: 'a~2', toStop: 'a~3' } });
      expectProblem(await api.book('circle', { units: ['1A'], span: { fromStop: 'a~3', toStop: 'a' } }), 422, 'span-invalid');
    });
  });

  describe('/layouts', () => {
    const layout = {
      name: 'Small hall',
      focus: { x: 0, y: 0 },
      units: ['1', '2', '3'].map((number) => ({
        unitId: `A${number}`,
        row: 'A',
        number,
        category: number === '1' ? 'gold' : 'silver',
        x: 1,
        y: 1,
      })),
    };

    it('are created once, are the same again, and are there for ever', async () => {
      const created = await api.ok(201, api.post('/layouts', layout));
      const again = await api.ok(200, api.post('/layouts', layout));
      expect(created.body).to.deep.equal({ layoutId: at(created.body, '/layoutId'), units: 3 });
      expect(again.body).to.deep.equal(created.body);
      expect(at((await api.ok(201, api.post('/layouts', { ...layout, name: 'Other' }))).body, '/layoutId')).to.not.equal(
        at(created.body, '/layoutId'),
      );
      const read = await api.ok(200, api.get(`/layouts/${at(created.body, '/layoutId')}`, seen(created)));
      expect(read.body).to.deep.include(layout);
      expect(header(read, 'Cache-Control')).to.include('immutable');
      expectProblem(await api.get('/layouts/nowhere'), 404, 'not-found');
    });

    it('are shared by slots that price their categories', async () => {
      const layoutId = at((await api.post('/layouts', layout)).body, '/layoutId');
      const { units: _, ...slot } = aShow('on-layout');
      const opened = await api.open({ ...slot, layoutId, prices: { gold: 900, silver: 300 } });
      expect(opened.body).to.deep.include({ layoutId, counts: { capacity: 3, free: 3, held: 0, sold: 0, blocked: 0 } });
      const seats = await api.ok(200, api.get('/slots/on-layout/seats', seen(opened)));
      expect(each(seats.body, '/units', '/price')).to.deep.equal([900, 300, 300]);
      const booked = await api.ok(201, api.book('on-layout', { units: ['A1', 'A3'] }));
      expect(at(booked.body, '/total/amount')).to.equal(1_200);
    });

    it('may have 16 MiB where other bodies have 1', async () => {
      const many = Array.from({ length: 12_000 }, (_, index) => ({
        unitId: `seat-${index}`,
        category: 'c'.repeat(60),
        section: 's'.repeat(60),
      }));
      expect(JSON.stringify(many).length).to.be.greaterThan(1_048_576);
      await api.ok(201, api.post('/layouts', { name: 'Large', units: many }));
      expectProblem(await api.post('/slots', aShow('large', { units: many })), 413, 'body-too-large');
      const raw = Buffer.alloc(16 * 1_048_576 + 1, 0x20);
      const reply = await send(api.url, '/api/v1/layouts', { method: 'POST', raw, headers: { 'Content-Type': 'application/json' } });
      expectProblem(reply, 413, 'body-too-large');
    });
  });

  describe('GET /slots', () => {
    const ids = async (query: string) => each((await api.ok(200, api.get(`/slots?${query}`, shown))).body, '/items', '/slotId');
    let shown: Record<string, string> = {};

    before(async () => {
      const venue = { venueId: 'lyric-1', name: 'Lyric', city: 'Leeds' };
      await api.open(aShow('found-1', { category: 'opera', title: 'Tosca', venue, startsAt: inHours(100), reference: 'r-1' }));
      await api.open(
        aShow('found-2', { category: 'opera', title: 'Aida', venue, startsAt: inHours(90), units: aShow('').units.slice(0, 2) }),
      );
      await api.open(
        aShow('found-3', {
          category: 'opera',
          title: 'Norma',
          startsAt: inHours(110),
          units: [{ unitId: 'yard', category: 'standing', price: 1, capacity: 9 }],
        }),
      );
      shown = {
        ...seen(await api.open(aShow('found-4', { category: 'opera', title: 'Closed', startsAt: inHours(80), status: 'CLOSED' }))),
      };
    });

    it('finds open slots by all that it promises', async () => {
      expect(await ids('category=opera')).to.deep.equal(['found-2', 'found-1', 'found-3']);
      expect(await ids('category=opera&status=CLOSED')).to.deep.equal(['found-4']);
      expect(await ids('text=tosca')).to.deep.equal(['found-1']);
      expect(await ids('venueId=lyric-1')).to.deep.equal(['found-2', 'found-1']);
      expect(await ids('city=Leeds&reference=r-1')).to.deep.equal(['found-1']);
      expect(await ids(`category=opera&from=${inHours(90)}&to=${inHours(100)}`)).to.deep.equal(['found-2']);
      expect(await ids('category=opera&minFree=9')).to.deep.equal(['found-1', 'found-3']);
      expect(await ids('category=opera&sort=price')).to.deep.equal(['found-3', 'found-1', 'found-2']);
      expect(await ids('category=nothing')).to.deep.equal([]);
    });

    it('gives whole summaries, page by page, to the end', async () => {
      const first = await api.ok(200, api.get('/slots?category=opera&sort=startsAt&limit=2', shown));
      expect(first.body).to.have.all.keys('items', 'nextCursor');
      expect(at(first.body, '/items/0')).to.deep.equal((await api.get('/slots/found-2', shown)).body);
      const cursor = encodeURIComponent(String(at(first.body, '/nextCursor')));
      const last = await api.ok(200, api.get(`/slots?category=opera&sort=startsAt&limit=2&cursor=${cursor}`, shown));
      expect(each(last.body, '/items', '/slotId')).to.deep.equal(['found-3']);
      expect(at(last.body, '/nextCursor')).to.equal(null);
    });

    it('has limits of 1 to 200, and names what it does not know', async () => {
      for (const [query, parameter] of [
        ['limit=0', 'limit'],
        ['limit=201', 'limit'],
        ['colour=red', 'colour'],
        ['cursor=made-up', 'cursor'],
        ['from=yesterday', 'from'],
        ['sort=title', 'sort'],
      ]) {
        const reply = await api.get(`/slots?${query}`);
        expectProblem(reply, 400, 'invalid-input');
        expect(at(reply.body, '/errors/0/parameter'), query).to.equal(parameter);
      }
    });
  });

  it('counts what is free at the tightest segment of a trip, and as of now of a fleet', async () => {
    await api.open(aTrip('tight'));
    await api.hold('tight', { units: ['1A'], span: { fromStop: 'york', toStop: 'leeds' } });
    const held = await api.ok(201, api.book('tight', { units: ['1A', '1B'], span: { fromStop: 'derby', toStop: 'london' } }));
    expect(at((await api.get('/slots/tight', seen(held))).body, '/counts')).to.deep.equal({
      capacity: 3,
      free: 1,
      held: 2,
      sold: 0,
      blocked: 0,
    });
    const found = await api.ok(200, api.get('/slots?category=bus&minFree=2', seen(held)));
    expect(each(found.body, '/items', '/slotId')).to.not.include('tight');

    await api.open(aFleet('as-of-now', { policy: { acceptPast: true } }));
    await api.hold('as-of-now', { units: ['car-1'], span: { from: inHours(-1), to: inHours(3) } });
    const later = await api.ok(201, api.book('as-of-now', { units: ['car-2'], span: { from: inHours(24), to: inHours(25) } }));
    const counts = { capacity: 2, free: 1, held: 1, sold: 0, blocked: 0 };
    expect(at((await api.get('/slots/as-of-now', seen(later))).body, '/counts')).to.deep.equal(counts);
  });
});
