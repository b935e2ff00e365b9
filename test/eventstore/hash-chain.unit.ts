import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { CHAIN_START, chainHash } from '../../src/eventstore/hash-chain.ts';

const EVENT = {
  streamId: 'slot-ü',
  version: 12,
  eventId: 'b5a6f3b4-9a1b-4f0e-8c8e-0b1a6c1f2d3e',
  type: 'SeatsHeld',
  schemaVersion: 1,
  data: '{"a":1}',
  metadata: '{}',
};

describe('the hash of an event', () => {
  it('covers the previous hash and seven fields, each behind its length in bytes', () => {
    const text = '7:slot-ü2:1236:b5a6f3b4-9a1b-4f0e-8c8e-0b1a6c1f2d3e9:SeatsHeld1:17:{"a":1}2:{}';
    const bytes = Buffer.concat([Buffer.alloc(32), Buffer.from(text, 'utf8')]);

    expect(chainHash(CHAIN_START, EVENT)).to.equal(createHash('sha256').update(bytes).digest('hex'));
  });

  it('changes with the previous hash and with every field', () => {
    const changed = [
      { ...EVENT, streamId: 'slot-u' },
      { ...EVENT, version: 13 },
      { ...EVENT, eventId: 'b5a6f3b4-9a1b-4f0e-8c8e-0b1a6c1f2d3f' },
      { ...EVENT, type: 'SeatsSold' },
      { ...EVENT, schemaVersion: 2 },
      { ...EVENT, data: '{"a":2}' },
      { ...EVENT, metadata: '{ }' },
    ];
    const hashes = [EVENT, ...changed].map((event) => chainHash(CHAIN_START, event)).concat(chainHash('01'.repeat(32), EVENT));

    expect(new Set(hashes).size).to.equal(changed.length + 2);
  });

  it('is another one when text moves from one field to the next', () => {
    const one = chainHash(CHAIN_START, { ...EVENT, data: '{}1', metadata: '2' });
    const other = chainHash(CHAIN_START, { ...EVENT, data: '{}', metadata: '12' });

    expect(one).not.to.equal(other);
  });
});
