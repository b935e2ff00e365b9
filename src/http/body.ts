import type { IncomingMessage } from 'node:http';
import type { HttpRequest } from './exchange.ts';
import { PlainRequest } from './plain/plain-request.ts';
import { ProblemError, plainProblem } from './problem.ts';

export const BODY_LIMIT_BYTES = 1024 * 1024;
/** A layout may name 100,000 units. */
export const LAYOUT_BODY_LIMIT_BYTES = 16 * 1024 * 1024;

/** The client went away in the middle of its body; nobody is left to answer. */
export class RequestAbortedError extends Error {
  override readonly name = 'RequestAbortedError';
}

export interface JsonBody {
  readonly value: unknown;
  readonly bytes: number;
}

export interface BodyRule {
  readonly limit: number;
  /** Beside `application/json`. */
  readonly alsoAccepts?: string;
  /** True when a request without a body stands for `{}`. */
  readonly mayBeAbsent: boolean;
}

/**
 * Reads a request's body as JSON.
 *
 * @throws ProblemError for `unsupported-media-type`, `body-too-large`, `malformed-json`; RequestAbortedError.
 */
export async function readJson(request: HttpRequest, rule: BodyRule): Promise<JsonBody> {
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (!hasBody && rule.mayBeAbsent) return { value: {}, bytes: 0 };
  if (!hasBody && request.headers['content-type'] === undefined) throw malformed('there is no body');
  checkMediaType(request, rule);
  const bytes = request instanceof PlainRequest ? wholeOf(request, rule.limit) : await readBytes(request, rule.limit);
  if (bytes.length === 0 && rule.mayBeAbsent) return { value: {}, bytes: 0 };
  return { value: parse(bytes), bytes: bytes.length };
}

const UTF_8 = new Set(['utf-8', 'utf8']);

function checkMediaType(request: HttpRequest, rule: BodyRule): void {
  // What nearly everybody sends is not taken apart.
  if (request.headers['content-type'] === 'application/json' && request.headers['content-encoding'] === undefined) return;
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '');
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const isKnown = type === 'application/json' || (rule.alsoAccepts !== undefined && type === rule.alsoAccepts);
  if (!isKnown || (charset !== undefined && !UTF_8.has(charset)) || encoding.toLowerCase() !== 'identity') {
    throw new ProblemError(
      plainProblem('unsupported-media-type', rule.alsoAccepts === undefined ? {} : { 'Accept-Patch': rule.alsoAccepts }),
    );
  }
}

/**
 * What is over the limit is read and thrown away, so that the client gets to see the answer instead
 * of a broken connection; a body so large that even this is too much ends the connection.
 */
const DISCARD_LIMIT_BYTES = 64 * 1024 * 1024;

/** The body of a request that was there as a whole. */
function wholeOf({ body }: PlainRequest, limit: number): Buffer {
  if (body.length > limit) throw tooLarge(limit, false);
  return body;
}

function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > DISCARD_LIMIT_BYTES) return Promise.reject(tooLarge(limit, true));
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let length = 0;
    let ended = false;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else chunks = [];
      if (length > DISCARD_LIMIT_BYTES) {
        request.pause();
        reject(tooLarge(limit, true));
      }
    });
    request.on('end', () => {
      ended = true;
      if (length > limit) reject(tooLarge(limit, false));
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    // Comes after every request, also after one that broke off. An error costs more than all the rest of a small body, so none is made in vain.
    request.on('close', () => {
      if (!ended) reject(new RequestAbortedError('The request broke off.'));
    });
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parse(bytes: Buffer): unknown {
  if (bytes.length === 0) throw malformed('it is empty');
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw malformed('it is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser quotes the text, which may be long: what it says first is enough.
    throw malformed(error instanceof SyntaxError ? error.message.slice(0, 120) : 'it cannot be read');
  }
}

function malformed(why: string): ProblemError {
  return new ProblemError({ code: 'malformed-json', detail: `The body is not JSON in UTF-8: ${why}.` });
}

function tooLarge(limit: number, endsConnection: boolean): ProblemError {
  return new ProblemError({
    code: 'body-too-large',
    detail: `The body may have ${limit} bytes at most.`,
    members: { limit },
    ...(endsConnection ? { headers: { Connection: 'close' } } : {}),
  });
}
