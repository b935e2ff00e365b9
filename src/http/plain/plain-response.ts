import { STATUS_CODES } from 'node:http';

/** Where an answer goes. */
export interface AnswerSink {
  readonly destroyed: boolean;
  readonly keepAliveSeconds: number;
  /**
   * @param encoding of the text.
   * @param bytes what follows the text.
   * @param isLast whether the connection ends with it.
   */
  send(text: string, encoding: BufferEncoding, bytes: Buffer | null, isLast: boolean): void;
  destroy(): void;
}

/** What a header's value may have in it: anything else could end the header, and begin another one. */
const INVALID_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** The answer to a plain request: what routes use of node:http's, and the very bytes that node:http would send. */
export class PlainResponse {
  headersSent = false;
  private readonly sink: AnswerSink;
  private head = '';
  private isLast = false;

  constructor(sink: AnswerSink) {
    this.sink = sink;
  }

  get destroyed(): boolean {
    return this.sink.destroyed;
  }

  setHeader(_name: 'Connection', _value: 'close'): void {
    this.isLast = true;
  }

  /**
   * @param headers by name, or names and values in turn.
   * @throws TypeError for a value that cannot be sent; another head may follow.
   */
  writeHead(status: number, headers: Readonly<Record<string, string>> | readonly string[]): void {
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
    if (this.isLast) head += 'Connection: close\r\n';
    if (isList(headers)) {
      for (let index = 0; index < headers.length; index += 2) head += this.line(headers[index] as string, headers[index + 1] as string);
    } else {
      for (const name in headers) head += this.line(name, headers[name] as string);
    }
    head += `Date: ${dateNow()}\r\n`;
    this.head = this.isLast ? `${head}\r\n` : `${head}Connection: keep-alive\r\nKeep-Alive: timeout=${this.sink.keepAliveSeconds}\r\n\r\n`;
    this.headersSent = true;
  }

  end(payload?: string | Buffer, encoding: BufferEncoding = 'utf8'): void {
    if (typeof payload === 'string') this.sink.send(this.head + payload, encoding, null, this.isLast);
    else this.sink.send(this.head, 'latin1', payload ?? null, this.isLast);
  }

  destroy(): void {
    this.sink.destroy();
  }

  private line(name: string, value: string): string {
    if (INVALID_VALUE.test(value)) throw new TypeError(`The header ${name} cannot be sent: it has a character that headers may not have.`);
    return `${name}: ${value}\r\n`;
  }
}

function isList(headers: Readonly<Record<string, string>> | readonly string[]): headers is readonly string[] {
  return Array.isArray(headers);
}

let dateSecond = 0;
let dateText = '';

/** The time as HTTP writes it, to the second. */
function dateNow(): string {
  const now = Date.now();
  const second = Math.floor(now / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(now).toUTCString();
  }
  return dateText;
}
