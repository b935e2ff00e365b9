import { expect } from 'chai';
import type { LiveMaps } from '../../../src/queries/live/live-maps.ts';
import { waitFor } from '../../support/wait-until.ts';
import { answersIn, BareClient } from '../bare-client.ts';
import { type FakeEdge, type FakeParts, HELD, SUMMARY, startFakeEdge } from '../fakes.ts';
import { WorkUnderWay } from '../work-under-way.ts';

const read = (path: string, lines = '') => `GET /api/v1/${path} HTTP/1.1\r\nHost: x\r\n${lines}\r\n`;
const posted = (body: string, lines = '') =>
  `POST /api/v1/slots/hamlet/bookings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\n${lines}Content-Length: ${body.length}\r\n\r\n${body}`;
const BODY = JSON.stringify({ customerId: 'c', units: ['A1'] });
const HOLD = posted(BODY);
const READ = read('slots/hamlet');
const SEATS = read('slots/hamlet/seats');
/** Express's. */
const COLD = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';
/** node:http passes over an empty line before a request, so that one with it is its own: what it answers is the measure. */
const BY_NODE = '\r\n';
/** More than the buffers of two sockets take. */
const LARGE = Array.from({ length: 16 }, (_, number) => ({
  unit: { unitId: `${number}`.padEnd(1 << 20, 'x') },
  heldUntil: null,
  quantities: null,
}));
const SPLIT = '7"\r\nX-Other: "1';

const live: LiveMaps = {
  open: async () => ({
    kind: 'open',
    version: 3,
    position: 7,
    stale: false,
    begin: (sink) => {
      sink.write(Buffer.from('data: told\n\n'));
      return { drained: () => undefined, gone: () => undefined };
    },
  }),
  stop: () => undefined,
  statistics: () => ({ watchers: 0, channels: 0, framesSent: 0, cutOff: 0, unreadBytes: 0 }),
};

describe('a connection that is read ahead of node:http', () => {
  let edge: FakeEdge;
  let client: BareClient;
  /** What was asked of the parts behind, in order. */
  const asked: string[] = [];
  let work: WorkUnderWay | null = null;

  const found = (slotId: string) => {
    asked.push(slotId);
    return { position: 7, source: 'postgres', value: slotId === 'split' ? { ...SUMMARY, version: SPLIT } : { ...SUMMARY, slotId } };
  };
  const map = (slotId: string) => {
    asked.push(`seats of ${slotId}`);
    const value = { slotId, version: slotId === 'split' ? SPLIT : 7, layoutId: null, units: slotId === 'large' ? LARGE : [] };
    return { kind: 'found', read: { value, position: 9, source: 'memory' } };
  };
  const parts = {
    slot: async (slotId: string) => found(slotId),
    seats: map,
    execute: async () => {
      asked.push('hold');
      await work?.begin();
      return HELD;
    },
    live,
    waitForPosition: async () => ({ reached: true, position: 7 }),
  } as unknown as FakeParts;

  /** Lets the server hear of whatever was sent or ended before. */
  const heard = async () => {
    for (let round = 0; round < 3; round += 1) {
      const other = new BareClient(edge.url);
      await other.ask(COLD);
      other.socket.destroy();
    }
  };
  const statuses = () => client.answered.map(({ status }) => status);
  const withoutDate = (text: string) =>
    text
      .replace(/^Date: .*\r\n/gm, '')
      .replace(/urn:uuid:[0-9a-f-]+/g, 'urn:uuid')
      .replace(/attempt-\d+/g, 'attempt');

  before(async () => {
    edge = await startFakeEdge(parts);
  });
  beforeEach(() => {
    asked.length = 0;
    work = null;
    client = new BareClient(edge.url);
  });
  afterEach(() => {
    client.socket.destroy();
  });
  after(() => edge.server.stop(1_000));

  it('answers one request after the other', async () => {
    for (let round = 0; round < 50; round += 1) {
      expect((await client.ask(round % 2 === 0 ? read(`slots/s-${round}`) : HOLD)).status).to.equal(round % 2 === 0 ? 200 : 201);
    }
    expect(asked).to.deep.equal(Array.from({ length: 50 }, (_, round) => (round % 2 === 0 ? `s-${round}` : 'hold')));
  });

  it('answers two requests in one piece, in their order', async () => {
    client.socket.write(HOLD + READ);
    await client.answers(2);
    expect(statuses()).to.deep.equal([201, 200]);
  });

  it('answers what arrives while an answer is due after that answer', async () => {
    work = new WorkUnderWay();
    client.socket.write(HOLD);
    await work.begun;
    client.socket.write(READ.slice(0, 20));
    await heard();
    client.socket.write(READ.slice(20) + SEATS);
    await heard();
    expect([asked, client.answered]).to.deep.equal([['hold'], []]);
    work.finish();
    await client.answers(3);
    expect(statuses()).to.deep.equal([201, 200, 200]);
    expect(asked).to.have.members(['hold', 'hamlet', 'seats of hamlet']);
  });

  it('answers a request in pieces, wherever it is cut', async () => {
    for (const cut of [1, 30, HOLD.indexOf('\r\n\r\n') + 2, HOLD.indexOf('\r\n\r\n') + 4, HOLD.length - 1]) {
      const fresh = new BareClient(edge.url);
      fresh.socket.write(HOLD.slice(0, cut));
      await heard();
      expect((await fresh.ask(HOLD.slice(cut))).status).to.equal(201);
      fresh.socket.destroy();
    }
  });

  it('answers cold routes after hot ones, and hot ones after those', async () => {
    for (const [bytes, status] of [
      [READ, 200],
      [COLD, 200],
      [READ, 200],
      [HOLD, 201],
      [read('slots/hamlet/nothing'), 404],
      [SEATS, 200],
    ] as const) {
      expect((await client.ask(bytes)).status, bytes).to.equal(status);
    }
  });

  it('follows a live map after a hot route', async () => {
    await client.ask(READ);
    client.socket.write(read('slots/hamlet/live'));
    let told = '';
    client.socket.on('data', (text: string) => {
      told += text;
    });
    await waitFor('the map is told', () => told.includes('data: told'));
    expect(told)
      .to.match(/^HTTP\/1.1 200/)
      .and.to.match(/^Content-Type: text\/event-stream/m);
  });

  it('says that it goes on before a body that is announced', async () => {
    const [head = '', body = ''] = posted(BODY, 'Expect: 100-continue\r\n').split(/(?<=\r\n\r\n)/);
    await client.ask(READ);
    expect((await client.ask(head)).status).to.equal(100);
    expect((await client.ask(body)).status).to.equal(201);
  });

  const large = JSON.stringify({ customerId: 'c', units: ['A1'], metadata: { note: 'x'.repeat(100_000) } });
  const ALIKE: Readonly<Record<string, string>> = {
    'a hold': HOLD,
    'a read': READ,
    'a map': SEATS,
    'what has not changed': read('slots/hamlet/seats', 'If-None-Match: W/"7"\r\n'),
    'a hot address that nothing is at': read('bookings/nonsense'),
    'a body that is no JSON': posted('{'),
    'a body of 100 kB': posted(large),
    'a body that is too large': posted('x'.repeat(1 << 21)),
    'a body of 100 kB that is white space but for its end': posted(BODY.padStart(100_000)),
    'a body in chunks': `${posted('').replace('Content-Length: 0', 'Transfer-Encoding: chunked')}${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`,
    'a header that was sent twice': read('slots/hamlet', 'If-None-Match: "a"\r\nIf-None-Match: "b"\r\n'),
    OPTIONS: READ.replace('GET', 'OPTIONS'),
    HEAD: READ.replace('GET', 'HEAD'),
    DELETE: READ.replace('GET', 'DELETE'),
    'no host': READ.replace('Host', 'Hose'),
    'HTTP/1.0': READ.replace('1.1', '1.0'),
    'no HTTP': 'HELO\r\n\r\n',
  };
  for (const [name, bytes] of Object.entries(ALIKE)) {
    it(`sends what node:http sends, byte for byte: ${name}`, async () => {
      const received = [];
      for (const before of ['', READ, BY_NODE]) {
        const fresh = new BareClient(edge.url);
        if (before === READ) await fresh.ask(READ);
        fresh.socket.write((before === READ ? '' : before) + bytes);
        await heard();
        fresh.socket.write(READ.replace('Host: x', 'Host: x\r\nConnection: close'));
        const text = await fresh.ended;
        received.push(withoutDate(before === READ ? text.slice(text.indexOf('HTTP/1.1', 1)) : text));
      }
      expect(received[0]).to.match(/^HTTP\/1.1 \d/);
      expect(received[0]).to.equal(received[2]);
      expect(received[1]).to.equal(received[2]);
    });
  }

  it('never lets a value become headers of its own', async () => {
    for (const path of ['slots/split', 'slots/split/seats']) {
      const { status, head, body } = await client.ask(read(path));
      expect([status, JSON.parse(body).code]).to.deep.equal([500, 'internal-error']);
      expect(head).not.to.include('X-Other');
    }
    expect(edge.errors).to.have.length.at.least(2);
  });

  it('answers who has ended its half, and closes', async () => {
    work = new WorkUnderWay();
    client.socket.end(HOLD);
    await work.begun;
    await heard();
    work.finish();
    expect(answersIn(await client.ended).map(({ status }) => status)).to.deep.equal([201]);
  });

  it('closes when who waits for nothing ends its half', async () => {
    await client.ask(READ);
    client.socket.end();
    expect(answersIn(await client.ended)).to.have.length(1);
  });

  it('carries out nothing that comes behind its last answer', async () => {
    work = new WorkUnderWay();
    client.socket.write(HOLD);
    await work.begun;
    const stopped = edge.server.stop(5_000);
    client.socket.write(READ);
    await new Promise((resolve) => setImmediate(resolve));
    work.finish();
    expect(answersIn(await client.ended).map(({ status }) => status)).to.deep.equal([201]);
    expect(asked).to.deep.equal(['hold']);
    await stopped;
    edge = await startFakeEdge(parts);
  });

  it("is nobody's trouble when it breaks off while an answer is due", async () => {
    work = new WorkUnderWay();
    client.socket.write(HOLD);
    await work.begun;
    client.socket.resetAndDestroy();
    await heard();
    work.finish();
    await heard();
    const next = new BareClient(edge.url);
    expect((await next.ask(READ)).status).to.equal(200);
    next.socket.destroy();
    expect(edge.errors).to.deep.equal([]);
  });

  it('reads no more requests of who does not read answers, and then sends all of them', async () => {
    client.socket.pause();
    client.socket.write(read('slots/large/seats'));
    await waitFor('the map is asked for', () => asked.length > 0);
    client.socket.write(READ);
    await heard();
    client.socket.write(read('slots/hamlet/seats', 'Connection: close\r\n'));
    await heard();
    expect(asked).to.deep.equal(['seats of large']);
    client.socket.resume();
    const answers = answersIn(await client.ended);
    expect(JSON.parse(answers[0]?.body ?? '').units).to.have.length(LARGE.length);
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
    expect(asked).to.deep.equal(['seats of large', 'hamlet', 'seats of hamlet']);
  });
});
