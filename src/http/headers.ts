import { isUtf8 } from 'node:buffer';
import type { HttpRequest } from './exchange.ts';
import { decodePosition, type Place } from './position.ts';
import { invalidInput, ProblemError } from './problem.ts';

/** A read that names a position waits so long for its view unless the client says otherwise, and at most so long. Milliseconds. */
const DEFAULT_WAIT = 2_000;
const MAX_WAIT = 10_000;

const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,255}$/u;

/** The header's text in UTF-8; null when it is absent. Sent twice, or in another encoding, it is refused. */
function singleHeader(request: HttpRequest, name: string): string | null {
  const lower = name.toLowerCase();
  const value = request.headers[lower];
  if (value === undefined) return null;
  if (typeof value !== 'string' || wasSentTwice(request, lower, value)) throw headerFault(name, 'must be sent once');
  if (ASCII.test(value)) return value.trim();
  const bytes = Buffer.from(value, 'latin1');
  // Decoded all the same, bytes that are no UTF-8 would become one and the same character, and two keys one.
  if (!isUtf8(bytes)) throw headerFault(name, 'must be UTF-8');
  return bytes.toString('utf8').trim();
}

const ASCII = /^[\x20-\x7e]*$/;

/** What was sent twice has been joined with a comma, and only then is it worth looking at every header there is. */
function wasSentTwice(request: HttpRequest, lower: string, value: string): boolean {
  return value.includes(',') && (request.headersDistinct[lower] ?? []).length > 1;
}

function headerFault(header: string, message: string): ProblemError {
  return new ProblemError(invalidInput([{ header, message }]));
}

/** The client's key, without the quotes that it may stand in; null when none was sent. */
export function idempotencyKeyOf(request: HttpRequest): string | null {
  const text = singleHeader(request, 'Idempotency-Key');
  if (text === null) return null;
  const key = text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
  if (!PRINTABLE.test(key)) throw headerFault('Idempotency-Key', 'must be 1 to 255 printable characters');
  return key;
}

export type IfMatch = { readonly kind: 'absent' } | { readonly kind: 'any' } | { readonly kind: 'version'; readonly version: number };

/** Reads the version from an entity tag of a slot read, weak or not, whatever its suffix. */
export function ifMatchOf(request: HttpRequest): IfMatch {
  const text = singleHeader(request, 'If-Match');
  if (text === null) return { kind: 'absent' };
  if (text === '*') return { kind: 'any' };
  const version = Number(/^(?:W\/)?"(\d{1,15})(?:\.[\x21\x23-\x7e]{0,100})?"$/.exec(text)?.[1] ?? Number.NaN);
  if (Number.isNaN(version)) throw headerFault('If-Match', 'must be * or one entity tag as a slot read answers it, such as "12"');
  return { kind: 'version', version };
}

/** True when the client has this very form already. Tags are compared weakly, as RFC 9110 says for If-None-Match. */
export function isNotModified(request: HttpRequest, etag: string): boolean {
  const text = request.headers['if-none-match'];
  if (text === undefined) return false;
  if (text.trim() === '*') return true;
  const opaque = etag.replace(/^W\//, '');
  return text.split(',').some((tag) => tag.trim().replace(/^W\//, '') === opaque);
}

/** The position that a read must have reached; null when the client names none. */
export function positionOf(request: HttpRequest): Place | null {
  const text = singleHeader(request, 'Holdfast-Position');
  if (text === null) return null;
  const place = decodePosition(text);
  if (place === null) throw headerFault('Holdfast-Position', 'must be a position that this service answered');
  return place;
}

/** Where a stream of events was left; null when the client begins. A browser that has had no event yet may send an empty one. */
export function lastEventIdOf(request: HttpRequest): Place | null {
  const text = singleHeader(request, 'Last-Event-ID');
  if (text === null || text === '') return null;
  const place = decodePosition(text);
  if (place === null) throw headerFault('Last-Event-ID', 'must be the id of an event that this service sent');
  return place;
}

/** How long a read may wait for its position, in milliseconds. A preference that cannot be read is ignored, as RFC 7240 demands. */
export function waitOf(request: HttpRequest): number {
  const preference = request.headers.prefer;
  const text = Array.isArray(preference) ? preference.join(',') : preference;
  for (const [, name = '', quoted, plain = ''] of (text ?? '').matchAll(PREFERENCE)) {
    if (name.toLowerCase() !== 'wait') continue;
    const seconds = quoted ?? plain;
    return /^\d{1,9}$/.test(seconds) ? Math.min(Number(seconds) * 1000, MAX_WAIT) : DEFAULT_WAIT;
  }
  return DEFAULT_WAIT;
}

/** One preference or parameter after the other: a name, and what it is to be, perhaps in quotes (RFC 7240). */
const PREFERENCE = /[\s,;]*([^\s=,;"]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?\s*(?=$|[,;])/gy;
