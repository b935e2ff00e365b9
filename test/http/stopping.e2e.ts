import { expect } from 'chai';
import { waitUntil } from '../support/wait-until.ts';
import { BareClient } from './bare-client.ts';
import { send } from './client.ts';
import { HELD, SUMMARY, startFakeEdge } from './fakes.ts';
import { WorkUnderWay } from './work-under-way.ts';

const BODY = JSON.stringify({ customerId: 'c', units: ['A1'] });
const HOLD = `POST /api/v1/slots/hamlet/bookings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;
const READ = 'GET /api/v1/slots/hamlet HTTP/1.1\r\nHost: x\r\n\r\n';
const STOP_BOUND_MS = 5_000;

function blockFor(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

describe('an HTTP server that is told to stop', () => {
  const slot = async () => ({ position: 7, source: 'postgres', value: SUMMARY }) as const;

  it('answers what had arrived, also when it was too busy to look at it', async () => {
    const edge = await startFakeEdge({ slot });
    const client = new BareClient(edge.url);
    client.socket.write(READ);
    await client.answers();

    const stopped = edge.server.stop(STOP_BOUND_MS);
    client.socket.write(READ);
    blockFor(400);

    const answers = (await client.ended).split('HTTP/1.1 200 OK').slice(1);
    expect(answers).to.have.length(2);
    expect(answers[0]).to.match(/^Connection: keep-alive/m);
    expect(answers[1]).to.match(/^Connection: close/m);
    await stopped;
  });

  it('tells a client whose request it had in hand that there is no next one', async () => {
    let stopped = Promise.resolve();
    const edge = await startFakeEdge({
      execute: async () => {
        stopped = edge.server.stop(STOP_BOUND_MS);
        return HELD;
      },
    });
    const client = new BareClient(edge.url);
    client.socket.write(HOLD);

    expect(await client.ended)
      .to.match(/^HTTP\/1.1 201/)
      .and.to.match(/^Connection: close/m);
    await stopped;
  });

  it('answers on a connection that it came to only when it was about to close', async () => {
    const edge = await startFakeEdge({ slot });

    const stopped = edge.server.stop(STOP_BOUND_MS);
    const client = new BareClient(edge.url);
    client.socket.write(READ);
    blockFor(400);

    expect(await client.ended).to.match(/^HTTP\/1.1 200 OK\r\nConnection: close\r\n/);
    await stopped;
  });

  it('still takes a connection that was under way', async () => {
    const edge = await startFakeEdge({ slot });

    const stopped = edge.server.stop(STOP_BOUND_MS);
    const client = new BareClient(edge.url);
    client.socket.write(READ);

    expect(await client.ended)
      .to.match(/^HTTP\/1.1 200/)
      .and.to.match(/^Connection: close/m);
    await stopped;
    expect(await new BareClient(edge.url).ended.catch((error: NodeJS.ErrnoException) => error.code)).to.equal('ECONNREFUSED');
  });

  it('finishes what is in hand, takes nothing new, and does not wait for idle connections', async () => {
    const work = new WorkUnderWay();
    const edge = await startFakeEdge({ execute: () => work.begin().then(() => HELD) });
    await send(edge.url, '/livez');
    const inHand = new BareClient(edge.url);
    inHand.socket.write(HOLD);
    await work.begun;

    const stopped = edge.server.stop(10_000);
    await waitUntil('nothing new is taken', () =>
      send(edge.url, '/livez').then(
        () => false,
        () => true,
      ),
    );
    work.finish();

    expect(await inHand.ended).to.match(/^HTTP\/1.1 201/);
    const answeredAt = Date.now();
    await stopped;
    expect(Date.now() - answeredAt).to.be.below(5_000);
  });

  it('breaks off past its bound what does not end', async () => {
    const work = new WorkUnderWay();
    const edge = await startFakeEdge({ execute: () => work.begin().then(() => HELD) });
    const client = new BareClient(edge.url);
    client.socket.write(HOLD);
    await work.begun;

    const before = Date.now();
    await edge.server.stop(50);
    expect(Date.now() - before).to.be.below(5_000);
    expect(await client.ended).to.equal('');
  });
});
