import { expect } from 'chai';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { commandSide, typesOf } from '../support/command-side.ts';
import { expectProblem } from '../support/contract.ts';
import { book, NOW, seats } from '../support/slot-builders.ts';
import { header, member, type Reply, send } from './client.ts';
import { type FakeEdge, startFakeEdge } from './fakes.ts';

/** The edge of a command side without read models: what a patch takes from anywhere but its slot's queue is not there. */
describe('a patch', () => {
  const store = createMemoryEventStore({ now: () => NOW });
  const commands = commandSide(store);
  let edge: FakeEdge;
  let slotId: string;
  let slots = 0;

  before(async () => {
    edge = await startFakeEdge({ execute: commands.execute });
  });
  after(() => edge?.server.stop(1_000));

  beforeEach(async () => {
    slots += 1;
    slotId = `show-${slots}`;
    await commands.open(slotId, { units: seats(2), metadata: { a: '1' } });
  });

  const patch = (body: unknown, headers: Readonly<Record<string, string>>): Promise<Reply> =>
    send(edge.url, `/api/v1/slots/${slotId}`, { method: 'PATCH', headers, body });

  it('is merged into the version that it was made from, and into no other', async () => {
    const patched = await patch({ metadata: { b: '2' } }, { 'If-Match': '"1"' });
    const stale = await patch({ metadata: { c: '3' } }, { 'If-Match': '"1"' });
    const early = await patch({ metadata: { c: '3' } }, { 'If-Match': '"9"' });

    expect(patched.status, patched.text).to.equal(200);
    expect(member(patched, 'metadata')).to.deep.equal({ a: '1', b: '2' });
    expect(header(patched, 'ETag')).to.match(/^"2/);
    for (const refused of [stale, early]) {
      expect(refused.status).to.equal(412);
      expect(member(refused, 'currentVersion')).to.equal(2);
    }
    expect(await typesOf(store, slotId)).to.have.length(2);
  });

  it('of any version is merged into what others have made of the slot, however many come at once', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `k${index}`);

    const replies = await Promise.all(names.map((name) => patch({ metadata: { [name]: 'v' } }, { 'If-Match': '*' })));

    expect(replies.map(({ status }) => status)).to.deep.equal(names.map(() => 200));
    const last = replies.reduce((one, other) => (Number(member(other, 'version')) > Number(member(one, 'version')) ? other : one));
    expect(member(last, 'metadata')).to.have.all.keys('a', ...names);
  });

  it('that is repeated with its key is answered as then, also where it could not be merged any more', async () => {
    const forty = (letter: string) => ({
      metadata: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${letter}${index}`, 'v'])),
    });
    const keyed = { 'If-Match': '*', 'Idempotency-Key': 'k' };
    const first = await patch(forty('x'), keyed);
    await patch({ metadata: null }, { 'If-Match': '*' });
    await patch(forty('y'), { 'If-Match': '*' });
    await commands.ask(slotId, book(`${slotId}.b1`, ['A1']));

    const again = await patch(forty('x'), keyed);
    const anew = await patch(forty('x'), { 'If-Match': '*' });

    expect(again.status, again.text).to.equal(200);
    expect(header(again, 'Idempotent-Replay')).to.equal('true');
    expect(again.body).to.deep.equal(first.body);
    expectProblem(anew, 400, 'invalid-input');
    expect(member(anew, 'errors')).to.deep.equal([{ pointer: '/metadata', message: 'must leave at most 50 keys, leaves 80' }]);
  });

  for (const [what, body, pointer, message] of [
    ['a start behind the end', { startsAt: '2100-01-01T00:00:00Z' }, '/startsAt', 'must be earlier than endsAt'],
    ['an end before the start', { endsAt: '2000-01-01T00:00:00Z' }, '/endsAt', 'must be later than startsAt'],
    ['a sale that begins behind its end', { salesFrom: '2100-01-01T00:00:00Z' }, '/salesFrom', 'must be earlier than salesUntil'],
    ['a sale that ends before it begins', { salesUntil: '1999-01-01T00:00:00Z' }, '/salesUntil', 'must be later than salesFrom'],
    ['a hold beyond its cap', { policy: { holdSeconds: 4000 } }, '/policy/holdSeconds', 'must be at most maxHoldSeconds (1800), got 4000'],
    ['a cap below the hold', { policy: { maxHoldSeconds: 10 } }, '/policy/maxHoldSeconds', 'must be at least holdSeconds (600), got 10'],
  ] as const) {
    it(`is refused with the member that it brings: ${what}`, async () => {
      const window = { endsAt: '2099-01-01T00:00:00Z', salesFrom: '2000-01-01T00:00:00Z', salesUntil: '2099-01-01T00:00:00Z' };
      expect((await patch(window, { 'If-Match': '*' })).status).to.equal(200);

      const refused = await patch(body, { 'If-Match': '*' });

      expectProblem(refused, 400, 'invalid-input');
      expect(member(refused, 'errors')).to.deep.equal([{ pointer, message }]);
    });
  }

  it('of a slot that is not there is told so', async () => {
    slotId = 'nowhere';
    for (const tag of ['*', '"1"']) expectProblem(await patch({ title: 'x' }, { 'If-Match': tag }), 404, 'slot-not-found');
  });
});
