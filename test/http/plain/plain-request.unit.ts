import { expect } from 'chai';
import { PlainRequest, readPlainRequest } from '../../../src/http/plain/plain-request.ts';

const GOOD = 'GET /api/v1/slots/hamlet HTTP/1.1\r\nHost: x\r\n';

/** A good request with one more header line. */
const withLine = (line: string) => `${GOOD}${line}\r\n\r\n`;
const withValue = (value: string) => withLine(`X-Note: ${value}`);
const withTarget = (target: string) => `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;
const posted = (lines: readonly string[], body: string) =>
  `POST /a HTTP/1.1\r\nHost: x\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n${body}`;
const ofLength = (length: string, body: string) => posted([`Content-Length: ${length}`], body);
const controls = Array.from({ length: 32 }, (_, code) => code).filter((code) => code !== 9);
const ofHeadBytes = (bytes: number) => withValue('x'.repeat(bytes - withValue('').length));

/** What is read here, and as what. Texts are bytes: one for each character. */
const PLAIN: Readonly<Record<string, readonly [bytes: string, read: object]>> = {
  'a request with a host and no more': [withTarget('/'), { method: 'GET', url: '/', headers: { host: 'x' }, body: '' }],
  'a target with all that may stand in one': [
    withTarget("/a/~b.c-d_e%20f!$&'()*+,;=:@?g=h&i#j"),
    { method: 'GET', url: "/a/~b.c-d_e%20f!$&'()*+,;=:@?g=h&i#j", headers: { host: 'x' }, body: '' },
  ],
  'a target with two slashes': [withTarget('//y/a'), { method: 'GET', url: '//y/a', headers: { host: 'x' }, body: '' }],
  'names in any case, which become lower case': [
    'GET /a HTTP/1.1\r\nHOST: X\r\niF-nOnE-mAtCh: W/"7"\r\n\r\n',
    { method: 'GET', url: '/a', headers: { host: 'X', 'if-none-match': 'W/"7"' }, body: '' },
  ],
  'names of everything that is a token': [
    "GET /a HTTP/1.1\r\nHost: x\r\n1!#$%&'*+-.^_`|~Az: y\r\n\r\n",
    { method: 'GET', url: '/a', headers: { host: 'x', "1!#$%&'*+-.^_`|~az": 'y' }, body: '' },
  ],
  'a value in Latin-1': [
    'GET /a HTTP/1.1\r\nHost: x\r\nX-Note: caf\xe9 \x80\xff\r\n\r\n',
    { method: 'GET', url: '/a', headers: { host: 'x', 'x-note': 'caf\xe9 \x80\xff' }, body: '' },
  ],
  'a key in bytes of UTF-8, of which each is a character': [
    posted([`Idempotency-Key: ${Buffer.from('clé-票').toString('latin1')}`, 'Content-Length: 0'], ''),
    {
      method: 'POST',
      url: '/a',
      headers: { host: 'x', 'idempotency-key': 'cl\xc3\xa9-\xe7\xa5\xa8', 'content-length': '0' },
      body: '',
    },
  ],
  'a value with spaces, tabs, colons and commas inside': [
    'GET /a HTTP/1.1\r\nHost: x:80\r\nX-Note: a: b\t,  c\r\n\r\n',
    { method: 'GET', url: '/a', headers: { host: 'x:80', 'x-note': 'a: b\t,  c' }, body: '' },
  ],
  'POST without a length, which has no body': [posted([], ''), { method: 'POST', url: '/a', headers: { host: 'x' }, body: '' }],
  'a body of as many bytes as its length says': [
    ofLength('6', '{"\xc3\xa9"}'),
    { method: 'POST', url: '/a', headers: { host: 'x', 'content-length': '6' }, body: '{"\xc3\xa9"}' },
  ],
  'a body that looks like a request': [
    ofLength(String(withTarget('/b').length), withTarget('/b')),
    { method: 'POST', url: '/a', headers: { host: 'x', 'content-length': String(withTarget('/b').length) }, body: withTarget('/b') },
  ],
  'a length with noughts before it': [
    ofLength('0002', '{}'),
    { method: 'POST', url: '/a', headers: { host: 'x', 'content-length': '0002' }, body: '{}' },
  ],
  'keep-alive in any case': [
    withLine('Connection: Keep-ALIVE'),
    { method: 'GET', url: '/api/v1/slots/hamlet', headers: { host: 'x', connection: 'Keep-ALIVE' }, body: '' },
  ],
};

const LEFT: Readonly<Record<string, readonly string[]>> = {
  'no byte at all': [''],
  'less than a head': ['G', 'GET /a HTTP/1.1\r\n', GOOD, `${GOOD}\r`, '\r\n\r\n'],
  'no headers': ['GET /a HTTP/1.1\r\n\r\n'],
  'no host': ['GET /a HTTP/1.1\r\nX-Note: y\r\n\r\n', 'GET /a HTTP/1.1\r\nHost:\r\n\r\n', 'GET /a HTTP/1.1\r\nHost: \r\n\r\n'],
  'other versions': ['1.0', '2.0', '1.2', '0.9', '1.1 ', '1.10'].map((version) => `GET /a HTTP/${version}\r\nHost: x\r\n\r\n`),
  'another protocol': ['GET /a http/1.1\r\nHost: x\r\n\r\n', 'GET /a RTSP/1.0\r\nHost: x\r\n\r\n', 'GET /a\r\nHost: x\r\n\r\n'],
  'other methods': ['HEAD', 'OPTIONS', 'PATCH', 'DELETE', 'PUT', 'CONNECT', 'get', 'Post', 'GETS', ''].map(
    (method) => `${method} /a HTTP/1.1\r\nHost: x\r\n\r\n`,
  ),
  'a target that is no path': ['http://x/a', 'https://x/a', '*', 'x:80', 'a', '?a', ''].map(withTarget),
  'a target with other than visible ASCII': ['/a b', '/a\tb', '/caf\xe9', '/\x80', '/\x7f', '/\0', '/\v'].map(withTarget),
  'a request line with spaces elsewhere': [
    ' GET /a HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET  /a HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /a  HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET\t/a\tHTTP/1.1\r\nHost: x\r\n\r\n',
  ],
  'an empty line first': [`\r\n${withTarget('/a')}`, `\n${withTarget('/a')}`],
  'lines that end in LF alone': [
    withTarget('/a').replaceAll('\r\n', '\n'),
    'GET /a HTTP/1.1\nHost: x\r\n\r\n',
    'GET /a HTTP/1.1\r\nHost: x\nX-Note: y\r\n\r\n',
    'GET /a HTTP/1.1\r\nHost: x\r\n\n',
  ],
  'lines that end in CR alone': ['GET /a HTTP/1.1\rHost: x\r\n\r\n', 'GET /a HTTP/1.1\r\nHost: x\rX-Note: y\r\n\r\n', withValue('a\rb')],
  'a value over two lines': [withLine('X-Note: a\r\n b'), withLine('X-Note: a\r\n\tb'), ` ${GOOD}\r\n`],
  'white space before a colon': [withLine('X-Note : a'), withLine('X-Note\t: a'), 'GET /a HTTP/1.1\r\nHost : x\r\n\r\n'],
  'other than one space behind a colon': [withLine('X-Note:a'), withLine('X-Note:  a'), withLine('X-Note:\ta'), withLine('X-Note: \ta')],
  'a value without a character': [withLine('X-Note:'), withLine('X-Note: ')],
  'white space behind a value': [withLine('X-Note: a '), withLine('X-Note: a\t'), 'GET /a HTTP/1.1\r\nHost: x \r\n\r\n'],
  'a line that is no header': [
    withLine('X-Note'),
    withLine(': a'),
    withLine('X Note: a'),
    withLine('X-N\xf6te: a'),
    withLine('X(Note): a'),
  ],
  'control characters in a value': [...controls, 0x7f].flatMap((code) => {
    const character = String.fromCharCode(code);
    return [withValue(`a${character}b`), withValue(`${character}b`), withValue(`a${character}`)];
  }),
  'a header that was sent twice': [
    withLine('Host: x'),
    withLine('hOST: y'),
    withLine('X-Note: a\r\nx-note: a'),
    withLine('Cookie: a\r\nCookie: b'),
  ],
  'names of what every object has': ['__proto__', '__Proto__', 'constructor', 'Constructor'].map((name) => withLine(`${name}: a`)),
  'two lengths': [
    posted(['Content-Length: 2', 'Content-Length: 2'], '{}'),
    posted(['Content-Length: 2', 'content-length: 3'], '{}'),
    ofLength('2, 2', '{}'),
  ],
  'a length that is no number of a few digits': ['+2', '-2', '2 ', ' 2', '0x2', '2.0', '2e0', '2;', '\xb2', '0000002', '1000000'].map(
    (length) => ofLength(length, '{}'),
  ),
  'more than the length says': [ofLength('1', '{}'), ofLength('0', '{}'), posted([], '{}')],
  'GET with a length': [withLine('Content-Length: 0'), `${GOOD}Content-Length: 2\r\n\r\n{}`],
  'two requests': [withTarget('/a') + withTarget('/b'), ofLength('2', '{}') + ofLength('2', '{}'), `${withTarget('/a')}\r\n`],
  'a body in chunks': [
    posted(['Transfer-Encoding: chunked'], '2\r\n{}\r\n0\r\n\r\n'),
    posted(['transfer-encoding: identity'], ''),
    posted(['Content-Length: 2', 'Transfer-Encoding: chunked'], '{}'),
    posted(['TRANSFER-ENCODING: chunked', 'Content-Length: 5'], '0\r\n\r\n'),
  ],
  'headers that ask for more than an answer': [
    'Expect: 100-continue',
    'EXPECT: x',
    'Upgrade: websocket',
    'TE: trailers',
    'Trailer: x',
    'Set-Cookie: a=b',
  ].map(withLine),
  'a connection that does not stay as it is': ['close', 'Close', 'upgrade', 'keep-alive, close', 'keep-alive, TE', 'x', ','].map((value) =>
    withLine(`Connection: ${value}`),
  ),
  'the same by its name of old, which node:http heeds': ['close', 'keep-alive'].map((value) => withLine(`Proxy-Connection: ${value}`)),
  'a head of more than 8 KiB': [ofHeadBytes(8 * 1024 + 5), ofHeadBytes(100_000)],
};

function plainOf(bytes: string): PlainRequest {
  const request = readPlainRequest(Buffer.from(bytes, 'latin1'));
  if (!(request instanceof PlainRequest)) throw new Error(`${JSON.stringify(bytes)} is ${request}`);
  return request;
}

describe('a request that is read ahead of node:http', () => {
  for (const [name, [bytes, expected]] of Object.entries(PLAIN)) {
    it(`has ${name}`, () => {
      const request = plainOf(bytes);
      expect({ ...request, body: request.body.toString('latin1') }).to.deep.equal(expected);
    });
  }

  for (const [name, texts] of Object.entries(LEFT)) {
    it(`does not have ${name}`, () => {
      for (const text of texts) expect(readPlainRequest(Buffer.from(text, 'latin1')), JSON.stringify(text)).to.equal(null);
    });
  }

  it('is unfinished as long as a part of its body is missing, and there is nothing else in the way', () => {
    const read = (text: string) => readPlainRequest(Buffer.from(text, 'latin1'));
    const [{ method, url }, ...missing] = [plainOf(ofLength('2', '{}')), 2, 1];
    expect(['', '{'].map((body) => read(ofLength('2', body)))).to.deep.equal(missing.map((bytes) => ({ method, url, missing: bytes })));
    expect(read(ofLength('2', '{').slice(0, -2))).to.equal(null);
    expect(read(posted(['Content-Length: 2', 'Expect: 100-continue'], ''))).to.equal(null);
  });

  it('has a head of 8 KiB at most', () => {
    expect(plainOf(ofHeadBytes(8 * 1024 + 4)).method).to.equal('GET');
  });

  it('tells each value of a header, as node:http does', () => {
    expect(plainOf(withValue('a, b')).headersDistinct).to.deep.equal({ host: ['x'], 'x-note': ['a, b'] });
  });
});
