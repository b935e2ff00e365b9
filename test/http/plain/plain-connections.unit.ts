import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { LOOK_EVERY_MS, PlainConnections, READING_MS } from '../../../src/http/plain/plain-connections.ts';
import type { PlainResponse } from '../../../src/http/plain/plain-response.ts';
import { waitFor } from '../../support/wait-until.ts';
import { WatchedClient } from './watched-client.ts';

const HOT = 'GET /hot HTTP/1.1\r\nHost: x\r\n\r\n';
const COLD = 'GET /cold HTTP/1.1\r\nHost: x\r\n\r\n';
const HOT_POST = 'POST /hot HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}';
const KEEP_ALIVE_LOOKS = 4;
const FIRST_REQUEST_LOOKS = 2;
/** More than the buffers of two sockets take. */
const LARGE = Buffer.alloc(16 << 20, 'x');

describe('connections that wait for a plain request', () => {
  let server: Server;
  let connections: PlainConnections;
  /** What is still to be answered. */
  const due: PlainResponse[] = [];
  /** Bytes that node:http would have read. */
  let byNode = '';
  const refused: [socket: Socket, code: string][] = [];
  /** The server's end of the connection that was made last. */
  let accepted: Socket;
  const clients: WatchedClient[] = [];

  const client = async () => {
    const made = new WatchedClient((server.address() as AddressInfo).port);
    clients.push(made);
    await once(server, 'connection');
    return made;
  };
  /** One that goes on sending when the server has said its last. */
  const deaf = async () => {
    const made = await client();
    made.socket.allowHalfOpen = true;
    return made;
  };
  /** Answers what was asked last. */
  const answer = (body: string | Buffer = 'told', isLast = false) => {
    const response = due.pop() as PlainResponse;
    if (isLast) response.setHeader('Connection', 'close');
    response.writeHead(200, { 'Content-Length': String(body.length) });
    response.end(body);
  };
  const ask = async (one: WatchedClient) => {
    const before = due.length;
    one.socket.write(HOT);
    await waitFor('the request is read', () => due.length > before);
  };
  const used = async () => {
    const one = await client();
    await ask(one);
    answer();
    await waitFor('it is answered', () => one.text.endsWith('told'));
    return one;
  };
  const look = (times: number) => {
    for (let time = 0; time < times; time += 1) connections.look();
  };
  const closed = (one: WatchedClient) => waitFor('it is closed', () => one.isClosed);
  /** Whatever was done to the others before has come through when a new one has its answer. */
  const staysOpen = async (one: WatchedClient) => {
    const { isClosed } = one;
    await used();
    expect([isClosed, one.isClosed]).to.deep.equal([false, false]);
  };

  const isClosedAfter = async (looks: number, one: WatchedClient) => {
    look(looks);
    await staysOpen(one);
    look(1);
    await closed(one);
  };

  beforeEach(async () => {
    due.length = 0;
    refused.length = 0;
    byNode = '';
    connections = new PlainConnections({
      keepAliveMs: KEEP_ALIVE_LOOKS * LOOK_EVERY_MS,
      firstRequestMs: FIRST_REQUEST_LOOKS * LOOK_EVERY_MS,
      isHot: (method, url) => method === 'POST' && url === '/hot',
      isAnswered: ({ url }, response) => url === '/hot' && due.push(response) > 0,
      readByNode: (socket) => {
        socket.on('data', (bytes: Buffer) => {
          byNode += bytes.toString();
        });
        socket.on('end', () => socket.destroy());
      },
      refuse: (socket, code) => {
        refused.push([socket, code]);
        socket.end(code);
      },
    });
    server = createServer({ allowHalfOpen: true }, (socket) => {
      accepted = socket;
      connections.take(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    connections.stop();
    connections.closeAll();
    for (const { socket } of clients.splice(0)) socket.destroy();
    server.close();
    await once(server, 'close');
  });

  it('are closed without a word after so long without a next one', async () => {
    const one = await used();
    await isClosedAfter(KEEP_ALIVE_LOOKS, one);
    expect([one.text.split('told').length, refused]).to.deep.equal([2, []]);
  });

  it('begin to wait anew with every request', async () => {
    const one = await used();
    look(KEEP_ALIVE_LOOKS);
    await ask(one);
    answer();
    await isClosedAfter(KEEP_ALIVE_LOOKS, one);
  });

  it('are refused when the first one does not come, and closed when they do not go', async () => {
    const one = await client();
    look(FIRST_REQUEST_LOOKS);
    await staysOpen(one);
    expect(refused).to.have.length(0);
    look(1);
    await waitFor('it is refused', () => one.text === 'request-timeout');
    await closed(one);
    expect(refused).to.have.length(1);
  });

  it('carry nothing out once they are refused', async () => {
    const one = await deaf();
    look(FIRST_REQUEST_LOOKS + 1);
    one.socket.write(HOT);
    await used();
    expect([due, one.text]).to.deep.equal([[], 'request-timeout']);
    look(2);
    expect([refused.length, refused[0]?.[0].destroyed]).to.deep.equal([1, true]);
  });

  it('are closed when their client does not close behind the last answer', async () => {
    const one = await deaf();
    const socket = accepted;
    await ask(one);
    answer('last', true);
    await waitFor('it is answered', () => one.text.endsWith('last'));
    look(1);
    expect(socket.destroyed).to.equal(false);
    look(1);
    expect(socket.destroyed).to.equal(true);
  });

  it('wait for the rest of a request until they are looked at the second time, and go to node:http then', async () => {
    const one = await client();
    const [begun, rest] = [HOT_POST.slice(0, -2), HOT_POST.slice(-2)];
    one.socket.write(begun);
    await used();
    look(1);
    connections.closeIdle();
    one.socket.write(rest);
    await waitFor('it is read', () => due.length > 0);
    answer();
    one.socket.write(begun);
    await used();
    look(1);
    expect(byNode).to.equal('');
    look(1);
    await waitFor('node:http reads it', () => byNode === begun);
    one.socket.write(rest);
    await waitFor('node:http reads the rest too', () => byNode === HOT_POST);
  });

  it('go to node:http with a request in more than two pieces', async () => {
    const one = await client();
    for (const piece of [HOT_POST.slice(0, -2), HOT_POST.slice(-2, -1)]) {
      one.socket.write(piece);
      await used();
    }
    await waitFor('node:http reads it', () => byNode === HOT_POST.slice(0, -1));
  });

  it('go to node:http at once with the beginning of a request that is not hot, or of which more is to come than one piece has', async () => {
    // Nobody looks at them, so nothing but what came can send them there.
    connections.stop();
    const large = HOT_POST.replace(/2\r\n\r\n.*/, '70000\r\n\r\n');
    const begun = [COLD.replace('GET', 'POST').replace('\r\n\r\n', '\r\nContent-Length: 2\r\n\r\n'), large];
    for (const piece of begun) (await client()).socket.write(piece);
    await waitFor('node:http reads both', () => byNode.length === begun.join('').length);
    expect(begun.every((piece) => byNode.includes(piece))).to.equal(true);
  });

  it('are refused when they end in the middle of a request', async () => {
    const one = await client();
    one.socket.end(HOT_POST.slice(0, -2));
    await closed(one);
    expect([one.text, due, byNode]).to.deep.equal(['malformed-request', [], '']);
  });

  it('carry nothing out behind the last answer', async () => {
    const one = await deaf();
    await ask(one);
    answer('last', true);
    one.socket.write(HOT);
    await used();
    expect(due).to.deep.equal([]);
    expect(one.text).to.match(/^HTTP\/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\nDate: [^\r]+\r\n\r\nlast$/);
  });

  it('are left alone while an answer is due, however long', async () => {
    const one = await client();
    await ask(one);
    look(100);
    connections.closeIdle();
    answer();
    await waitFor('it is answered', () => one.text.endsWith('told'));
    look(KEEP_ALIVE_LOOKS);
    await staysOpen(one);
  });

  it('are left alone while an answer is being taken in, however slowly, and wait from then on', async () => {
    const one = await client();
    await ask(one);
    one.socket.pause();
    answer(LARGE);
    look(READING_MS / LOOK_EVERY_MS);
    connections.closeIdle();
    one.socket.resume();
    await waitFor('all of it is there', () => one.received > LARGE.length);
    await ask(one);
    answer();
    await isClosedAfter(KEEP_ALIVE_LOOKS, one);
  });

  it('are broken off when an answer is not taken in within the bound', async () => {
    const one = await client();
    await ask(one);
    one.socket.pause();
    answer(LARGE);
    look(READING_MS / LOOK_EVERY_MS + 1);
    expect(accepted.destroyed).to.equal(true);
  });

  it('are not looked at any more once they are with node:http', async () => {
    const one = await client();
    one.socket.write(COLD);
    await waitFor('node:http reads it', () => byNode === COLD);
    look(100);
    connections.closeIdle();
    connections.closeAll();
    await staysOpen(one);
    one.socket.write(HOT);
    await waitFor('node:http reads the next one too', () => byNode === COLD + HOT);
  });

  it('go with what arrived while an answer was due, and behind that answer', async () => {
    const one = await client();
    await ask(one);
    one.socket.write(HOT.slice(0, 10));
    await used();
    one.socket.write(HOT.slice(10));
    answer();
    await waitFor('node:http reads it', () => byNode === HOT);
    expect(one.text).to.match(/told$/);
  });

  it('are forgotten when they are closed by who made them', async () => {
    const one = await client();
    const taken = once(accepted, 'close');
    one.socket.destroy();
    await taken;
    look(FIRST_REQUEST_LOOKS + 1);
    expect(refused).to.deep.equal([]);
  });

  it('are not read while an answer is due, so that what arrives stays with who sends it', async () => {
    const one = await client();
    const socket = accepted;
    await ask(one);
    one.socket.write(LARGE);
    await used();
    await used();
    expect(socket.bytesRead).to.be.below(LARGE.length / 2);
  });

  it('are closed when they are idle and the server goes, those without a request a moment later, and all of them in the end', async () => {
    const waiting = await used();
    const fresh = await client();
    const silent = await client();
    const busy = await client();
    await ask(busy);
    connections.closeIdle();
    await closed(waiting);
    await ask(fresh);
    connections.closeIdle();
    await closed(silent);
    expect([busy.isClosed, fresh.isClosed]).to.deep.equal([false, false]);
    connections.closeAll();
    await closed(busy);
  });
});
