import { connect, type Socket } from 'node:net';

/** An answer; what it points to is only there until the listener returns. */
export interface Answer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  body(): string;
}

const HOST = '127.0.0.1';
/** What arrives is looked at before anything else arrives, so all connections read into the same bytes: they stay in the processor's cache. */
const READ_INTO = Buffer.allocUnsafe(64 * 1024);
const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * A connection that is kept, with one request under way at a time. It reads just as much of HTTP as the
 * servers that are measured speak, since every microsecond spent here is taken from them.
 */
export class Connection {
  private readonly socket: Socket;
  private readonly onAnswer: (answer: Answer) => void;
  private rest: Buffer | null = null;

  private constructor(port: number, onAnswer: (answer: Answer) => void, onLost: (error: Error) => void, onOpen: () => void) {
    this.onAnswer = onAnswer;
    const onread = { buffer: READ_INTO, callback: (bytes: number, buffer: Uint8Array) => this.take(buffer, bytes) };
    this.socket = connect({ port, host: HOST, noDelay: true, onread }, onOpen);
    this.socket.on('error', onLost);
    this.socket.on('close', () => onLost(new Error('the server closed a connection')));
  }

  static open(
    port: number,
    onAnswer: (connection: Connection, answer: Answer) => void,
    onLost: (error: Error) => void,
  ): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const connection: Connection = new Connection(
        port,
        (answer) => onAnswer(connection, answer),
        (error) => {
          reject(error);
          onLost(error);
        },
        () => resolve(connection),
      );
    });
  }

  /** @param text a whole request in Latin-1. */
  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  close(): void {
    this.socket.removeAllListeners('close');
    this.socket.destroy();
  }

  private take(chunk: Uint8Array, bytes: number): boolean {
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, bytes);
    const data = this.rest === null ? fresh : Buffer.concat([this.rest, fresh]);
    const end = endOfAnswer(data);
    if (end === null) this.rest = this.rest === null ? Buffer.from(fresh) : data;
    else {
      this.rest = null;
      if (end.bodyEnd !== data.length) throw new Error('a server answered more than it was asked');
      const { head, bodyStart } = end;
      this.onAnswer({ status: Number(head.slice(9, 12)), head, body: () => data.toString('utf8', bodyStart) });
    }
    return true;
  }
}

function endOfAnswer(data: Buffer): { readonly head: string; readonly bodyStart: number; readonly bodyEnd: number } | null {
  const headEnd = data.indexOf(HEAD_END);
  if (headEnd < 0) return null;
  const head = data.toString('latin1', 0, headEnd);
  const bodyStart = headEnd + HEAD_END.length;
  const bodyEnd = bodyStart + contentLength(head);
  return data.length < bodyEnd ? null : { head, bodyStart, bodyEnd };
}

const LENGTH = '\r\nContent-Length: ';

function contentLength(head: string): number {
  const at = head.indexOf(LENGTH);
  if (at >= 0) return Number.parseInt(head.slice(at + LENGTH.length, at + LENGTH.length + 9), 10);
  if (head.startsWith('HTTP/1.1 304') || head.startsWith('HTTP/1.1 204')) return 0;
  throw new Error(`an answer does not tell its length: ${head}`);
}
