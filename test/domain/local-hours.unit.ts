import { expect } from 'chai';
import { localDateAt, localHoursOver } from '../../src/domain/local-hours.ts';
import { DAY, HOUR } from '../support/slot-builders.ts';

/** The hours of a local day that begins at the instant, as `hour` or `hour (minutes)` where it is not a whole one. */
function day(begins: string, timeZone: string, hours: number): readonly string[] {
  const from = Date.parse(begins);
  return localHoursOver({ from, to: from + hours * HOUR }, timeZone).map(({ hour, from: start, to }) =>
    to - start === HOUR ? String(hour) : `${hour} (${(to - start) / 60_000} min)`,
  );
}

const ALL = Array.from({ length: 24 }, (_, hour) => String(hour));

describe('local hours', () => {
  it('are 24 on an ordinary day, 23 when clocks go forward, 25 when they go back', () => {
    expect(day('2027-01-15T00:00:00Z', 'Europe/London', 24)).to.deep.equal(ALL);
    expect(day('2027-03-28T00:00:00Z', 'Europe/London', 23)).to.deep.equal(ALL.filter((hour) => hour !== '1'));
    expect(day('2027-10-30T23:00:00Z', 'Europe/London', 25)).to.deep.equal(['0', '1', ...ALL.slice(1)]);
    expect(day('2027-11-07T04:00:00Z', 'America/New_York', 25)).to.deep.equal(['0', '1', ...ALL.slice(1)]);
  });

  it('begin at other minutes of UTC in zones that are half or three quarters of an hour off', () => {
    const [first] = localHoursOver({ from: Date.parse('2027-01-15T00:00:00Z'), to: Date.parse('2027-01-15T00:00:01Z') }, 'Asia/Kolkata');
    expect(first).to.deep.equal({
      from: Date.parse('2027-01-14T23:30:00Z'),
      to: Date.parse('2027-01-15T00:30:00Z'),
      date: '2027-01-15',
      hour: 5,
    });
    expect(day('2027-01-14T18:15:00Z', 'Asia/Kathmandu', 24)).to.deep.equal(ALL);
  });

  it('are cut where clocks are changed by half an hour', () => {
    // Lord Howe goes from 2:00 back to 1:30 and from 2:00 forward to 2:30.
    expect(day('2027-04-03T13:00:00Z', 'Australia/Lord_Howe', 3)).to.deep.equal(['0', '1', '1 (30 min)', '2']);
    expect(day('2027-10-02T13:30:00Z', 'Australia/Lord_Howe', 3)).to.deep.equal(['0', '1', '2 (30 min)', '3']);
  });

  it('follow one another without a gap over years, in any zone, and each shows one hour of one day', () => {
    for (const timeZone of ['Europe/London', 'Africa/Casablanca', 'Pacific/Apia', 'America/St_Johns', 'Pacific/Chatham', 'Asia/Tehran']) {
      const from = Date.parse('2011-12-25T10:20:00Z');
      const hours = localHoursOver({ from, to: from + 800 * DAY }, timeZone);
      const clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
      for (const [index, hour] of hours.entries()) {
        const previous = hours[index - 1];
        if (previous !== undefined && previous.to !== hour.from) expect.fail(`gap before ${new Date(hour.from).toISOString()}`);
        const shown = `${hour.date} ${String(hour.hour).padStart(2, '0')}`;
        for (const at of [hour.from, hour.to - 1])
          if (!clock.format(at).startsWith(shown)) expect.fail(`${clock.format(at)} is not ${shown} in ${timeZone}`);
        if (hour.to - hour.from > HOUR) expect.fail(`${shown} is too long`);
      }
      expect(hours.length).to.be.greaterThan(800 * 24 - 1);
    }
  });
});

describe('the date of a zone', () => {
  it('changes at local midnight', () => {
    const at = (instant: string, timeZone: string) => localDateAt(Date.parse(instant), timeZone);
    expect(at('2027-01-15T23:59:59.999Z', 'UTC')).to.equal('2027-01-15');
    expect(at('2027-07-15T23:00:00Z', 'Europe/London')).to.equal('2027-07-16');
    expect(at('2027-07-15T22:59:59.999Z', 'Europe/London')).to.equal('2027-07-15');
    expect(at('2027-01-15T04:59:59Z', 'America/New_York')).to.equal('2027-01-14');
    expect(at('2011-12-30T09:59:59Z', 'Pacific/Apia'), 'the day that Samoa left out').to.equal('2011-12-29');
    expect(at('2011-12-30T10:00:00Z', 'Pacific/Apia')).to.equal('2011-12-31');
  });

  it('needs a zone that there is', () => {
    expect(() => localDateAt(0, 'Mars/Olympus')).to.throw(RangeError);
  });
});
