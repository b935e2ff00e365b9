import type { Socket } from 'node:net';
import type { ProblemCode } from '../problem.ts';
import { PlainRequest, readPlainRequest } from './plain-request.ts';
import { type AnswerSink, PlainResponse } from './plain-response.ts';

/** What a connection needs of those who keep it. */
export interface ConnectionHost {
  readonly keepAliveSeconds: number;
  /** Whether such a request would be answered here. */
  isHot(method: string, url: string): boolean;
  /** Answers the request and says so, or leaves it untouched. */
  isAnswered(request: PlainRequest, response: PlainResponse): boolean;
  /** Gives the connection to node:http, which finds what has arrived and was not answered. */
  handOver(connection: PlainConnection, arrived: Buffer): void;
  /** Answers what is no request, and ends the connection. */
  refuse(connection: PlainConnection, code: Refusal): void;
  closed(connection: PlainConnection): void;
}

/** On a connection on which nothing ever came, or that was ended in the middle of a request. */
export type Refusal = Extract<ProblemCode, 'request-timeout' | 'malformed-request'>;

/**
 * What a connection waits for: its first request; the rest of one; an answer; the client to take the answer in; the next request; the
 * client to close, after the last answer.
 */
export type Waiting = 'first-request' | 'rest' | 'answer' | 'reading' | 'next-request' | 'close';

/** Bodies that come in one piece have no more. */
const MAX_REST_BYTES = 64 * 1024;

/**
 * A connection whose requests are read here for as long as each of them is plain and for a hot route. The first one that is not goes to
 * node:http, and the connection with it for good.
 */
export class PlainConnection implements AnswerSink {
  readonly socket: Socket;
  private readonly host: ConnectionHost;
  private isBusy = false;
  /** Whether any request was answered here. */
  private wasUsed = false;
  /** Looks of the host in a row at which it waited for the same. */
  private looks = 0;
  /** What it waited for at the last look; null when something has come or gone since. */
  private seenWaiting: Waiting | null = null;
  /** A request without the rest of its body. */
  private begun: Buffer | null = null;
  /** The one piece that arrived while an answer was due; nothing more is taken from the socket then. */
  private early: Buffer | null = null;
  private hasEnded = false;

  constructor(socket: Socket, host: ConnectionHost) {
    this.socket = socket;
    this.host = host;
    socket.on('data', this.onData).on('end', this.onEnd).on('error', this.onError).on('close', this.onClose);
  }

  get waitsFor(): Waiting {
    if (this.isBusy) return 'answer';
    if (this.socket.writableLength > 0) return 'reading';
    if (!this.socket.writable) return 'close';
    if (this.begun !== null) return 'rest';
    return this.wasUsed ? 'next-request' : 'first-request';
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
    this.seenWaiting = null;
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

  /** @returns how many times in a row it was looked at while it waited for the same, and nothing came. */
  look(): number {
    const waiting = this.waitsFor;
    this.looks = waiting === this.seenWaiting ? this.looks + 1 : 0;
    this.seenWaiting = waiting;
    return this.looks;
  }

  /** It has waited for too long. */
  giveUp(): void {
    if (this.begun !== null) this.host.handOver(this, this.begun);
    else if (this.waitsFor === 'first-request') this.host.refuse(this, 'request-timeout');
    else this.destroy();
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
    this.seenWaiting = null;
    if (this.isBusy) {
      this.early = arrived;
      this.socket.pause();
      return;
    }
    const all = this.begun === null ? arrived : Buffer.concat([this.begun, arrived]);
    const request = readPlainRequest(all);
    // Many clients send the head and the body apart. A body in more pieces than one is better read by node:http.
    const mayCome = request !== null && !(request instanceof PlainRequest) && this.begun === null && request.missing <= MAX_REST_BYTES;
    if (mayCome && this.host.isHot(request.method, request.url)) {
      this.begun = all;
      return;
    }
    this.begun = null;
    this.isBusy = true;
    if (!(request instanceof PlainRequest) || !this.host.isAnswered(request, new PlainResponse(this))) this.host.handOver(this, all);
  };

  private readonly onDrain = (): void => {
    this.socket.resume();
  };

  /** The client sends nothing more; an answer that is due still goes out. */
  private readonly onEnd = (): void => {
    this.hasEnded = true;
    const isBroken = this.begun !== null;
    this.begun = null;
    if (isBroken) this.host.refuse(this, 'malformed-request');
    else if (!this.isBusy) this.socket.end();
  };

  /** The socket is closed after it, which is what counts. */
  private readonly onError = (): void => undefined;

  private readonly onClose = (): void => this.host.closed(this);
}
