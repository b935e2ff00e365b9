import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect } from 'chai';
import { createApiClient } from '../../src/cli/rush/http-client.ts';

/** The first byte of what a TLS client sends: a record of its handshake (RFC 8446, 5.1). */
const HANDSHAKE = 0x16;

describe('the client of a rush', () => {
  for (const [protocol, isExpected] of [
    ['https', (first: number) => first === HANDSHAKE],
    ['http', (first: number) => first === 'G'.charCodeAt(0)],
  ] as const) {
    it(`speaks the protocol that it is told: ${protocol}`, async () => {
      const received: number[] = [];
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', ([first]) => {
          received.push(first as number);
          socket.destroy();
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const client = createApiClient(`${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`, 0);
      try {
        const failure = await client.ask({ method: 'GET', path: '/slots' }).catch((error: unknown) => error);
        expect(failure).to.be.instanceOf(Error);
        expect(received)
          .to.have.length(1)
          .and.to.satisfy(([first]: [number]) => isExpected(first));
      } finally {
        client.close();
        server.close();
      }
    });
  }
});
