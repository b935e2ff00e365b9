import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';

/** A request as node:http hands it on; its body's bytes one to a character. */
export interface ReadRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: object;
  readonly headersDistinct: object;
  body: string;
  /** Whether all of it was there. */
  isWhole: boolean;
  /** Whether its connection stays open for the next one. */
  readonly keepsConnection: boolean;
}

/** A connection in memory: what a client sends, and nobody to read what it is sent. */
class Line extends Duplex {
  override _read(): void {
    // What there is was pushed.
  }

  override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done();
  }
}

/** A server of node:http, as Holdfast sets it up, that is asked what it makes of bytes. */
export class NodeReader {
  private readonly server: Server;
  private read: ReadRequest[] = [];

  constructor() {
    const options = { maxHeaderSize: 16 * 1024, joinDuplicateHeaders: true, requireHostHeader: false };
    this.server = createServer(options, (request, response) => this.keep(request, response));
    this.server.on('clientError', () => undefined);
  }

  /** The requests in what a client sends on one connection in one piece. */
  async requestsIn(bytes: Buffer): Promise<readonly ReadRequest[]> {
    this.read = [];
    const line = new Line();
    this.server.emit('connection', line);
    line.push(bytes);
    await new Promise(setImmediate);
    line.destroy();
    return this.read;
  }

  private keep(request: IncomingMessage, response: ServerResponse): void {
    const { method, url, headers, headersDistinct } = request;
    const read = { method, url, headers, headersDistinct: { ...headersDistinct }, body: '', isWhole: false };
    this.read.push({ ...read, keepsConnection: response.shouldKeepAlive });
    const kept = this.read.at(-1) as ReadRequest;
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => {
      kept.body += chunk.toString('latin1');
    });
    request.on('end', () => {
      kept.isWhole = true;
    });
  }
}
