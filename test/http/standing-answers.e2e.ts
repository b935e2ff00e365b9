import { expect } from 'chai';
import { decodePosition } from '../../src/http/position.ts';
import type { Availability, Read, SeatMap, SpanRead } from '../../src/queries/answers.ts';
import { type FakeEdge, startFakeEdge } from './fakes.ts';

/** Names that take more bytes than characters, so that a wrong length or a wrong encoding shows. */
const CATEGORIES = ['Café', 'Größe', '席', '🎭'].map((category) => ({ category, price: 1, maxPrice: 1, capacity: 2, free: 1 }));
const TO_COME = { isOver: false, changesAt: Number.POSITIVE_INFINITY };
const AVAILABILITY: Availability = { slotId: 'hamlet', version: 7, categories: CATEGORIES, ...TO_COME };
const unit = (unitId: string) => ({ unitId, category: 'Café', price: 1 });
const seat = (unitId: string) => ({ unit: unit(unitId), price: 1, status: 'free', heldUntil: null, quantities: null }) as const;
/** Some 40 KB. */
const MAP: SeatMap = {
  slotId: 'hamlet',
  version: 7,
  layoutId: null,
  ...TO_COME,
  units: Array.from({ length: 400 }, (_, n) => seat(`é${n}`)),
};

describe('an answer that is given again and again', () => {
  let edge: FakeEdge;
  let place: Omit<Read<unknown>, 'value'>;
  const found = async <Value>(value: Value): Promise<SpanRead<Value>> => ({ kind: 'found', read: { value, ...place } });

  before(async () => {
    edge = await startFakeEdge({
      // At once, as memory answers.
      availability: () => ({ kind: 'found', read: { value: AVAILABILITY, ...place } }),
      seats: () => found(MAP),
      booking: async () => ({ value: null, position: 0, source: 'postgres' }),
    });
  });
  beforeEach(() => {
    place = { position: 9, source: 'memory' };
  });
  after(() => edge.server.stop(1_000));

  const ask = (question: string, init?: RequestInit) => fetch(`${edge.url}/api/v1/slots/hamlet/${question}`, init);
  const positionIn = (response: Response) => decodePosition(response.headers.get('Holdfast-Position') ?? '');

  for (const [question, length] of [
    ['availability', CATEGORIES.length],
    ['seats', MAP.units.length],
  ] as const) {
    it(`has the same bytes each time, whatever letters are in them: ${question}`, async () => {
      const replies = [await ask(question), await ask(question), await ask(question)];
      const [first, ...others] = await Promise.all(replies.map((reply) => reply.text()));
      expect(others).to.deep.equal([first, first]);
      const body = JSON.parse(first ?? '') as { units?: readonly unknown[]; categories?: readonly { category: string }[] };
      expect((body.units ?? body.categories)?.length).to.equal(length);
      expect(first).to.contain('Café').and.to.not.contain('\uFFFD');
      for (const reply of replies) {
        expect(Number(reply.headers.get('Content-Length'))).to.equal(Buffer.byteLength(first ?? ''));
        expect(reply.headers.get('Content-Type')).to.equal('application/json');
        expect(reply.headers.get('ETag')).to.equal('"7"');
        expect(reply.headers.get('X-Content-Type-Options')).to.equal('nosniff');
      }
    });
  }

  it('tells the position that the view has reached now, though nothing else has changed', async () => {
    expect(positionIn(await ask('availability'))).to.deep.equal({ position: 9, version: 7, streamId: 'slot-hamlet' });
    place = { position: 12, source: 'memory' };
    expect(positionIn(await ask('availability'))).to.deep.equal({ position: 12, version: 7, streamId: 'slot-hamlet' });
    expect((await ask('availability')).headers.get('ETag')).to.equal('"7"');
  });

  it('says that it is stale as soon as that is known, and no longer than that', async () => {
    const source = async () => (await ask('availability')).headers.get('Holdfast-Source');
    expect(await source()).to.equal('memory');
    place = { ...place, stale: true };
    expect(await source()).to.equal('memory; stale');
    place = { position: 9, source: 'memory' };
    expect(await source()).to.equal('memory');
  });

  it('is not sent to who has it, and its body not to who asks for the head alone', async () => {
    const bytes = (await ask('availability')).headers.get('Content-Length');
    const known = await ask('availability', { headers: { 'If-None-Match': '"7"' } });
    expect([known.status, await known.text(), known.headers.get('ETag')]).to.deep.equal([304, '', '"7"']);
    const head = await ask('availability', { method: 'HEAD' });
    expect([head.status, await head.text(), head.headers.get('Content-Length')]).to.deep.equal([200, '', bytes]);
    expect((await ask('availability')).headers.get('Content-Length')).to.equal(bytes);
  });

  it('carries what this process last told when its layer cannot tell where it is', async () => {
    place = { position: 40, source: 'memory' };
    await ask('availability');
    place = { position: 0, source: 'redis', stale: true };
    expect(positionIn(await ask('availability'))).to.deep.equal({ position: 40 });
  });

  it('has reached nothing when its view has not begun, whatever this process told before', async () => {
    place = { position: 40, source: 'memory' };
    await ask('availability');
    const missing = await fetch(`${edge.url}/api/v1/bookings/hamlet.x`);
    expect([missing.status, positionIn(missing)]).to.deep.equal([404, { position: 0 }]);
  });
});
