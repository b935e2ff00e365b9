import { expect } from 'chai';
import { remembered } from '../../src/http/remembered.ts';
import { writtenOf } from '../../src/http/written.ts';

describe('an answer as bytes', () => {
  it('is written out once for the same object, and anew for another one like it', () => {
    let written = 0;
    const write = (value: { readonly a: string }) => {
      written += 1;
      return JSON.stringify({ b: value.a });
    };
    const answer = { a: 'é' };
    const { bytes } = writtenOf(answer, write, 'memory');

    expect(bytes.toString('utf8')).to.equal('{"b":"é"}');
    expect(writtenOf(answer, write, 'memory').bytes).to.equal(bytes);
    expect(written).to.equal(1);
    expect(answer).to.deep.equal({ a: 'é' });
    expect(writtenOf({ ...answer }, write, 'memory').bytes).to.deep.equal(bytes);
    expect(written).to.equal(2);
  });
});

describe('a text that is read again and again', () => {
  let read: string[];
  let reader: (text: string) => { readonly text: string };

  beforeEach(() => {
    read = [];
    reader = remembered((text) => {
      read.push(text);
      if (text === 'bad') throw new Error('bad');
      return { text };
    });
  });

  it('is read once', () => {
    expect(reader('a')).to.equal(reader('a'));
    expect(reader('b')).to.deep.equal({ text: 'b' });
    expect(read).to.deep.equal(['a', 'b']);
  });

  it('is refused each time when it is wrong', () => {
    expect(() => reader('bad')).to.throw('bad');
    expect(() => reader('bad')).to.throw('bad');
  });

  it('is forgotten when there are too many others, and never kept when it is long', () => {
    reader('a');
    for (let n = 0; n < 1_000; n += 1) reader(`other ${n}`);
    reader('a');
    const long = 'x'.repeat(300);
    reader(long);
    reader(long);

    expect(read.filter((text) => text === 'a')).to.have.length(2);
    expect(read.filter((text) => text === long)).to.have.length(2);
  });
});
