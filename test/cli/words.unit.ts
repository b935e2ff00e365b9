import { expect } from 'chai';
import { describeEvent } from '../../src/cli/describe-event.ts';
import { clockOf, unitsInWords } from '../../src/cli/words.ts';

describe('a wall clock', () => {
  it('shows the zone’s own time, with a fraction only where there is one', () => {
    const clock = clockOf('America/New_York');
    expect(clock(Date.parse('2027-01-10T12:00:03Z'))).to.equal('2027-01-10 07:00:03');
    expect(clock(Date.parse('2027-07-10T12:00:03.045Z'))).to.equal('2027-07-10 08:00:03.045');
  });

  it('tells apart the two times of an hour that comes twice', () => {
    const clock = clockOf('Europe/London');
    expect(clock(Date.parse('2027-10-31T00:30:00Z'))).to.equal('2027-10-31 01:30:00 GMT+01:00');
    expect(clock(Date.parse('2027-10-31T01:30:00Z'))).to.match(/^2027-10-31 01:30:00 GMT(\+00:00)?$/);
    expect(clock(Date.parse('2027-10-31T02:30:00Z'))).to.equal('2027-10-31 02:30:00');
  });
});

describe('units in words', () => {
  it('have quantities where it is not one, and end before the line does', () => {
    expect(unitsInWords([{ unitId: 'A1' }, { unitId: 'yard', quantity: 3 }])).to.equal('A1, yard ×3');
    expect(unitsInWords(Array.from({ length: 15 }, (_, index) => ({ unitId: `A${index}` })))).to.match(/, A11 and 3 more$/);
    expect(unitsInWords([])).to.equal('nothing');
  });
});

describe('an event in words', () => {
  const place = { position: 1, streamId: 'slot-hamlet', version: 1, eventId: 'e', recordedAt: 0, hash: '', previousHash: '', metadata: {} };
  const closed = { ...place, type: 'SlotClosed', schemaVersion: 1, data: { reason: 'fog' } };

  it('is shown as it is stored where this release does not know what it says', () => {
    expect(describeEvent(closed)).to.equal('closed to new holds (fog)');
    expect(describeEvent({ ...closed, data: '{"reason":' })).to.equal(String.raw`"{\"reason\":"`);
    expect(describeEvent({ ...closed, schemaVersion: 99, data: { why: 'fog' } })).to.equal('{"why":"fog"}');
    expect(describeEvent({ ...closed, type: 'SlotFogged' })).to.equal('{"reason":"fog"}');
  });
});
