import { expect } from 'chai';
import { type Holder, Unread } from '../../../src/queries/live/unread.ts';

const KIB = 1024;

describe('what clients have not read, beyond its bound', () => {
  const cut: string[] = [];
  const client = (name: string): Holder => ({ cut: () => void cut.push(name) });

  beforeEach(() => {
    cut.length = 0;
  });

  it('ends those first who were sent something last the longest time ago, and no more of them than need be', () => {
    const unread = new Unread(30 * KIB);
    const popular = Buffer.alloc(10 * KIB);
    unread.hold(popular, client('first'));
    unread.hold(Buffer.alloc(10 * KIB), client('slow'));
    unread.hold(Buffer.alloc(10 * KIB), client('slower'));
    unread.hold(popular, client('new'));
    unread.hold(Buffer.alloc(KIB), client('last'));

    expect(cut).to.deep.equal(['slow']);
    expect(unread.bytes).to.equal(21 * KIB);
  });

  it('lets one piece be, however large it is', () => {
    const unread = new Unread(KIB);
    unread.hold(Buffer.alloc(10 * KIB), client('only'));
    expect([cut, unread.bytes]).to.deep.equal([[], 10 * KIB]);
  });

  it('forgets a piece when nobody is left who has not read it', () => {
    const unread = new Unread(KIB);
    const [piece, one, other] = [Buffer.alloc(KIB), client('one'), client('other')];
    unread.hold(piece, one);
    unread.hold(piece, other);
    unread.release(piece, one);
    expect(unread.bytes).to.equal(KIB);
    unread.release(piece, other);
    expect(unread.bytes).to.equal(0);
  });
});
