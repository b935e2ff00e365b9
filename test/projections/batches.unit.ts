import { expect } from 'chai';
import type { RecordedEvent } from '../../src/eventstore/event-store.ts';
import { BATCH_EVENTS, BatchPace, batchesOf } from '../../src/projections/batches.ts';

const MEGABYTE = 1024 * 1024;

function recorded(position: number, bytes: number): RecordedEvent {
  const place = { position, streamId: 'slot-show', version: position, eventId: `event-${position}`, recordedAt: 0 };
  return { ...place, type: 'SlotChanged', schemaVersion: 1, data: 'x'.repeat(bytes), metadata: '{}', previousHash: '', hash: '' };
}

describe('the next batch of a read model', () => {
  /** @returns milliseconds until the next one, after a second of batches of so many events. */
  function apartAfter(pace: BatchPace, events: number, milliseconds: number): number {
    let apart = 0;
    for (let begun = 0; begun <= 1_000; begun += milliseconds) apart = pace.millisecondsApart(events, begun);
    return apart;
  }

  it('is waited for a moment while some events come, and for longer in a rush, which is told by their rate', () => {
    expect(apartAfter(new BatchPace(), 75, 50)).to.be.within(1, 50);
    expect(apartAfter(new BatchPace(), 750, 50)).to.be.within(100, 200);
    expect(apartAfter(new BatchPace(), 750, 150)).to.be.within(100, 200);
    expect(apartAfter(new BatchPace(), 225, 150), 'no rush, were they gathered for as long').to.be.within(1, 50);
  });

  it('is not waited for longer because events were held up for a moment, or come after a quiet time', () => {
    const pace = new BatchPace();
    expect(pace.millisecondsApart(1_000, 0)).to.be.within(1, 50);
    apartAfter(pace, 75, 50);
    expect(pace.millisecondsApart(200, 1_050)).to.be.within(1, 50);
    expect(pace.millisecondsApart(1_500, 60_000)).to.be.within(1, 50);
  });

  it('is not waited for when there may be more of them than go into one', () => {
    expect(apartAfter(new BatchPace(), BATCH_EVENTS, 50)).to.equal(0);
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
