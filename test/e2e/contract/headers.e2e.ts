import { expect } from 'chai';
import { header, type Reply } from '../../http/client.ts';
import { aFleet, aShow, aTrip, at, expectProblem, inHours, seen, withService } from '../../support/contract.ts';
import { withAndWithoutRedis } from '../../support/redis.ts';

withAndWithoutRedis('the contract on keys and versions', function (layers) {
  this.timeout(30_000);
  const api = withService(layers);

  describe('Idempotency-Key', () => {
    it('is required on new bookings, and on nothing else', async () => {
      await api.open(aShow('keyless'));
      expectProblem(await api.post('/slots/keyless/bookings', { customerId: 'c-1', units: ['A1'] }), 400, 'idempotency-key-required');
      await api.ok(200, api.post('/slots/keyless/close', {}));
    });

    it('has 1 to 255 printable characters, and names itself when it has not', async () => {
      await api.open(aShow('key-length'));
      await api.ok(201, api.book('key-length', { units: ['A1'] }, { 'Idempotency-Key': 'k'.repeat(255) }));
      for (const key of ['k'.repeat(256), '', '""', 'a\tb']) {
        const reply = await api.book('key-length', { units: ['A2'] }, { 'Idempotency-Key': key });
        expectProblem(reply, 400, 'invalid-input');
        expect(at(reply.body, '/errors/0/header')).to.equal('Idempotency-Key');
      }
    });

    it('binds a success: the same again is answered as it was then, with Idempotent-Replay', async () => {
      await api.open(aShow('bound'));
      const first = await api.ok(201, api.book('bound', { units: ['A1'] }, { 'Idempotency-Key': 'k' }));
      await api.ok(200, api.post(`/bookings/${at(first.body, '/bookingId')}/confirm`, { paymentReference: 'p' }));

      for (const key of ['k', '"k"']) {
        const again = await api.ok(201, api.book('bound', { units: ['A1'] }, { 'Idempotency-Key': key }));
        expect(again.body).to.deep.equal(first.body);
        expect(header(again, 'Idempotent-Replay')).to.equal('true');
        expect(header(again, 'Location')).to.equal(header(first, 'Location'));
      }
      expect(first.headers['idempotent-replay']).to.equal(undefined);
      expectProblem(await api.book('bound', { units: ['A2'] }, { 'Idempotency-Key': 'k' }), 422, 'idempotency-key-reused');
    });

    it('is bound by no refusal', async () => {
      await api.open(aShow('unbound'));
      const first = await api.hold('unbound', { units: ['A1'] });
      expectProblem(await api.book('unbound', { units: ['A1'] }, { 'Idempotency-Key': 'try' }), 409, 'seats-taken');
      await api.ok(200, api.post(`/bookings/${first}/cancel`));
      const booked = await api.ok(201, api.book('unbound', { units: ['A1'] }, { 'Idempotency-Key': 'try' }));
      expect(booked.headers['idempotent-replay']).to.equal(undefined);
    });

    it('works on every other POST as well', async () => {
      const slot = aShow('posted');
      const posts: readonly [path: string, body: object, other: object, status: number][] = [
        ['/slots', slot, { ...slot, title: 'Macbeth' }, 201],
        [
          '/slots/posted/units',
          { units: [{ unitId: 'B1', category: 'gold', price: 1 }] },
          { units: [{ unitId: 'B2', category: 'gold', price: 1 }] },
          200,
        ],
        ['/slots/posted/units/change', { units: [{ unitId: 'B1', price: 2 }] }, { units: [{ unitId: 'B1', price: 3 }] }, 200],
        ['/slots/posted/units/block', { units: ['A1'] }, { units: ['A2'] }, 200],
        ['/slots/posted/units/unblock', { units: ['A1'] }, { units: ['A2'] }, 200],
        ['/slots/posted/units/withdraw', { units: ['B1'] }, { units: ['A2'] }, 200],
        ['/slots/posted/close', { reason: 'a' }, { reason: 'b' }, 200],
        ['/slots/posted/reopen', { reason: 'a' }, { reason: 'b' }, 200],
        ['/layouts', { name: 'Hall', units: [{ unitId: 'A1' }] }, { name: 'Hall', units: [{ unitId: 'A2' }] }, 201],
        ['/admin/projections/sales/rebuild', {}, { switch: true }, 202],
      ];
      for (const [path, body, changed, status] of posts) {
        const first = await api.ok(status, api.post(path, body, { 'Idempotency-Key': 'k' }));
        const again = await api.ok(status, api.post(path, body, { 'Idempotency-Key': 'k' }));
        expect(again.body, path).to.deep.equal(first.body);
        expect(header(again, 'Idempotent-Replay'), path).to.equal('true');
        expectProblem(await api.post(path, changed, { 'Idempotency-Key': 'k' }), 422, 'idempotency-key-reused');
      }
    });
  });

  describe('ETag, If-None-Match and If-Match', () => {
    const versionOf = (reply: Reply) => Number(/^"(\d+)(?:\.[^"]*)?"$/.exec(header(reply, 'ETag'))?.[1]);

    it('tell the version of the slot on each of its reads, and spare what is there already', async () => {
      await api.open(aShow('tagged'));
      await api.open(aTrip('tagged-trip'));
      await api.open(aFleet('tagged-fleet'));
      const span = `from=${inHours(48)}&to=${inHours(50)}`;
      const booked = await api.ok(201, api.book('tagged', { units: ['A1'] }));
      const paths = [
        ...['tagged', 'tagged/availability', 'tagged/seats', 'tagged-trip', 'tagged-trip/seats?fromStop=york&toStop=derby'],
        ...['tagged-fleet', `tagged-fleet/availability?${span}`, `tagged-fleet/seats?${span}`],
      ].map((path) => `/slots/${path}`);
      for (const path of paths) {
        const read = await api.ok(200, api.get(path, seen(booked)));
        expect(versionOf(read), path).to.equal(at(read.body, '/version'));
        const tag = header(read, 'ETag');
        for (const known of [tag, `W/${tag}`, `"nothing", ${tag}`, '*']) {
          const spared = await api.ok(304, api.get(path, { 'If-None-Match': known }));
          expect([spared.text, header(spared, 'ETag')]).to.deep.equal(['', tag]);
          expect(header(spared, 'Holdfast-Position')).to.not.equal('');
        }
        await api.ok(200, api.get(path, { 'If-None-Match': '"nothing"' }));
      }
    });

    it('guard a write, weak or with a suffix: what is stale is refused with the version that the slot has', async () => {
      const opened = await api.open(aShow('guarded'));
      let tag = header(opened, 'ETag');
      for (const [deed, written] of [
        ['close', tag],
        ['reopen', 'weak'],
        ['close', 'suffix'],
      ] as const) {
        const sent = { weak: `W/${tag}`, suffix: tag.replace(/"$/, '.anything"') }[written] ?? tag;
        const done = await api.ok(200, api.post(`/slots/guarded/${deed}`, {}, { 'If-Match': sent }));
        const stale = await api.post('/slots/guarded/cancel', {}, { 'If-Match': sent });
        expectProblem(stale, 412, 'stale-version');
        expect(at(stale.body, '/currentVersion')).to.equal(versionOf(done));
        tag = header(done, 'ETag');
      }
    });

    it('guard a booking, too', async () => {
      const tag = header(await api.open(aShow('guarded-booking')), 'ETag');
      const booked = await api.ok(201, api.book('guarded-booking', { units: ['A1'] }, { 'If-Match': tag }));
      expectProblem(await api.book('guarded-booking', { units: ['A2'] }, { 'If-Match': tag }), 412, 'stale-version');
      const confirm = (ifMatch: string) =>
        api.post(`/bookings/${at(booked.body, '/bookingId')}/confirm`, { paymentReference: 'p' }, { 'If-Match': ifMatch });
      expectProblem(await confirm(tag), 412, 'stale-version');
      await api.ok(200, confirm(`"${at(booked.body, '/version')}"`));
    });

    it('are refused when they cannot be read', async () => {
      await api.open(aShow('unreadable'));
      const reply = await api.post('/slots/unreadable/close', {}, { 'If-Match': 'seven' });
      expectProblem(reply, 400, 'invalid-input');
      expect(at(reply.body, '/errors/0/header')).to.equal('If-Match');
    });
  });
});
