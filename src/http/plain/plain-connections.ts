import type { Socket } from 'node:net';
import { type ConnectionHost, PlainConnection, type Refusal, type Waiting } from './plain-connection.ts';
import type { PlainRequest } from './plain-request.ts';
import type { PlainResponse } from './plain-response.ts';

export const LOOK_EVERY_MS = 5_000;
/** An answer that its client has not taken in after so many milliseconds is broken off. */
export const READING_MS = 300_000;

export interface PlainOptions {
  /** A connection without a request for so long after its last answer is closed. */
  readonly keepAliveMs: number;
  /** One without any request for so long is refused. */
  readonly firstRequestMs: number;
  isHot(method: string, url: string): boolean;
  isAnswered(request: PlainRequest, response: PlainResponse): boolean;
  /** Takes a connection for good, with what has arrived on it; node:http's. */
  readByNode(socket: Socket): void;
  /** Answers what is no request, and ends the connection. */
  refuse(socket: Socket, code: Refusal): void;
}

/** The connections whose requests are read ahead of node:http. */
export class PlainConnections implements ConnectionHost {
  readonly keepAliveSeconds: number;
  private readonly options: PlainOptions;
  private readonly open = new Set<PlainConnection>();
  /** Those that a stop has seen waiting for a first request. */
  private readonly spared = new WeakSet<PlainConnection>();
  private readonly bounds: Readonly<Record<Waiting, number>>;
  private readonly timer: NodeJS.Timeout;

  constructor(options: PlainOptions) {
    this.options = options;
    this.keepAliveSeconds = Math.floor(options.keepAliveMs / 1000);
    const { keepAliveMs, firstRequestMs } = options;
    this.bounds = {
      'first-request': firstRequestMs,
      rest: LOOK_EVERY_MS,
      // Who answers has a bound of his own.
      answer: Number.POSITIVE_INFINITY,
      reading: READING_MS,
      'next-request': keepAliveMs,
      close: LOOK_EVERY_MS,
    };
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  take(socket: Socket): void {
    this.open.add(new PlainConnection(socket, this));
  }

  isHot(method: string, url: string): boolean {
    return this.options.isHot(method, url);
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

  refuse({ socket }: PlainConnection, code: Refusal): void {
    this.options.refuse(socket, code);
  }

  closed(connection: PlainConnection): void {
    this.open.delete(connection);
  }

  /**
   * Closes the connections that wait for a next request, or to be closed. One that waits for its first has until the next call of this:
   * it may have been accepted a moment ago, and its request, which has arrived, not been read yet.
   */
  closeIdle(): void {
    for (const connection of this.open) {
      const { waitsFor } = connection;
      const hasTime = waitsFor === 'first-request' && !this.spared.has(connection);
      if (hasTime) this.spared.add(connection);
      else if (waitsFor === 'first-request' || waitsFor === 'next-request' || waitsFor === 'close') connection.destroy();
    }
  }

  closeAll(): void {
    for (const connection of this.open) connection.destroy();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Ends the connections that have waited for too long; called every `LOOK_EVERY_MS`. */
  look(): void {
    for (const connection of this.open) {
      if (connection.look() * LOOK_EVERY_MS >= this.bounds[connection.waitsFor]) connection.giveUp();
    }
  }
}
