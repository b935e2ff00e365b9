import type { Socket } from 'node:net';
import { type ConnectionHost, PlainConnection } from './plain-connection.ts';
import type { PlainRequest } from './plain-request.ts';
import type { PlainResponse } from './plain-response.ts';

export const LOOK_EVERY_MS = 5_000;

export interface PlainOptions {
  /** A connection without a request for so long after its last answer is closed. */
  readonly keepAliveMs: number;
  /** One without any request for so long is given to `onSilent`. */
  readonly firstRequestMs: number;
  isAnswered(request: PlainRequest, response: PlainResponse): boolean;
  /** Takes a connection for good, with what has arrived on it; node:http's. */
  readByNode(socket: Socket): void;
  onSilent(socket: Socket): void;
}

/** The connections whose requests are read ahead of node:http. */
export class PlainConnections implements ConnectionHost {
  readonly keepAliveSeconds: number;
  private readonly options: PlainOptions;
  private readonly open = new Set<PlainConnection>();
  private readonly timer: NodeJS.Timeout;

  constructor(options: PlainOptions) {
    this.options = options;
    this.keepAliveSeconds = Math.floor(options.keepAliveMs / 1000);
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  take(socket: Socket): void {
    this.open.add(new PlainConnection(socket, this));
  }

  isAnswered(request: PlainRequest, response: PlainResponse): boolean {
    return this.options.isAnswered(request, response);
  }

  handOver(connection: PlainConnection, arrived: Buffer): void {
    const { socket } = connection;
    this.open.delete(connection);
    connection.release();
    socket.unshift(arrived);
    this.options.readByNode(socket);
    socket.resume();
  }

  closed(connection: PlainConnection): void {
    this.open.delete(connection);
  }

  /** Closes the connections that wait for a request. */
  closeIdle(): void {
    for (const connection of this.open) if (connection.isIdle) connection.destroy();
  }

  closeAll(): void {
    for (const connection of this.open) connection.destroy();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Ends the connections that have waited for too long; called every `LOOK_EVERY_MS`. */
  look(): void {
    const { keepAliveMs, firstRequestMs, onSilent } = this.options;
    for (const connection of this.open) {
      if (!connection.isIdle) continue;
      connection.idleLooks += 1;
      const idleMs = (connection.idleLooks - 1) * LOOK_EVERY_MS;
      if (connection.wasUsed ? idleMs < keepAliveMs : idleMs < firstRequestMs) continue;
      if (connection.wasUsed) connection.destroy();
      else onSilent(connection.socket);
    }
  }
}
