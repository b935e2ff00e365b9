import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { waitUntil } from '../support/wait-until.ts';
import { send } from './client.ts';
import { HELD, SUMMARY, startFakeEdge } from './fakes.ts';

const BODY = JSON.stringify({ customerId: 'c', units: ['A1'] });
const HOLD = `POST /api/v1/slots/hamlet/bookings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;
const READ = 'GET /api/v1/slots/hamlet HTTP/1.1\r\nHost: x\r\n\r\n';
const STOP_BOUND_MS = 5_000;

/** A client on one bare connection, so that the test decides when its bytes leave. */
class Client {
  readonly socket: Socket;
  /** Resolves with all that was received, when the server has ended the connection. */
  readonly ended: Promise<string>;
  private received = '';

  constructor(url: string) {
    this.socket = connect(Number(new URL(url).port), '127.0.0.1');
    this.socket.setEncoding('utf8').on('data', (text: string) => {
      this.received += text;
    });
    this.ended = new Promise((resolve, reject) => this.socket.on('error', reject).on('close', () => resolve(this.received)));
  }

  async answers(): Promise<void> {
    while (!this.received.includes('\r\n\r\n')) await new Promise((resolve) => this.socket.once('data', resolve));
  }
}

/** A command under way for as long as the test wants it to be. */
class Work {
  readonly begun: Promise<void>;
  finish: () => void = () => undefined;
  private tell: () => void = () => undefined;

  constructor() {
    this.begun = new Promise((resolve) => {
      this.tell = resolve;
    });
  }

  begin(): Promise<void> {
    this.tell();
    return new Promise((resolve) => {
      this.finish = resolve;
    });
  }
}

function blockFor(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

describe('an HTTP server that is told to stop', () => {
  const slot = async () => ({ position: 7, source: 'postgres', value: SUMMARY }) as const;

  it('answers what had arrived, also when it was too busy to look at it', async () => {
    const edge = await startFakeEdge({ slot });
    const client = new Client(edge.url);
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
    const client = new Client(edge.url);
    client.socket.write(HOLD);

    expect(await client.ended)
      .to.match(/^HTTP\/1.1 201/)
      .and.to.match(/^Connection: close/m);
    await stopped;
  });

  it('still takes a connection that was under way', async () => {
    const edge = await startFakeEdge({ slot });

    const stopped = edge.server.stop(STOP_BOUND_MS);
    const client = new Client(edge.url);
    client.socket.write(READ);

    expect(await client.ended)
      .to.match(/^HTTP\/1.1 200/)
      .and.to.match(/^Connection: close/m);
    await stopped;
    expect(await new Client(edge.url).ended.catch((error: NodeJS.ErrnoException) => error.code)).to.equal('ECONNREFUSED');
  });

  it('finishes what is in hand, takes nothing new, and does not wait for idle connections', async () => {
    const work = new Work();
    const edge = await startFakeEdge({ execute: () => work.begin().then(() => HELD) });
    await send(edge.url, '/livez');
    const inHand = new Client(edge.url);
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
    const work = new Work();
    const edge = await startFakeEdge({ execute: () => work.begin().then(() => HELD) });
    const client = new Client(edge.url);
    client.socket.write(HOLD);
    await work.begun;

    const before = Date.now();
    await edge.server.stop(50);
    expect(Date.now() - before).to.be.below(5_000);
    expect(await client.ended).to.equal('');
  });
});
