import { between, type Random } from '../../support/random.ts';

const BODY = '{"customerId":"c","units":["A1"]}';
export const READ =
  'GET /api/v1/slots/hamlet/seats?fromStop=a&toStop=b HTTP/1.1\r\nHost: x\r\nIf-None-Match: W/"7"\r\nConnection: keep-alive\r\n\r\n';
export const HOLD = `POST /api/v1/slots/hamlet/bookings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

/** What means something to readers of HTTP, or is near to it. */
const PIECES = ' |\t|\r|\n|\r\n|\0|\x7f|\x80|\xff|:|: |,|/|?|#|%|"|;|0|1|9|+|-|0x|a|Z|\r\n\r\n|HTTP/1.1|GET /|POST /'.split('|');
const LINES = [
  'Host: y',
  'host: x',
  'Content-Length: 0',
  'Content-Length: 5',
  `Content-Length: ${BODY.length}`,
  'Content-Length : 3',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: identity',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: Upgrade',
  'Proxy-Connection: close',
  'Proxy-Connection: keep-alive',
  'Keep-Alive: timeout=1',
  'Upgrade: h2c',
  'Expect: 100-continue',
  'Expect: nothing',
  'TE: trailers',
  'Trailer: X-Note',
  'Cookie: a=b',
  'Set-Cookie: a=b',
  'Accept-Encoding: gzip',
  'X-Note: caf\xe9',
  'X-Note: \t a',
  'X-Note:',
  ' folded',
  '__proto__: x',
  'constructor: x',
];

type Mutation = (text: string, random: Random) => string;

const one = <T>(random: Random, of: readonly T[]): T => of[between(random, 0, of.length - 1)] as T;
const splice = (text: string, at: number, remove: number, put: string) => text.slice(0, at) + put + text.slice(at + remove);
const aPlace = (text: string, random: Random) => between(random, 0, Math.max(0, text.length - 1));
const byLines =
  (change: (lines: string[], at: number, random: Random) => void): Mutation =>
  (text, random) => {
    const lines = text.split('\r\n');
    change(lines, between(random, 0, lines.length - 1), random);
    return lines.join('\r\n');
  };

const MUTATIONS: readonly Mutation[] = [
  (text, random) => splice(text, aPlace(text, random), 1, String.fromCharCode(between(random, 0, 255))),
  (text, random) => splice(text, aPlace(text, random), 1, one(random, PIECES)),
  (text, random) => splice(text, aPlace(text, random), 0, one(random, PIECES)),
  (text, random) => splice(text, aPlace(text, random), between(random, 1, 3), ''),
  (text, random) => {
    const at = aPlace(text, random);
    return splice(text, at, 0, text.slice(at, at + between(random, 1, 40)));
  },
  (text, random) => {
    const at = aPlace(text, random);
    const letter = text.charAt(at);
    return splice(text, at, 1, letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase());
  },
  byLines((lines, at) => lines.splice(at, 1)),
  byLines((lines, at) => lines.splice(at, 0, lines[at] as string)),
  byLines((lines, at, random) => lines.splice(Math.max(1, at), 0, one(random, LINES))),
  byLines((lines, at, random) => lines.splice(Math.max(1, at), 1, one(random, LINES))),
  byLines((lines, at) => lines.push(...lines.splice(at, 1))),
];

/** A good read or hold with one to three things changed, and at times another one behind it; a byte for each character. */
export function mutant(random: Random): string {
  let text = random() < 0.5 ? READ : HOLD;
  for (let left = between(random, 1, 3); left > 0; left -= 1) text = one(random, MUTATIONS)(text, random);
  return random() < 0.1 ? text + one(random, [READ, HOLD]) : text;
}
