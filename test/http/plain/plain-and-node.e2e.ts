import { expect } from 'chai';
import { between, seeded } from '../../support/random.ts';
import { BareClient } from '../bare-client.ts';
import { type FakeEdge, type FakeParts, HELD, SUMMARY, startFakeEdge } from '../fakes.ts';
import { HOLD, mutant, READ } from './mutants.ts';

const MUTANTS = Number(process.env.HOLDFAST_HTTP_MUTANTS ?? 400);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
/** node:http passes over an empty line before a request; the plain side leaves it, and the connection with it, to node:http. */
const BY_NODE = '\r\n';
/** Whether the connection is still open, and where the request before ended. */
const LAST = READ.replace('keep-alive', 'close');
const REFUSED = 'HTTP/1.1 400 Malformed request';
const COLD = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';

/**
 * Whether both are the same answers. When what stands behind requests in one piece is no HTTP, node:http may refuse it before these are
 * answered, and then ends the connection: with how many of them it is ahead depends on how it came by the bytes, not on what they are.
 */
function areAlike(one: string, other: string): boolean {
  if (one === other) return true;
  const [shorter = '', longer = ''] = [one, other].map((text) => text.split(REFUSED)).sort(([a = ''], [b = '']) => a.length - b.length);
  return shorter[1] !== undefined && shorter[1] === longer[1] && (longer[0] as string).startsWith(shorter[0] as string);
}

describe('what is answered ahead of node:http', () => {
  let edge: FakeEdge;

  before(async () => {
    edge = await startFakeEdge({
      slot: async () => ({ position: 7, source: 'postgres', value: SUMMARY }),
      seats: async () => ({
        kind: 'found',
        read: { value: { slotId: 'hamlet', version: 7, isOver: false, layoutId: null, units: [] }, position: 9, source: 'memory' },
      }),
      execute: async () => HELD,
    } as unknown as FakeParts);
    // Problems carry the highest position that was told: from here on always the same.
    const client = new BareClient(edge.url);
    await client.ask(READ.replace('If-None-Match', 'X-Note'));
    client.socket.destroy();
  });
  after(() => edge.server.stop(1_000));

  /**
   * All that a client is sent until its connection is closed, but for what is new each time.
   *
   * Each piece is answered before the next one is sent, and all of them before the client ends its half: who has ended it is answered by
   * the plain side alone (decision 19), and so are answers that come late not looked at here.
   */
  const answersTo = async (pieces: readonly string[]): Promise<string> => {
    const client = new BareClient(edge.url);
    const other = new BareClient(edge.url);
    for (const piece of [...pieces, LAST]) {
      if (client.socket.writable) client.socket.write(piece, 'latin1');
      await other.ask(COLD);
      await other.ask(COLD);
    }
    client.socket.end();
    other.socket.destroy();
    // A server that closes with bytes unread resets the connection.
    const text = await client.ended.catch(() => client.text);
    return text
      .replace(/^(Date|Content-Length): .*\r\n/gm, '')
      .replace(/urn:uuid:[0-9a-f-]+/g, 'urn:uuid')
      .replace(/attempt-\d+/g, 'attempt');
  };

  it('is what node:http answers, whatever is changed in a request, and however it is cut', async () => {
    let good = 0;
    for (let seed = SEED; seed < SEED + MUTANTS; seed += 1) {
      const random = seeded(seed);
      const pieces = [mutant(random)];
      if (random() < 0.2) pieces.unshift(READ);
      if (random() < 0.2) pieces.push(HOLD);
      for (let cuts = random() < 0.3 ? between(random, 1, 2) : 0; cuts > 0; cuts -= 1) {
        const [first = '', ...rest] = pieces;
        const at = between(random, 0, first.length);
        pieces.splice(0, pieces.length, first.slice(0, at), first.slice(at), ...rest);
      }
      const [first = '', ...rest] = pieces;
      const read = await answersTo(pieces);
      const byNode = await answersTo([BY_NODE + first, ...rest]);
      expect(areAlike(read, byNode), `seed ${seed}: ${JSON.stringify(pieces)}\n${read}\n\nby node:http\n${byNode}\n`).to.equal(true);
      if (/^HTTP\/1.1 (20[01]|304)/.test(read)) good += 1;
    }
    expect(good / MUTANTS, 'so many are still good').to.be.within(0.15, 0.6);
  }).timeout(120_000);
});
