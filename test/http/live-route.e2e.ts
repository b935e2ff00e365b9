import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { encodePosition } from '../../src/http/position.ts';
import type { LiveAnswer, LiveMaps, LiveQuestion, LiveSink, LiveWatch } from '../../src/queries/live/live-maps.ts';
import { waitFor } from '../support/wait-until.ts';
import { header, member, send } from './client.ts';
import { type FakeEdge, startFakeEdge } from './fakes.ts';

const LIVE = '/api/v1/slots/hamlet/live';
const PLACE = { position: 7, version: 3, streamId: 'slot-hamlet' };

/** What was asked of the parts behind the route, in order. */
const asked: (string | LiveQuestion)[] = [];
let answer: LiveAnswer;

const live: LiveMaps = {
  open: async (question) => {
    asked.push(question);
    return answer;
  },
  stop: () => undefined,
  statistics: () => ({ watchers: 0, channels: 0, framesSent: 0, cutOff: 0, unreadBytes: 0 }),
};

const waitForPosition = async (question: string, position: number, timeoutMs: number) => {
  asked.push(`${question} at ${position} within ${timeoutMs}`);
  return { reached: position <= 7, position: 7 };
};

describe('the route of a live map', () => {
  let edge: FakeEdge;

  before(async () => {
    edge = await startFakeEdge({ live, waitForPosition });
  });
  beforeEach(() => {
    asked.length = 0;
    answer = { kind: 'over', version: 3, position: 7, stale: false };
  });
  after(() => edge.server.stop(1_000));

  it('waits for the place that a client comes from, as long as it prefers, and then opens there', async () => {
    const headers = { 'Last-Event-ID': encodePosition(PLACE), Prefer: 'wait=3' };
    await send(edge.url, `${LIVE}?after=${encodePosition({ position: 5 })}`, { headers });
    await send(edge.url, `${LIVE}?after=${encodePosition(PLACE)}`);

    const question = { slotId: 'hamlet', span: null, after: { version: 3, lacksCounts: false }, atLeast: 3 };
    expect(asked).to.deep.equal(['seats at 7 within 3000', question, 'seats at 7 within 2000', question]);
  });

  it('opens all the same for who is ahead for good, and not at all for who demands a position', async () => {
    const beyond = encodePosition({ position: 9 });
    await send(edge.url, LIVE, { headers: { 'Last-Event-ID': beyond } });
    expect(asked.at(-1)).to.deep.equal({ slotId: 'hamlet', span: null, after: null, atLeast: 'latest' });
    const refused = await send(edge.url, LIVE, { headers: { 'Holdfast-Position': beyond } });

    expect([refused.status, member(refused, 'code')]).to.deep.equal([503, 'view-behind']);
    expect(asked.at(-1)).to.equal('seats at 9 within 2000');
  });

  it('never answers from before a position that was demanded', async () => {
    answer = { kind: 'over', version: 2, position: 6, stale: false };
    const reply = await send(edge.url, LIVE, { headers: { 'Holdfast-Position': encodePosition(PLACE) } });
    expect([reply.status, member(reply, 'code')]).to.deep.equal([503, 'view-behind']);
  });

  it('says when what it tells may be old', async () => {
    expect(header(await send(edge.url, LIVE), 'Holdfast-Source')).to.equal('memory');
    answer = { kind: 'over', version: 3, position: 7, stale: true };
    expect(header(await send(edge.url, LIVE), 'Holdfast-Source')).to.equal('memory; stale');
  });

  it('is 503, and says when to come back, when no more can be watched', async () => {
    answer = { kind: 'unavailable' };
    const reply = await send(edge.url, LIVE);
    expect([reply.status, member(reply, 'code')]).to.deep.equal([503, 'unavailable']);
    expect(header(reply, 'Retry-After')).to.match(/^\d+$/);
  });

  it('lets go of everybody who watches when a connection goes, however many were asked for on it without waiting', async () => {
    const watches = { begun: 0, gone: 0 };
    const begin = (sink: LiveSink): LiveWatch => {
      watches.begun += 1;
      sink.write(Buffer.from(':\n\n'));
      const gone = () => {
        watches.gone += 1;
      };
      return { drained: () => undefined, gone };
    };
    answer = { kind: 'open', version: 3, position: 7, stale: false, begin };
    const { port } = new URL(edge.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET ${LIVE} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(3));
    await once(socket, 'data');
    await waitFor('all three are opened', () => asked.filter((one) => typeof one !== 'string').length === 3);
    socket.destroy();
    await waitFor('they are gone', () => watches.begun > 0 && watches.gone === watches.begun);
  });
});
