import { expect } from 'chai';
import type { RecordedEvent } from '../../src/eventstore/event-store.ts';
import { BATCH_EVENTS, batchesOf, millisecondsApart } from '../../src/projections/batches.ts';

const MEGABYTE = 1024 * 1024;

function recorded(position: number, bytes: number): RecordedEvent {
  const place = { position, streamId: 'slot-show', version: position, eventId: `event-${position}`, recordedAt: 0 };
  return { ...place, type: 'SlotChanged', schemaVersion: 1, data: 'x'.repeat(bytes), metadata: '{}', previousHash: '', hash: '' };
}

describe('the next batch of a read model', () => {
  it('is waited for a moment while some events come, and for longer in a rush', () => {
    expect(millisecondsApart(75, 50)).to.be.within(1, 50);
    expect(millisecondsApart(750, 50)).to.be.within(100, 200);
    expect(millisecondsApart(750, 150)).to.be.within(100, 200);
  });

  it('is not waited for longer because one was late, or comes after a quiet time', () => {
    expect(millisecondsApart(300, 200)).to.be.within(1, 50);
    expect(millisecondsApart(1_000, Number.POSITIVE_INFINITY)).to.be.within(1, 50);
  });

  it('is not waited for when there may be more of them than go into one', () => {
    expect(millisecondsApart(BATCH_EVENTS, 50)).to.equal(0);
  });
});

describe('events that are to be folded', () => {
  it('go into transactions of a few megabytes, in their order', () => {
    const records = Array.from({ length: 9 }, (_, index) => recorded(index + 1, 1.5 * MEGABYTE));
    const batches = batchesOf(records);
    expect(batches.flat()).to.deep.equal(records);
    expect(batches.map((batch) => batch.length)).to.deep.equal([2, 2, 2, 2, 1]);
  });

  it('are not split without need, and one that is larger than all bounds goes alone', () => {
    const small = [recorded(1, 100), recorded(2, 100)];
    expect(batchesOf([...small, recorded(3, 5 * MEGABYTE), recorded(4, 100)]).map((batch) => batch.length)).to.deep.equal([2, 1, 1]);
    expect(batchesOf([])).to.deep.equal([]);
  });
});
