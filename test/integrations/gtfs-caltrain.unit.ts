import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readFeedFiles } from '../../src/integrations/gtfs/feed-files.ts';
import { readTimetable, type Timetable } from '../../src/integrations/gtfs/timetable.ts';
import type { TripSlot } from '../../src/integrations/gtfs/trip-slot.ts';
import { expectLayoutBody, expectSlotBody } from '../support/import-bodies.ts';
import { sharedData } from '../support/shared-data.ts';

const OPTIONS = { from: { year: 2019, month: 10, day: 7 }, days: 7, seatsPerTrip: 600, pricePerStop: 75, currency: null, prefix: 'gtfs' };

/** The feed's files have no quotes and no commas in values, so that splitting at commas reads them right. */
function naiveRows(folder: string, file: string): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(join(folder, file), 'utf8').trim().split('\n');
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, index) => [names[index] ?? '', value])));
}

/** Walks each service's own days, where the importer asks each day for its services. */
function tripsPerDayCountedApart(folder: string): Map<string, number> {
  const daysOf = new Map<string, Set<string>>();
  for (const row of naiveRows(folder, 'calendar.txt')) {
    const days = new Set<string>();
    const text = (row.start_date ?? '').replace(/(....)(..)(..)/, '$1-$2-$3T12:00:00Z');
    for (const day = new Date(text); ; day.setUTCDate(day.getUTCDate() + 1)) {
      const compact = day.toISOString().slice(0, 10).replaceAll('-', '');
      if (compact > (row.end_date ?? '')) break;
      const weekday = day.toLocaleDateString('en-US', { weekday: 'long', timeZone: 'UTC' }).toLowerCase();
      if (row[weekday] === '1') days.add(compact);
    }
    daysOf.set(row.service_id ?? '', days);
  }
  for (const { service_id = '', date = '', exception_type } of naiveRows(folder, 'calendar_dates.txt')) {
    if (exception_type === '1') daysOf.get(service_id)?.add(date);
    else daysOf.get(service_id)?.delete(date);
  }
  const counts = new Map<string, number>();
  for (const { service_id = '' } of naiveRows(folder, 'trips.txt')) {
    for (const day of daysOf.get(service_id) ?? []) counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  return counts;
}

describe('a railway timetable of 2019, taken for seven days', () => {
  let folder: string;
  let timetable: Timetable;
  let slots: Map<string, TripSlot>;

  before(function () {
    folder = sharedData(this, 'gtfs-caltrain');
    timetable = readTimetable(readFeedFiles(folder), OPTIONS);
    slots = new Map([...timetable.slots('layout')].map((slot) => [slot.slotId, slot]));
  });

  const stopsOf = (slotId: string) => {
    const axis = slots.get(slotId)?.axis;
    return axis?.type === 'stops' ? axis.stops : [];
  };

  it('has as many trips on each day as an independent count of the calendars says', () => {
    const counted = tripsPerDayCountedApart(folder);
    const perDay = new Map<string, number>();
    for (const { metadata } of slots.values()) perDay.set(metadata?.serviceDay ?? '', (perDay.get(metadata?.serviceDay ?? '') ?? 0) + 1);
    const days = ['20191007', '20191008', '20191009', '20191010', '20191011', '20191012', '20191013'];
    expect([...perDay]).to.deep.equal(days.map((day) => [day, counted.get(day)]));
    // The figures themselves, so that two counts that are wrong alike are noticed: 92 on weekdays, 46 + 4 on Saturday, 46 on Sunday.
    expect([...perDay.values()]).to.deep.equal([92, 92, 92, 92, 92, 50, 46]);
    expect(timetable.total).to.equal(556);
    expect(timetable.skipped).to.deep.equal([]);
  });

  it('has the trip that is added for one day, on that day alone', () => {
    const october = readTimetable(readFeedFiles(folder), { ...OPTIONS, from: { year: 2019, month: 10, day: 26 }, days: 3 });
    const special = [...october.slots('layout')].filter(({ metadata }) => metadata?.serviceId === 'c_17845_b_none_d_127');
    expect(special.map(({ metadata }) => metadata?.serviceDay)).to.deep.equal(['20191027']);
  });

  it('has every call of every trip, in order of time', () => {
    const calls = naiveRows(folder, 'stop_times.txt');
    for (const { slotId, reference } of slots.values()) {
      const expected = calls
        .filter(({ trip_id }) => trip_id === reference)
        .sort((a, b) => Number(a.stop_sequence) - Number(b.stop_sequence));
      expect(
        stopsOf(slotId).map(({ stopId }) => stopId),
        slotId,
      ).to.deep.equal(expected.map(({ stop_id }) => stop_id));
    }
  });

  it('reads times in the zone of the railway, past midnight on the service day', () => {
    // 09:51 on a Saturday in October, Pacific daylight time, is 16:51 UTC.
    expect(stopsOf('gtfs-801-20191012')[0]).to.include({ stopId: '70261', departsAt: '2019-10-12T16:51:00Z' });
    // Train 198 of Monday leaves at 24:05 and arrives at 25:42: five past midnight and 01:42 on Tuesday.
    expect(stopsOf('gtfs-198-20191007')[0]).to.include({ stopId: '70012', departsAt: '2019-10-08T07:05:00Z' });
    expect(stopsOf('gtfs-198-20191007').at(-1)).to.include({ stopId: '70262', arrivesAt: '2019-10-08T08:42:00Z' });
    // Train 443 of Saturday passes midnight under way: 24:03 and 24:14.
    expect(stopsOf('gtfs-443-20191012').slice(-2)).to.deep.include.members([
      { stopId: '70021', name: '22nd Street Caltrain', arrivesAt: '2019-10-13T07:03:00Z', departsAt: '2019-10-13T07:03:00Z' },
      { stopId: '70011', name: 'San Francisco Caltrain', arrivesAt: '2019-10-13T07:14:00Z', departsAt: '2019-10-13T07:14:00Z' },
    ]);
  });

  it('keeps wall-clock times on the day when clocks go back, 3 November', () => {
    const november = readTimetable(readFeedFiles(folder), { ...OPTIONS, from: { year: 2019, month: 11, day: 2 }, days: 2 });
    const trips = [...november.slots('layout')].map(expectSlotBody);
    const firstDeparture = new Map(trips.map(({ slotId, startsAt }) => [slotId, startsAt]));
    const lastArrival = new Map(trips.map(({ slotId, endsAt }) => [slotId, endsAt]));
    // 09:51 is 16:51 UTC in daylight time on Saturday, and 17:51 UTC in standard time on Sunday.
    expect(firstDeparture.get('gtfs-801-20191102')).to.equal(Date.parse('2019-11-02T16:51:00Z'));
    expect(firstDeparture.get('gtfs-801-20191103')).to.equal(Date.parse('2019-11-03T17:51:00Z'));
    // 24:05 on Saturday is 00:05 on Sunday, still daylight time.
    expect(firstDeparture.get('gtfs-444-20191102')).to.equal(Date.parse('2019-11-03T07:05:00Z'));
    // 25:45 on Saturday is 01:45 on Sunday, the first of two.
    expect(lastArrival.get('gtfs-444-20191102')).to.equal(Date.parse('2019-11-03T08:45:00Z'));
  });

  it('yields bodies that the service takes, trains and buses told apart', () => {
    expectLayoutBody(timetable.layout);
    expect(timetable.layout.units).to.have.lengthOf(600);
    const typeOfRoute = new Map(naiveRows(folder, 'routes.txt').map(({ route_id, route_type }) => [route_id, route_type]));
    const typeOfTrip = new Map(naiveRows(folder, 'trips.txt').map(({ trip_id, route_id }) => [trip_id, typeOfRoute.get(route_id)]));
    const seen = new Set<string>();
    for (const slot of slots.values()) {
      const command = expectSlotBody(slot);
      expect(command.policy.acceptPast).to.equal(true);
      expect(command.category).to.equal({ 2: 'train', 3: 'bus' }[Number(typeOfTrip.get(slot.reference ?? ''))]);
      seen.add(command.category);
    }
    expect([...seen].sort()).to.deep.equal(['bus', 'train']);
    const first = slots.get('gtfs-323-20191007');
    expect(first).to.include({ title: 'Baby Bullet to San Francisco Caltrain Station', currency: 'USD', timeZone: 'America/Los_Angeles' });
    expect(first?.prices).to.deep.equal({ seat: 75 });
  });
});
