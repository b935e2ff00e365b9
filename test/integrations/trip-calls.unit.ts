import { expect } from 'chai';
import { readTripCalls } from '../../src/integrations/gtfs/trip-calls.ts';
import { heapInUse } from '../support/heap-in-use.ts';

/** A national feed has tens of millions; these come to some 40 MB as arrays of texts. */
const ROWS = 100_000;
const MIB = 1024 * 1024;

describe('the calls of a few trips of a large feed', () => {
  it('take the memory of those trips, beside the bytes of the file', function () {
    this.timeout(30_000);
    const others = Array.from({ length: ROWS }, (_, index) => `Other-${index},08:00:00,08:00:00,A,1,to nowhere ${index}`);
    const file = [
      'trip_id,arrival_time,departure_time,stop_id,stop_sequence,stop_headsign',
      'T,08:00:00,08:00:00,A,1,there',
      ...others,
      'T,09:00:00,09:00:00,B,2,there',
      'Last,09:00:00,09:00:00,B,2,there',
    ].join('\n');
    const before = heapInUse();
    let taken = Number.NaN;
    const calls = readTripCalls(
      new Map([['stop_times.txt', file]]),
      new Map([
        ['A', ''],
        ['B', ''],
      ]),
      (tripId) => {
        if (tripId === 'Last') taken = heapInUse() - before;
        return tripId === 'T';
      },
    );
    expect([...calls.keys()]).to.deep.equal(['T']);
    expect(calls.get('T')).to.have.property('calls').that.has.lengthOf(2);
    expect(taken).to.be.below(Buffer.byteLength(file) + 2 * MIB);
  });
});
