import { expect } from 'chai';
import { isTimeZone, localTimeAt } from '../../src/domain/local-time.ts';

const clock = (instant: string, timeZone: string) => {
  const { weekday, minuteOfDay } = localTimeAt(Date.parse(instant), timeZone);
  return `${weekday} ${Math.floor(minuteOfDay / 60)}:${String(minuteOfDay % 60).padStart(2, '0')}`;
};

describe('the clock of a zone', () => {
  it('shows the local day and minute', () => {
    expect(clock('2027-01-15T23:59:59.999Z', 'UTC')).to.equal('FR 23:59');
    expect(clock('2027-01-16T00:00:00Z', 'UTC')).to.equal('SA 0:00');
    expect(clock('2027-01-15T19:00:00Z', 'Asia/Kolkata')).to.equal('SA 0:30');
    expect(clock('2027-01-15T04:00:00Z', 'America/New_York')).to.equal('TH 23:00');
  });

  it('skips an hour in spring', () => {
    expect([clock('2027-03-28T00:59:00Z', 'Europe/London'), clock('2027-03-28T01:00:00Z', 'Europe/London')]).to.deep.equal([
      'SU 0:59',
      'SU 2:00',
    ]);
    expect([clock('2027-03-14T06:59:00Z', 'America/New_York'), clock('2027-03-14T07:00:00Z', 'America/New_York')]).to.deep.equal([
      'SU 1:59',
      'SU 3:00',
    ]);
  });

  it('shows an hour twice in autumn', () => {
    expect([clock('2027-10-31T00:30:00Z', 'Europe/London'), clock('2027-10-31T01:30:00Z', 'Europe/London')]).to.deep.equal([
      'SU 1:30',
      'SU 1:30',
    ]);
    expect([clock('2027-11-07T05:30:00Z', 'America/New_York'), clock('2027-11-07T06:30:00Z', 'America/New_York')]).to.deep.equal([
      'SU 1:30',
      'SU 1:30',
    ]);
  });

  it('is known by the names of the IANA alone', () => {
    expect(['Europe/London', 'UTC', 'Mars/Olympus', ''].map(isTimeZone)).to.deep.equal([true, true, false, false]);
    expect(() => localTimeAt(0, 'Mars/Olympus')).to.throw(RangeError);
  });
});
