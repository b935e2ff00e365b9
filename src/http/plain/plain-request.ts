import type { IncomingHttpHeaders } from 'node:http';

/** Where a head ends, with the empty line that ends it. */
const HEAD_END = Buffer.from('\r\n\r\n');
/** Longer heads are for node:http to refuse. */
const MAX_HEAD_BYTES = 8 * 1024;

/**
 * A request line and headers of which there is one way to read them (RFC 9112): whole lines, each name followed by a colon and one space,
 * no control characters. What else HTTP allows, and what it forbids, is left to node:http.
 */
const HEAD = /^(GET|POST) (\/[!-~]*) HTTP\/1\.1\r\n((?:[\w!#$%&'*+.^`|~-]+: [!-~\x80-\xff][\t -~\x80-\xff]*\r\n)+)$/;

/**
 * Headers that change how a message or a connection is to be read, or that Node does more with than keep them: `Proxy-Connection` is
 * read as `Connection` is, and `Set-Cookie` becomes a list.
 */
const LEFT_TO_NODE = new Set(['expect', 'proxy-connection', 'set-cookie', 'te', 'trailer', 'transfer-encoding', 'upgrade']);
const LENGTH = /^\d{1,6}$/;

/** A whole request, with nothing behind it. */
export class PlainRequest {
  readonly method: string;
  readonly url: string;
  /** By names in lower case, each of which was sent once; values in Latin-1, as node:http has them. */
  readonly headers: IncomingHttpHeaders;
  /** No bytes when there is none. */
  readonly body: Buffer;

  constructor(method: string, url: string, headers: IncomingHttpHeaders, body: Buffer) {
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.body = body;
  }

  get headersDistinct(): NodeJS.Dict<string[]> {
    return Object.fromEntries(Object.entries(this.headers).map(([name, value]) => [name, [value as string]]));
  }
}

/** The beginning of a request: its whole head, and not all of its body. */
export interface UnfinishedRequest {
  readonly method: string;
  readonly url: string;
  /** Bytes of the body that are still to come. */
  readonly missing: number;
}

/**
 * Reads what has arrived on a connection that waits for a request.
 *
 * @returns null when it is not exactly one request, or the beginning of one, that can be read in one way only: node:http is to read it.
 */
export function readPlainRequest(arrived: Buffer): PlainRequest | UnfinishedRequest | null {
  const end = arrived.indexOf(HEAD_END);
  if (end < 0 || end > MAX_HEAD_BYTES) return null;
  const match = HEAD.exec(arrived.toString('latin1', 0, end + 2));
  if (match === null) return null;
  const [, method = '', url = '', lines = ''] = match;
  const headers = headersOf(lines);
  if (headers === null) return null;
  const length = headers['content-length'];
  if (length !== undefined && (!LENGTH.test(length) || method === 'GET')) return null;
  const bodyAt = end + HEAD_END.length;
  const missing = bodyAt + Number(length ?? 0) - arrived.length;
  if (missing > 0) return { method, url, missing };
  if (missing < 0) return null;
  return new PlainRequest(method, url, headers, arrived.subarray(bodyAt));
}

/** @returns null when one was sent twice, none names the host, or one asks for more than an answer on a connection that stays. */
function headersOf(lines: string): IncomingHttpHeaders | null {
  const headers: Record<string, string> = {};
  let at = 0;
  while (at < lines.length) {
    const colon = lines.indexOf(':', at);
    const end = lines.indexOf('\r', colon);
    const name = lines.slice(at, colon).toLowerCase();
    // White space behind a value is no part of it.
    if (headers[name] !== undefined || LEFT_TO_NODE.has(name) || lines.charCodeAt(end - 1) <= SPACE) return null;
    headers[name] = lines.slice(colon + 2, end);
    at = end + 2;
  }
  const { connection } = headers;
  if (headers.host === undefined || (connection !== undefined && connection.toLowerCase() !== 'keep-alive')) return null;
  return headers;
}

const SPACE = 0x20;
