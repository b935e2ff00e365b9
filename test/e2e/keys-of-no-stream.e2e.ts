import { expect } from 'chai';
import { decodePosition } from '../../src/http/position.ts';
import type { Service } from '../../src/main.ts';
import { ask, type Json, type Reply, show } from '../support/api.ts';
import { whileLogIsHeld } from '../support/held-log.ts';
import { withDatabase } from '../support/postgres.ts';
import { startService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

const hall = (unitId: string) => ({ name: 'Hall', units: [{ unitId }] });
const REBUILD = '/admin/projections/sales/rebuild';

describe('an Idempotency-Key where the path tells no stream, at two services on one database', function () {
  this.timeout(60_000);
  const database = withDatabase();
  let here: Service;
  let there: Service;

  before(async () => {
    [here, there] = await Promise.all([startService(database()), startService(database())]);
  });
  after(() => Promise.all([here.stop(), there.stop()]));

  const open = (service: Service, key: string, body: object): Promise<Reply> => ask(service.url, '/slots', { body, key });
  const isThere = async (slotId: string) => (await ask(here.url, `/audit/slots/${slotId}`)).status === 200;
  const holdersOf = async (slotId: string) =>
    (await here.pool.query<{ holders: number }>('SELECT holders FROM holdfast.request_keys WHERE slot_id = $1', [slotId])).rows[0]?.holders;

  describe('of a slot', () => {
    it('opens one, whatever slot another body names', async () => {
      const body = show('two-slots', {});
      const first = await open(here, 'two-slots', body);
      const other = await open(there, 'two-slots', show('two-slots-other', {}));
      const unnamed = await open(here, 'two-slots', { ...body, slotId: undefined });
      const again = await open(there, 'two-slots', body);

      expect([first, other, unnamed, again].map(told)).to.deep.equal([
        [201],
        [422, 'idempotency-key-reused'],
        [422, 'idempotency-key-reused'],
        [201, 'replay'],
      ]);
      expect(again.body).to.deep.equal(first.body);
      expect(await isThere('two-slots-other')).to.equal(false);
    });

    it('opens one when many bodies come at once', async () => {
      const bodies = Array.from({ length: 40 }, (_, index) => show(`crowd-${index}`, {}));

      const replies = await Promise.all(
        bodies.map((body, index) => untilDecided(() => open(index % 2 === 0 ? here : there, 'crowd', body))),
      );

      expect(replies.filter(({ status }) => status === 201)).to.have.length(1);
      expect(replies.filter(({ body }) => body.code === 'idempotency-key-reused')).to.have.length(39);
      const opened = await Promise.all(bodies.map(({ slotId }) => isThere(slotId)));
      expect(opened.filter((one) => one)).to.have.length(1);
    });

    it('is in flight for another body while the first is not decided, and shared by the same', async () => {
      const body = show('waiting', {});
      const { first, other, same } = await whileLogIsHeld(database(), async () => {
        const first = open(here, 'waiting', body);
        await waitUntil('the first has the key', async () => (await holdersOf('waiting')) === 1);
        const other = await open(there, 'waiting', show('waiting-other', {}));
        const same = open(there, 'waiting', body);
        await waitUntil('the same has it, too', async () => (await holdersOf('waiting')) === 2);
        return { first, other, same };
      });

      expect(told(other)).to.deep.equal([409, 'request-in-flight']);
      expect(other.body).to.have.property('retryAfterSeconds');
      expect([told(await first), told(await same)]).to.have.deep.members([[201], [201, 'replay']]);
      expect(told(await open(there, 'waiting', show('waiting-other', {})))).to.deep.equal([422, 'idempotency-key-reused']);
      expect(await isThere('waiting-other')).to.equal(false);
    });

    it('is bound by no refusal', async () => {
      const past = { ...show('refused', {}), startsAt: '2020-01-01T00:00:00Z' };

      expect(told(await open(here, 'refused', past))).to.deep.equal([422, 'in-the-past']);
      expect(told(await open(there, 'refused', show('two-slots', {})))).to.deep.equal([409, 'slot-exists']);
      expect(told(await open(here, 'refused', { ...show('refused', {}), units: undefined, layoutId: 'none' }))).to.deep.equal([
        400,
        'invalid-input',
      ]);
      expect(told(await open(there, 'refused', show('granted', {})))).to.deep.equal([201]);
    });
  });

  describe('of a layout', () => {
    it('stores one, and gives its answer again', async () => {
      const layout = (service: Service, unitId: string, key: string) => ask(service.url, '/layouts', { body: hall(unitId), key });
      const first = await layout(here, 'n1', 'layout');
      const other = await layout(there, 'n2', 'layout');
      const again = await layout(there, 'n1', 'layout');

      expect([first, other, again].map(told)).to.deep.equal([[201], [422, 'idempotency-key-reused'], [201, 'replay']]);
      expect(essence(again)).to.deep.equal(essence(first));
      expect(positionOf(other)).to.equal(positionOf(first));
      expect(told(await layout(here, 'n2', 'another')), 'it was not stored before').to.deep.equal([201]);
      expect(told(await layout(here, 'n1', 'third')), 'it was stored before').to.deep.equal([200]);
    });

    it('gives one answer to many at once', async () => {
      const send = (service: Service) => ask(service.url, '/layouts', { body: hall('crowd'), key: 'crowd' });

      const replies = await Promise.all(Array.from({ length: 40 }, (_, index) => send(index % 2 === 0 ? here : there)));

      const [first] = replies.filter((reply) => !isReplay(reply)) as [Reply];
      expect(first.status).to.equal(201);
      expect(replies.filter(isReplay)).to.have.length(39);
      for (const reply of replies) expect(essence(reply)).to.deep.equal(essence(first));
    });
  });

  describe('of a rebuild', () => {
    it('begins one, and gives the answer of then', async () => {
      const rebuild = (service: Service, body: object) => ask(service.url, REBUILD, { body, key: 'rebuild' });
      const first = await rebuild(here, {});
      await waitUntil('it was compared, and its state is another one', async () => {
        const views = (await ask<{ items: readonly Json[] }>(here.url, '/admin/projections')).body.items;
        return JSON.stringify(views.find(({ name }) => name === 'sales')?.builds).includes('"comparison":{');
      });
      const again = await rebuild(there, {});
      const other = await rebuild(here, { switch: true });

      expect([first, again, other].map(told)).to.deep.equal([[202], [202, 'replay'], [422, 'idempotency-key-reused']]);
      expect(again.body).to.deep.equal(first.body);
      expect(positionOf(other)).to.equal(positionOf(first));
    });

    it('is bound by no refusal', async () => {
      const path = '/admin/projections/nothing/rebuild';
      for (const body of [{}, { switch: true }, {}]) {
        expect(told(await ask(here.url, path, { body, key: 'nothing' }))).to.deep.equal([404, 'not-found']);
      }
      const { rowCount } = await here.pool.query('SELECT 1 FROM holdfast.request_keys WHERE answer IS NULL AND slot_id IS NULL');
      expect(rowCount).to.equal(0);
    });
  });
});

/** Status and code; that a success was given before. */
function told(reply: Reply): readonly unknown[] {
  if (reply.status >= 400) return [reply.status, reply.body.code];
  return isReplay(reply) ? [reply.status, 'replay'] : [reply.status];
}

function essence({ status, headers, body }: Reply) {
  return { status, body, location: headers.get('Location') };
}

function positionOf({ headers }: Reply): number | undefined {
  return decodePosition(headers.get('Holdfast-Position') ?? '')?.position;
}

function isReplay({ headers }: Reply): boolean {
  return headers.get('Idempotent-Replay') === 'true';
}

/** As a client does that is told to come again. */
async function untilDecided(send: () => Promise<Reply>): Promise<Reply> {
  for (;;) {
    const reply = await send();
    if (reply.body.code !== 'request-in-flight') return reply;
  }
}
