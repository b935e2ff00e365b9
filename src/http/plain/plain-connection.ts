import type { Socket } from 'node:net';
import { type PlainRequest, readPlainRequest } from './plain-request.ts';
import { type AnswerSink, PlainResponse } from './plain-response.ts';

/** What a connection needs of those who keep it. */
export interface ConnectionHost {
  readonly keepAliveSeconds: number;
  /** Answers the request and says so, or leaves it untouched. */
  isAnswered(request: PlainRequest, response: PlainResponse): boolean;
  /** Gives the connection to node:http, which finds what has arrived and was not answered. */
  handOver(connection: PlainConnection, arrived: Buffer): void;
  closed(connection: PlainConnection): void;
}

/**
 * A connection whose requests are read here for as long as each of them is plain and for a hot route. The first one that is not goes to
 * node:http, and the connection with it for good.
 */
export class PlainConnection implements AnswerSink {
  readonly socket: Socket;
  /** Looks of the host in a row at which it was waiting for a request. */
  idleLooks = 0;
  /** Whether any request was answered here. */
  wasUsed = false;
  private readonly host: ConnectionHost;
  private isBusy = false;
  /** The one piece that arrived while an answer was due; nothing more is read then. */
  private early: Buffer | null = null;
  private hasEnded = false;

  constructor(socket: Socket, host: ConnectionHost) {
    this.socket = socket;
    this.host = host;
    socket.on('data', this.onData).on('end', this.onEnd).on('error', this.onError).on('close', this.onClose);
  }

  /** Whether nothing is due to the client, who has taken in what was sent. */
  get isIdle(): boolean {
    return !this.isBusy && this.socket.writableLength === 0;
  }

  get destroyed(): boolean {
    return this.socket.destroyed;
  }

  get keepAliveSeconds(): number {
    return this.host.keepAliveSeconds;
  }

  send(text: string, encoding: BufferEncoding, bytes: Buffer | null, isLast: boolean): void {
    const { socket } = this;
    this.isBusy = false;
    this.wasUsed = true;
    const isTaken = bytes === null ? socket.write(text, encoding) : this.sendBoth(text, encoding, bytes);
    if (isLast || this.hasEnded) {
      socket.end();
      return;
    }
    if (this.early !== null) {
      this.host.handOver(this, this.early);
      return;
    }
    // Who does not read his answers is not asked for more requests.
    if (!isTaken) socket.pause().once('drain', this.onDrain);
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** In one call of the operating system. */
  private sendBoth(text: string, encoding: BufferEncoding, bytes: Buffer): boolean {
    const { socket } = this;
    socket.cork();
    socket.write(text, encoding);
    const isTaken = socket.write(bytes);
    socket.uncork();
    return isTaken;
  }

  /** Leaves the socket as it came, and paused. */
  release(): void {
    this.socket.off('data', this.onData).off('end', this.onEnd).off('error', this.onError).off('close', this.onClose).pause();
  }

  private readonly onData = (arrived: Buffer): void => {
    // Behind the last answer nothing is carried out: nobody could be told.
    if (!this.socket.writable) return;
    this.idleLooks = 0;
    if (this.isBusy) {
      this.early = arrived;
      this.socket.pause();
      return;
    }
    const request = readPlainRequest(arrived);
    this.isBusy = true;
    if (request === null || !this.host.isAnswered(request, new PlainResponse(this))) this.host.handOver(this, arrived);
  };

  private readonly onDrain = (): void => {
    this.socket.resume();
  };

  /** The client sends nothing more; an answer that is due still goes out. */
  private readonly onEnd = (): void => {
    this.hasEnded = true;
    if (!this.isBusy) this.socket.end();
  };

  /** The socket is closed after it, which is what counts. */
  private readonly onError = (): void => undefined;

  private readonly onClose = (): void => this.host.closed(this);
}
