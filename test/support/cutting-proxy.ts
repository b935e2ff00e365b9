import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { SlowLine, type Trouble } from './slow-line.ts';

/**
 * What happens to the first message that holds the needle:
 * - `before-delivery`: it never reaches the server, and the connection is cut;
 * - `before-answer`: the server gets it, and the connection is cut when the answer comes back;
 * - `no-answer`: the server gets it, and no answer is ever passed on.
 */
export type Cut = 'before-delivery' | 'before-answer' | 'no-answer';

/** A TCP proxy in front of a PostgreSQL that fails when and where the test says. */
export interface CuttingProxy {
  readonly connectionString: string;
  /** Arms one cut. @returns when it has happened. */
  cutOnce(cut: Cut, needle: string): Promise<void>;
  /** Cuts all connections and refuses new ones, until `open`. */
  shut(): Promise<void>;
  open(): Promise<void>;
  /** From now on the network is like that; a good one again without a word. What was silenced stays so, until it is cut. */
  become(trouble?: Trouble): void;
  /** Cuts all connections with a reset, as a firewall does. The server is not told of those that were silenced. @returns how many. */
  reset(): number;
}

interface Armed {
  readonly cut: Cut;
  readonly needle: string;
  readonly happened: () => void;
}

export async function startCuttingProxy(connectionString: string): Promise<CuttingProxy> {
  const target = new URL(connectionString);
  const sockets = new Set<Socket>();
  /** The clients' halves of connections. */
  const clients = new Set<Socket>();
  const silenced = new Set<Socket>();
  let armed: Armed | null = null;
  let trouble: Trouble = {};

  function pass(client: Socket): void {
    const server = connect(Number(target.port), target.hostname);
    const [toServer, toClient] = [new SlowLine(client, server, () => trouble), new SlowLine(server, client, () => trouble)];
    clients.add(client);
    if (trouble.silent) silenced.add(client);
    for (const socket of [client, server]) {
      sockets.add(socket);
      // A cut is what this proxy is for; both ends hear of it by themselves.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        clients.delete(client);
        if (silenced.has(client)) return;
        client.destroy();
        server.destroy();
      });
    }
    let awaited: Armed | null = null;
    client.on('data', (message) => {
      if (silenced.has(client)) return;
      if (armed !== null && message.includes(armed.needle)) {
        awaited = armed;
        armed = null;
      }
      if (awaited?.cut === 'before-delivery') {
        client.destroy();
        awaited.happened();
      } else toServer.pass(message);
    });
    server.on('data', (answer) => {
      if (silenced.has(client)) return;
      if (awaited === null) toClient.pass(answer);
      else {
        if (awaited.cut === 'before-answer') client.destroy();
        awaited.happened();
      }
    });
  }

  let listening: Server = createServer(pass);
  async function listen(port: number): Promise<number> {
    listening = createServer(pass).listen(port, '127.0.0.1');
    await once(listening, 'listening');
    const address = listening.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
    return address.port;
  }

  const port = await listen(0);
  const proxied = new URL(connectionString);
  proxied.port = String(port);
  return {
    connectionString: proxied.href,
    cutOnce: (cut, needle) =>
      new Promise((resolve) => {
        armed = { cut, needle, happened: resolve };
      }),
    shut: async () => {
      const closed = once(listening, 'close');
      listening.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    open: async () => {
      await listen(port);
    },
    become: (next = {}) => {
      trouble = next;
      if (next.silent) for (const client of clients) silenced.add(client);
    },
    reset: () => {
      const count = clients.size;
      for (const client of clients) client.resetAndDestroy();
      return count;
    },
  };
}
