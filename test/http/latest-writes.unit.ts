import { expect } from 'chai';
import type { CommandResult } from '../../src/commands/command-service.ts';
import { LatestWrites, MAX_WRITES } from '../../src/http/latest-writes.ts';
import type { PositionWait } from '../../src/queries/queries.ts';
import { send } from './client.ts';
import { type FakeEdge, HELD, startFakeEdge } from './fakes.ts';

describe('the latest writes of a process', () => {
  it('are known by their names, each as of the last one', () => {
    const writes = new LatestWrites();
    expect(writes.positionOf('a')).to.equal(0);
    writes.note('a', 7);
    writes.note('b', 8);
    writes.note('a', 9);
    // An answer that was given before is given again.
    writes.note('a', 7);
    expect([writes.positionOf('a'), writes.positionOf('b')]).to.deep.equal([9, 8]);
  });

  it('are let go of when they have been seen, unless something was written since', () => {
    const writes = new LatestWrites();
    writes.note('a', 7);
    writes.note('a', 9);
    writes.seen('a', 7);
    expect(writes.positionOf('a')).to.equal(9);
    writes.seen('a', 9);
    expect(writes.positionOf('a')).to.equal(0);
  });

  it('are the newest ones, however many there are', () => {
    const writes = new LatestWrites();
    const count = 10 * MAX_WRITES;
    for (let position = 1; position <= count; position += 1) writes.note(`n${position}`, position);
    const known = Array.from({ length: count }, (_, index) => writes.positionOf(`n${index + 1}`)).filter((position) => position > 0);
    expect(known.length).to.be.within(MAX_WRITES / 2, MAX_WRITES);
    expect(known).to.deep.equal(Array.from(known, (_, index) => count - known.length + 1 + index));
  });

  it('are known when they were written after somebody had asked, too', () => {
    const writes = new LatestWrites();
    for (let position = 1; position <= 3 * MAX_WRITES; position += 1) {
      writes.note('same', position);
      expect(writes.positionOf('same')).to.equal(position);
    }
  });

  it('are pushed out by so many later ones, of whatever name', () => {
    const writes = new LatestWrites();
    writes.note('a', 1);
    for (let position = 2; position <= MAX_WRITES; position += 1) writes.note('b', position);
    expect(writes.positionOf('a')).to.equal(1);
    writes.note('b', MAX_WRITES + 1);
    expect(writes.positionOf('a')).to.equal(0);
  });
});

describe('a read right after a write', () => {
  const asked: (readonly [question: string, position: number, timeoutMs: number])[] = [];
  let edge: FakeEdge;
  let wait: PositionWait;

  beforeEach(async () => {
    asked.length = 0;
    edge = await startFakeEdge({
      execute: async (): Promise<CommandResult> => HELD,
      booking: async () => ({ value: null, position: 5, source: 'postgres' }),
      waitForPosition: async (...wanted) => {
        asked.push(wanted);
        return wait;
      },
    });
    const body = { customerId: 'c-17', units: ['A1'] };
    const held = await send(edge.url, '/api/v1/slots/hamlet/bookings', { method: 'POST', body, headers: { 'Idempotency-Key': 'k' } });
    expect(held.status).to.equal(201);
  });
  afterEach(() => edge.server.stop(1_000));

  const read = (headers: Readonly<Record<string, string>> = {}) => send(edge.url, '/api/v1/bookings/hamlet.x', { headers });

  it('that names no position waits for it once, and then no more', async () => {
    wait = { reached: true, position: 7 };
    for (let time = 0; time < 3; time += 1) expect((await read({ Prefer: 'wait=4' })).status).to.equal(404);
    expect(asked).to.deep.equal([['booking', 7, 4_000]]);
  });

  it('that names no position is answered with what there is past the bound, and waits again the next time', async () => {
    wait = { reached: false, position: 5 };
    expect((await read()).status).to.equal(404);
    expect((await read()).status).to.equal(404);
    expect(asked).to.deep.equal([
      ['booking', 7, 2_000],
      ['booking', 7, 2_000],
    ]);
  });

  it('of something else does not wait', async () => {
    expect((await send(edge.url, '/api/v1/bookings/hamlet.y')).status).to.equal(404);
    expect(asked).to.deep.equal([]);
  });

  it('that names a position waits for that one, and for nothing else', async () => {
    wait = { reached: false, position: 2 };
    const reply = await read({ 'Holdfast-Position': Buffer.from('3').toString('base64url') });
    expect(reply.status).to.equal(503);
    expect(asked).to.deep.equal([['booking', 3, 2_000]]);
  });
});
