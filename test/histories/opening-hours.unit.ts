import { expect } from 'chai';
import type { HeadAccount } from './head-account.ts';
import type { Json } from './history.ts';
import { at, bookingRequest, claim, get, held, MadeHistory, opened, POLICY, post, requested, T0 } from './made-history.ts';
import { keepsOpeningHours, type OpenHours, wallClock } from './opening-hours.ts';

const WEEK = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const WORKDAYS = WEEK.slice(0, 5);
const HOUR = 3_600_000;

/** Whether a slot with these hours lets a customer have a unit between two instants. */
function isLet(timeZone: string, opening: readonly OpenHours[] | undefined, from: string, to: string): boolean {
  const axis = { type: 'time', bufferMinutes: 0, ...(opening === undefined ? {} : { opening }) };
  return keepsOpeningHours({ axis, timeZone } as HeadAccount, { from: Date.parse(from), to: Date.parse(to) });
}

describe('the clocks of a zone', () => {
  const shows = (instant: string, timeZone: string) => {
    const { day, minute } = wallClock(Date.parse(instant), timeZone);
    return `${day} ${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`;
  };

  it('show the day and the minute that people there read', () => {
    expect(shows('2027-01-10T23:59:59.999Z', 'UTC')).to.equal('SU 23:59');
    expect(shows('2027-01-10T20:00:00Z', 'Asia/Kolkata')).to.equal('MO 1:30');
    expect(shows('2027-01-10T02:00:00Z', 'America/St_Johns')).to.equal('SA 22:30');
    expect(shows('2027-01-10T12:00:00Z', 'Pacific/Kiritimati')).to.equal('MO 2:00');
  });

  it('leap forward on a Sunday in March, and stand still for an hour in October', () => {
    expect(shows('2027-03-28T00:59:59Z', 'Europe/London')).to.equal('SU 0:59');
    expect(shows('2027-03-28T01:00:00Z', 'Europe/London')).to.equal('SU 2:00');
    expect(shows('2027-10-31T00:30:00Z', 'Europe/London')).to.equal('SU 1:30');
    expect(shows('2027-10-31T01:30:00Z', 'Europe/London')).to.equal('SU 1:30');
    expect(shows('2027-04-03T15:15:00Z', 'Australia/Lord_Howe')).to.equal('SU 1:45');
  });
});

describe('opening hours', () => {
  const shop: readonly OpenHours[] = [{ days: WORKDAYS, from: '08:00', to: '20:00' }];

  it('let whatever is asked for where there are none', () => {
    expect(isLet('UTC', undefined, '2027-01-10T03:00:00Z', '2027-01-10T04:00:00Z')).to.equal(true);
    expect(isLet('UTC', [], '2027-01-11T12:00:00Z', '2027-01-11T13:00:00Z')).to.equal(false);
  });

  it('bind where a span begins and where it ends, not what lies between', () => {
    expect(isLet('UTC', shop, '2027-01-11T08:00:00Z', '2027-01-11T09:00:00Z')).to.equal(true);
    expect(isLet('UTC', shop, '2027-01-11T07:59:59Z', '2027-01-11T09:00:00Z')).to.equal(false);
    expect(isLet('UTC', shop, '2027-01-11T19:00:00Z', '2027-01-12T09:00:00Z')).to.equal(true);
    expect(isLet('UTC', shop, '2027-01-15T19:00:00Z', '2027-01-16T09:00:00Z')).to.equal(false);
    expect(isLet('UTC', shop, '2027-01-15T19:00:00Z', '2027-01-18T09:00:00Z')).to.equal(true);
  });

  it('let a span end at the very instant of closing and of opening, and begin at that of opening alone', () => {
    expect(isLet('UTC', shop, '2027-01-11T19:00:00Z', '2027-01-11T20:00:00Z')).to.equal(true);
    expect(isLet('UTC', shop, '2027-01-11T19:00:00Z', '2027-01-11T20:00:00.001Z')).to.equal(false);
    expect(isLet('UTC', shop, '2027-01-11T19:00:00Z', '2027-01-12T08:00:00Z')).to.equal(true);
    expect(isLet('UTC', shop, '2027-01-11T19:00:00Z', '2027-01-12T07:59:00Z')).to.equal(false);
    expect(isLet('UTC', shop, '2027-01-11T20:00:00Z', '2027-01-12T09:00:00Z')).to.equal(false);
  });

  it('last to the end of a day, and may be several on one', () => {
    const split: readonly OpenHours[] = [
      { days: ['MO'], from: '00:00', to: '06:00' },
      { days: ['MO'], from: '22:00', to: '24:00' },
    ];
    expect(isLet('UTC', split, '2027-01-11T23:59:59Z', '2027-01-12T00:00:00Z')).to.equal(true);
    expect(isLet('UTC', split, '2027-01-11T00:00:00Z', '2027-01-11T22:30:00Z')).to.equal(true);
    expect(isLet('UTC', split, '2027-01-11T05:00:00Z', '2027-01-11T07:00:00Z')).to.equal(false);
  });

  it('are those of the zone that the slot names', () => {
    expect(isLet('America/New_York', shop, '2027-01-11T13:00:00Z', '2027-01-12T01:00:00Z')).to.equal(true);
    expect(isLet('America/New_York', shop, '2027-01-11T12:59:00Z', '2027-01-12T01:00:00Z')).to.equal(false);
    expect(isLet('Asia/Kolkata', shop, '2027-01-11T02:30:00Z', '2027-01-11T14:30:00Z')).to.equal(true);
    expect(isLet('Asia/Kolkata', shop, '2027-01-11T02:00:00Z', '2027-01-11T14:30:00Z')).to.equal(false);
  });

  it('follow the clocks when they are changed: an hour is lost in spring, and one comes twice in autumn', () => {
    const early: readonly OpenHours[] = [{ days: WEEK, from: '01:00', to: '02:00' }];
    const late: readonly OpenHours[] = [{ days: WEEK, from: '02:00', to: '03:00' }];
    // 2027-03-28 in London: from one o'clock it is two o'clock.
    expect(isLet('Europe/London', early, '2027-03-28T01:00:00Z', '2027-03-28T01:30:00Z')).to.equal(false);
    expect(isLet('Europe/London', late, '2027-03-28T01:00:00Z', '2027-03-28T02:00:00Z')).to.equal(true);
    expect(isLet('Europe/London', late, '2027-03-28T02:00:00Z', '2027-03-29T01:30:00Z')).to.equal(false);
    // 2027-10-31 in London: at two o'clock it is one o'clock again.
    expect(isLet('Europe/London', early, '2027-10-31T00:00:00Z', '2027-10-31T02:00:00Z')).to.equal(true);
    expect(isLet('Europe/London', early, '2027-10-31T01:59:00Z', '2027-10-31T02:00:00Z')).to.equal(true);
    expect(isLet('Europe/London', late, '2027-10-31T01:00:00Z', '2027-10-31T02:30:00Z')).to.equal(false);
    // The same hours a day later, an hour earlier for who counts in UTC.
    const shopDaily: readonly OpenHours[] = [{ days: WEEK, from: '08:00', to: '20:00' }];
    expect(isLet('Europe/London', shopDaily, '2027-03-27T07:30:00Z', '2027-03-27T09:00:00Z')).to.equal(false);
    expect(isLet('Europe/London', shopDaily, '2027-03-28T07:30:00Z', '2027-03-28T09:00:00Z')).to.equal(true);
  });
});

describe('a car that is fetched on Mondays between eight and nine', () => {
  /** T0 is a Sunday at noon. */
  const monday = (hour: number) => 12 + hour;
  const span = (from: number, to: number) => ({ span: { from: at(from * 3600), to: at(to * 3600) } });

  function car(): MadeHistory {
    const history = new MadeHistory();
    const axis = { type: 'time', bufferMinutes: 0, opening: [{ days: ['MO'], from: '08:00', to: '09:00' }] };
    const unit = { unitId: '1', category: 'car', price: 100 };
    history.log('show', 'SlotOpened', opened({ axis, units: [unit], startsAt: null, endsAt: null }));
    return history;
  }

  function rent(history: MadeHistory, from: number, to: number): MadeHistory {
    const taken = claim('1', 1, { from: T0 + from * HOUR, to: T0 + to * HOUR, price: 100, amount: 100 });
    history.log('show', 'BookingRequested', requested('show.a', 'zoe', [taken]));
    history.log('show', 'SeatsHeld', held('show.a', 'zoe', [taken], history.seconds));
    history.lose('zoe', bookingRequest('show.a', 'zoe', { units: ['1'], ...span(from, to) }));
    return history;
  }

  const faultsOf = (history: MadeHistory) =>
    history
      .check()
      .faults.map(({ what }) => what)
      .join('\n');
  const refused = (wish: Json) => {
    const history = car();
    history.ask('yan', bookingRequest('show.y', 'yan', { units: ['1'], ...wish }), 422, { code: 'span-invalid' });
    return faultsOf(history);
  };

  it('is rented then, and not on Tuesday', () => {
    expect(faultsOf(rent(car(), monday(8), monday(9)))).to.equal('');
    expect(faultsOf(rent(car(), monday(24), monday(26)))).to.include('takes units outside the opening hours');
  });

  it('is refused on Tuesday, and not then', () => {
    expect(refused(span(monday(24), monday(26)))).to.equal('');
    expect(refused(span(monday(8), monday(9)))).to.include('the span fits the slot');
  });

  it('may be blocked whenever an operator likes', () => {
    const history = car();
    const body = { units: ['1'], ...span(monday(24), monday(26)) };
    history.ask('operator', post('/slots/show/units/block', body), 422, { code: 'span-invalid' });
    expect(faultsOf(history)).to.include('the span fits the slot');
  });

  it('is looked at then, and not on Tuesday', () => {
    const read = (from: number, to: number, status: number, body: Json) => {
      const history = car();
      const query = new URLSearchParams(span(from, to).span);
      history.ask('erin', get(`/slots/show/seats?${query}`), status, body);
      return faultsOf(history);
    };
    const units = { slotId: 'show', version: 1, units: [{ unitId: '1', price: 100, status: 'free' }] };

    expect(read(monday(8), monday(9), 200, units)).to.equal('');
    expect(read(monday(24), monday(26), 422, { code: 'span-invalid' })).to.equal('');
    expect(read(monday(24), monday(26), 200, units)).to.include('its span lies outside the opening hours');
    expect(read(monday(8), monday(9), 422, { code: 'span-invalid' })).to.include('the span fits the slot');
  });

  it('is not rented from now on once that was a while ago, unless the slot accepts what is past', () => {
    const late = (more: Json, minutes: number) => {
      const history = new MadeHistory();
      const unit = { unitId: '1', category: 'car', price: 100 };
      const axis = { type: 'time', bufferMinutes: 0 };
      history.log('show', 'SlotOpened', opened({ axis, units: [unit], startsAt: null, endsAt: null, ...more }));
      history.seconds = 3600 + minutes * 60;
      return faultsOf(rent(history, 1, 2));
    };

    expect(late({}, 5)).to.equal('');
    expect(late({}, 6)).to.include('takes units of what is over');
    expect(late({ policy: { ...POLICY, acceptPast: true } }, 6)).to.equal('');
  });
});
