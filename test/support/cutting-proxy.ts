import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

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
}

interface Armed {
  readonly cut: Cut;
  readonly needle: string;
  readonly happened: () => void;
}

export async function startCuttingProxy(connectionString: string): Promise<CuttingProxy> {
  const target = new URL(connectionString);
  const sockets = new Set<Socket>();
  let armed: Armed | null = null;

  function pass(client: Socket): void {
    const server = connect(Number(target.port), target.hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      // A cut is what this proxy is for; both ends hear of it by themselves.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    let awaited: Armed | null = null;
    client.on('data', (message) => {
      if (armed !== null && message.includes(armed.needle)) {
        awaited = armed;
        armed = null;
      }
      if (awaited?.cut === 'before-delivery') {
        client.destroy();
        awaited.happened();
      } else server.write(message);
    });
    server.on('data', (answer) => {
      if (awaited === null) client.write(answer);
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
  };
}
