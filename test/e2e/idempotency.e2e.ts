import { expect } from 'chai';
import { ask, type BookingBody, demand, type Json, type ProblemBody, type Reply, show } from '../support/api.ts';
import { proveLog, readLog } from '../support/log-proof.ts';
import { withDatabase } from '../support/postgres.ts';
import { type SpawnedService, spawnService } from '../support/service.ts';

const AT_ONCE = 100;

describe('an Idempotency-Key, at two services on one database', function () {
  this.timeout(60_000);
  const database = withDatabase();
  let services: SpawnedService[] = [];

  const startBoth = async () => {
    const start = () => spawnService({ databaseUrl: database() });
    services = await Promise.all([start(), start()]);
  };
  const endBoth = () => Promise.all(services.map((service) => service.end()));
  const one = () => [services[0]!.url];
  const both = () => services.map(({ url }) => url);

  /** Opens a slot of its own for one test, with seats `1-1` to `1-20` and a yard of 100. */
  async function open(slotId: string): Promise<string> {
    await demand(201, services[0]!.url, '/slots', { body: show(slotId, { rows: 1, seatsPerRow: 20, yard: 100 }) });
    return slotId;
  }

  async function hold(slotId: string, key: string, units: readonly unknown[]): Promise<BookingBody> {
    return (await demand<BookingBody>(201, services[0]!.url, `/slots/${slotId}/bookings`, { body: { customerId: 'c-1', units }, key }))
      .body;
  }

  before(startBoth);
  after(endBoth);

  describe('sent a hundred times at once', () => {
    const path = '/slots/at-once/bookings';
    const request = { body: { customerId: 'c-1', bestAvailable: { quantity: 2 } }, key: 'order-1' };
    let first: Reply;

    it('makes one booking, and gives one answer to all', async () => {
      await open('at-once');

      first = sameAnswer(201, await storm(one(), path, request));

      expect(await bookingsOf('at-once')).to.deep.equal([first.body.bookingId]);
    });

    it('gives the same answer after a restart, to a hundred at once again', async () => {
      await endBoth();
      await startBoth();

      const replies = await storm(both(), path, request);

      expect(replies.map(essence)).to.deep.equal(replies.map(() => essence(first)));
      expect(replies.every(isReplay)).to.equal(true);
      expect(await bookingsOf('at-once')).to.deep.equal([first.body.bookingId]);
    });

    it('makes one booking when both services are asked', async () => {
      await open('both-at-once');

      const answer = sameAnswer(201, await storm(both(), '/slots/both-at-once/bookings', request));

      expect(await bookingsOf('both-at-once')).to.deep.equal([answer.body.bookingId]);
    });
  });

  describe('whose booking has moved on', () => {
    it('is answered as it was then, once the booking was changed, confirmed and cancelled', async () => {
      await open('moved-on');
      const path = '/slots/moved-on/bookings';
      const request = { body: { customerId: 'c-1', units: ['1-1', '1-2'], metadata: { a: '1', b: '2' } }, key: 'order-1' };
      const first = await demand<BookingBody>(201, services[0]!.url, path, request);
      const booking = `/bookings/${first.body.bookingId}`;
      const deeds: readonly [string, Json][] = [
        ['change', { add: ['1-3'], drop: ['1-1'] }],
        ['confirm', { paymentReference: 'p-1' }],
        ['cancel', { reason: 'ill' }],
      ];

      for (const [deed, body] of deeds) {
        await demand(200, services[0]!.url, `${booking}/${deed}`, { body, key: 'another' });
        for (const url of both()) {
          const again = await ask(url, path, request);
          expect(essence(again), `after ${deed}`).to.deep.equal(essence(first));
          expect(isReplay(again), `after ${deed}`).to.equal(true);
        }
      }
    });

    it('is one key with quotes and without, and one body whatever the order of its members', async () => {
      await open('spelling');
      const first = await demand(201, one()[0]!, '/slots/spelling/bookings', { body: { customerId: 'c-1', units: ['1-1'] }, key: 'k' });

      const again = await ask(both()[1]!, '/slots/spelling/bookings', { body: { units: ['1-1'], customerId: 'c-1' }, key: '"k"' });

      expect(essence(again)).to.deep.equal(essence(first));
      expect(isReplay(again)).to.equal(true);
    });
  });

  describe('used for something else', () => {
    it('is refused with another body, by both services, and books nothing', async () => {
      await open('other-body');
      const booking = await hold('other-body', 'order-1', ['1-1']);

      for (const url of both()) {
        const other = { body: { customerId: 'c-1', units: ['1-2'] }, key: 'order-1' };
        const reply = await ask<ProblemBody>(url, '/slots/other-body/bookings', other);
        expect([reply.status, reply.body.code]).to.deep.equal([422, 'idempotency-key-reused']);
      }
      expect(await bookingsOf('other-body')).to.deep.equal([booking.bookingId]);
    });

    it('makes its own booking on another slot', async () => {
      await open('first-slot');
      await open('second-slot');

      const first = await hold('first-slot', 'order-1', ['1-1']);
      const second = await hold('second-slot', 'order-1', ['1-1']);

      expect([first.slotId, second.slotId]).to.deep.equal(['first-slot', 'second-slot']);
      expect(second.bookingId).not.to.equal(first.bookingId);
    });

    it('is not bound by a refusal: once the seat is free again, it books it', async () => {
      await open('refused-first');
      const { bookingId } = await hold('refused-first', 'order-1', ['1-1']);
      const request = { body: { customerId: 'c-2', units: ['1-1'] }, key: 'order-2' };
      const refused = await ask<ProblemBody>(both()[1]!, '/slots/refused-first/bookings', request);
      expect([refused.status, refused.body.code]).to.deep.equal([409, 'seats-taken']);

      await demand(200, services[0]!.url, `/bookings/${bookingId}/cancel`, { body: {} });

      const again = await demand(201, both()[1]!, '/slots/refused-first/bookings', request);
      expect(isReplay(again)).to.equal(false);
    });
  });

  describe('on what is done to a booking', () => {
    const deeds: readonly [deed: string, body: Json][] = [
      ['extend-hold', { seconds: 900 }],
      ['change', { add: ['1-5', { unitId: 'yard', quantity: 2 }], drop: ['1-1'] }],
      ['confirm', { paymentReference: 'p-1' }],
      ['confirm', { paymentReference: 'p-1', units: ['1-2'] }],
      ['cancel', { reason: 'ill' }],
      ['cancel', { units: ['1-2'] }],
    ];
    for (const [index, [deed, body]] of deeds.entries()) {
      it(`does it once, from both services at once: ${deed} ${JSON.stringify(body)}`, async () => {
        const slotId = await open(`deed-${index}`);
        const { bookingId } = await hold(slotId, 'order-1', ['1-1', '1-2']);
        const path = `/bookings/${bookingId}/${deed}`;

        const first = sameAnswer(200, await storm(both(), path, { body, key: 'deed' }));

        expect(await eventsAfterHold(slotId)).to.have.length(1);
        const other = await ask<ProblemBody>(both()[1]!, path, { body: otherBody(body), key: 'deed' });
        expect([other.status, other.body.code]).to.deep.equal([422, 'idempotency-key-reused']);
        // Once it is cancelled nothing of the kind could be done any more; the answer stays.
        await demand(200, both()[0]!, `/bookings/${bookingId}/cancel`, { body: {} });
        const again = await ask(both()[1]!, path, { body, key: 'deed' });
        expect(essence(again)).to.deep.equal(essence(first));
        expect(isReplay(again)).to.equal(true);
      });
    }
  });

  describe('on what operators do', () => {
    it('opens one slot, with an id of the operator and with one that is made', async () => {
      const { slotId: _, ...unnamed } = show('any', { rows: 1, seatsPerRow: 3 });
      for (const body of [show('operator', { rows: 1, seatsPerRow: 3 }), unnamed]) {
        const before = (await readLog(services[0]!.url)).length;

        const first = sameAnswer(201, await storm(both(), '/slots', { body, key: `open ${'slotId' in body}` }));

        expect(first.headers.get('Location')).to.equal(`/api/v1/slots/${first.body.slotId}`);
        expect((await readLog(services[0]!.url)).length).to.equal(before + 1);
      }
    });

    it('defines one layout, which its content names: there already for other keys', async () => {
      const body = { name: 'Hall 7', units: [{ unitId: '1-1', category: 'seat' }] };

      const first = sameAnswer(201, await storm(both(), '/layouts', { body, key: 'hall' }));
      const other = sameAnswer(200, await storm(both(), '/layouts', { body, key: 'the same hall' }));

      expect(other.body).to.deep.equal(first.body);
    });

    it('does each thing once, from both services at once, and answers it later as it was then', async () => {
      await open('operated');
      const deeds: readonly [deed: string, body: Json][] = [
        ['units', { units: [{ unitId: 'box', category: 'box', price: 9_000 }] }],
        ['units/change', { units: [{ unitId: 'box', price: 9_500 }] }],
        ['units/block', { units: ['1-1', { unitId: 'yard', quantity: 5 }], reason: 'camera' }],
        ['units/unblock', { units: [{ unitId: 'yard', quantity: 2 }] }],
        ['units/withdraw', { units: ['1-20'] }],
        ['close', { reason: 'rehearsal' }],
        ['reopen', {}],
        ['cancel', { reason: 'fire' }],
      ];
      const given: Reply[] = [];

      for (const [deed, body] of deeds) {
        const replies = await storm(both(), `/slots/operated/${deed}`, { body, key: 'operator' }, 20);
        given.push(sameAnswer(200, replies));
      }

      expect(await eventsAfterHold('operated', 'SlotOpened')).to.have.length(deeds.length);
      for (const [index, [deed, body]] of deeds.entries()) {
        const again = await ask(both()[index % 2]!, `/slots/operated/${deed}`, { body, key: 'operator' });
        expect(essence(again), deed).to.deep.equal(essence(given[index]!));
        expect(isReplay(again), deed).to.equal(true);
      }
    });
  });

  describe('after all of this', () => {
    it('has left a log without a fault', async () => {
      expect(proveLog(await readLog(services[0]!.url)).faults).to.deep.equal([]);
    });
  });

  async function bookingsOf(slotId: string): Promise<string[]> {
    const events = await readLog(services[0]!.url);
    return events
      .filter(({ type, streamId }) => type === 'BookingRequested' && streamId === `slot-${slotId}`)
      .map(({ data }) => data.bookingId as string);
  }

  /** Types of the slot's events after the first one of this type. */
  async function eventsAfterHold(slotId: string, type = 'SeatsHeld'): Promise<string[]> {
    const types = (await readLog(services[0]!.url)).filter(({ streamId }) => streamId === `slot-${slotId}`).map((event) => event.type);
    return types.slice(types.indexOf(type) + 1);
  }
});

/** The same request many times at once, to the services in turn; `request-in-flight` is asked again, as a client would. */
async function storm(urls: readonly string[], path: string, request: { body: unknown; key: string }, count = AT_ONCE): Promise<Reply[]> {
  const send = async (url: string): Promise<Reply> => {
    for (;;) {
      const reply = await ask(url, path, request);
      if (reply.body.code !== 'request-in-flight') return reply;
      expect(reply.status).to.equal(409);
      expect(reply.headers.has('Retry-After')).to.equal(true);
    }
  };
  return Promise.all(Array.from({ length: count }, (_, index) => send(urls[index % urls.length]!)));
}

/** All are one and the same answer, and all but one say that they repeat it. */
function sameAnswer(status: number, replies: readonly Reply[]): Reply {
  const first = replies.find((reply) => !isReplay(reply));
  expect(first?.status, JSON.stringify(first?.body ?? 'all are replays')).to.equal(status);
  expect(replies.map(essence)).to.deep.equal(replies.map(() => essence(first!)));
  expect(replies.filter(isReplay)).to.have.length(replies.length - 1);
  return first!;
}

function essence({ status, headers, body }: Reply<unknown>) {
  return { status, body, etag: headers.get('ETag'), location: headers.get('Location') };
}

function isReplay({ headers }: Reply<unknown>): boolean {
  return headers.get('Idempotent-Replay') === 'true';
}

function otherBody(body: Json): Json {
  const [member] = Object.keys(body);
  const others: Json = { seconds: 901, add: ['1-6'], paymentReference: 'p-2', reason: 'well', units: ['1-1'] };
  return { ...body, [member as string]: others[member as string] };
}
