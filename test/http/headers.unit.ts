import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import { idempotencyKeyOf, ifMatchOf, isNotModified, positionOf, waitOf } from '../../src/http/headers.ts';
import { decodePosition, encodePosition } from '../../src/http/position.ts';
import { ProblemError } from '../../src/http/problem.ts';

function requestWith(headers: Readonly<Record<string, string>>): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  for (const [name, value] of Object.entries(headers)) {
    request.headers[name.toLowerCase()] = value;
    request.rawHeaders.push(name, value);
  }
  return request;
}

describe('an Idempotency-Key', () => {
  const keyOf = (value: string) => idempotencyKeyOf(requestWith({ 'Idempotency-Key': value }));

  it('is the same with and without quotes', () => {
    expect(keyOf('"k-1"')).to.equal('k-1');
    expect(keyOf(' k-1 ')).to.equal('k-1');
    expect(keyOf('"')).to.equal('"');
  });

  it('is read as UTF-8, and may have 255 characters', () => {
    expect(keyOf(Buffer.from('schlüssel').toString('latin1'))).to.equal('schlüssel');
    expect(keyOf('k'.repeat(255))).to.have.length(255);
  });

  it('is refused when it is not UTF-8, since two such keys could be taken for one', () => {
    for (const sent of [
      'order-M\xfcller',
      'order-M\xf6ller',
      'cut off: \xc3',
      'half a pair: \xed\xa0\x80',
      'longer than it need be: \xc0\xaf',
    ]) {
      expect(() => keyOf(sent), sent).to.throw(ProblemError, 'Header Idempotency-Key must be UTF-8.');
    }
  });

  for (const bad of ['""', 'k'.repeat(256), 'a\tb', Buffer.from('a\u200bb').toString('latin1')]) {
    it(`is not ${JSON.stringify(bad.slice(0, 10))}`, () => expect(() => keyOf(bad)).to.throw(ProblemError));
  }
});

describe('If-Match', () => {
  const ifMatch = (value: string) => ifMatchOf(requestWith({ 'If-Match': value }));

  for (const [tag, version] of [
    ['"12"', 12],
    ['W/"12"', 12],
    ['"12.3-0-1-0"', 12],
    ['W/"12.v2"', 12],
  ] as const) {
    it(`reads the version of ${tag}`, () => expect(ifMatch(tag)).to.deep.equal({ kind: 'version', version }));
  }

  it('may be any version, or absent', () => {
    expect(ifMatch('*')).to.deep.equal({ kind: 'any' });
    expect(ifMatchOf(requestWith({}))).to.deep.equal({ kind: 'absent' });
  });

  for (const bad of ['12', '"x"', '"12', '"1", "2"', '""']) {
    it(`is not ${bad}`, () => expect(() => ifMatch(bad)).to.throw(ProblemError));
  }
});

describe('If-None-Match', () => {
  const isSame = (value: string, etag: string) => isNotModified(requestWith({ 'If-None-Match': value }), etag);

  it('is met by the very tag, weak or not, alone or in a list, and by *', () => {
    for (const value of ['"12"', 'W/"12"', '"11", "12"', '*']) expect(isSame(value, '"12"'), value).to.equal(true);
  });

  it('is not met by another version or another form of the view', () => {
    for (const value of ['"11"', '"12.1"', '12']) expect(isSame(value, '"12"'), value).to.equal(false);
  });
});

describe('Prefer', () => {
  for (const [value, milliseconds] of [
    ['wait=5', 5_000],
    ['respond-async, wait=0', 0],
    ['wait=100', 10_000],
    ['wait="3"', 3_000],
    ['wait=soon', 2_000],
    ['foo=";wait=3"', 2_000],
    ['foo="a\\",wait=3", wait = 4', 4_000],
    ['wait=4, wait=5', 4_000],
    ['return=minimal; wait=5', 5_000],
    ['"wait=3', 2_000],
    ['await=9', 2_000],
  ] as const) {
    it(`waits ${milliseconds} ms for ${value}`, () => expect(waitOf(requestWith({ Prefer: value }))).to.equal(milliseconds));
  }

  it('waits two seconds when nothing is said', () => expect(waitOf(requestWith({}))).to.equal(2_000));
});

describe('a position', () => {
  it('comes back as it was given out', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/), (position, version, slotId) => {
        const place = { position, version, streamId: `slot-${slotId}` };
        expect(decodePosition(encodePosition(place))).to.deep.equal(place);
        expect(decodePosition(encodePosition({ position }))).to.deep.equal({ position });
      }),
    );
  });

  it('is refused when anything else is sent', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const place = decodePosition(text);
        if (place !== null) expect(encodePosition(place)).to.equal(text);
      }),
    );
    expect(() => positionOf(requestWith({ 'Holdfast-Position': 'garbled' }))).to.throw(ProblemError);
  });
});
