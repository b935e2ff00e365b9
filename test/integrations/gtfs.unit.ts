import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { strToU8, zipSync } from 'fflate';
import { readFeedFiles } from '../../src/integrations/gtfs/feed-files.ts';
import { readTimetable, type Timetable } from '../../src/integrations/gtfs/timetable.ts';
import type { TripOptions } from '../../src/integrations/gtfs/trip.ts';
import { InputError } from '../../src/integrations/input-error.ts';
import { expectSlotBody } from '../support/import-bodies.ts';

/** A feed of one line, every day of 2027, in London; texts replace or add files, null removes one. */
function feed(changes: Readonly<Record<string, string | null>> = {}): ReadonlyMap<string, string> {
  const files: Record<string, string | null> = {
    'agency.txt': 'agency_id,agency_name,agency_timezone\n1,Line,Europe/London',
    'routes.txt': 'route_id,route_short_name,route_type\nR,7,3',
    'stops.txt': 'stop_id,stop_name\nA,Alpha\nB,Beta\nC,Gamma\nD,Delta',
    'calendar.txt':
      'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nS,1,1,1,1,1,1,1,20270101,20271231',
    'trips.txt': 'route_id,service_id,trip_id,trip_headsign\nR,S,T,Gamma',
    'stop_times.txt': stopTimes('T,08:00:00,08:00:00,A,1', 'T,08:30:00,08:31:00,B,2', 'T,09:00:00,09:00:00,C,3'),
    ...changes,
  };
  return new Map(Object.entries(files).flatMap(([name, text]) => (text === null ? [] : [[name, text] as const])));
}

const WEEK = 'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date';

function stopTimes(...rows: string[]): string {
  return ['trip_id,arrival_time,departure_time,stop_id,stop_sequence', ...rows].join('\n');
}

function read(files: ReadonlyMap<string, string>, options: Partial<TripOptions> = {}): Timetable {
  const defaults = { from: { year: 2027, month: 6, day: 1 }, days: 1, seatsPerTrip: 8, pricePerStop: 100, currency: 'GBP', prefix: 'gtfs' };
  return readTimetable(files, { ...defaults, ...options });
}

function slotsOf(files: ReadonlyMap<string, string>, options: Partial<TripOptions> = {}) {
  return [...read(files, options).slots('layout')].map((slot) => {
    const { axis, ...command } = expectSlotBody(slot);
    const stops = axis.type === 'stops' ? axis.stops : [];
    const time = (instant: number | undefined) => (instant === undefined ? '' : new Date(instant).toISOString());
    return { ...command, calls: stops.map(({ stopId, arrivesAt, departsAt }) => [stopId, time(arrivesAt), time(departsAt)]) };
  });
}

const slotIds = (files: ReadonlyMap<string, string>, options: Partial<TripOptions> = {}) =>
  slotsOf(files, options).map(({ slotId }) => slotId);

describe('a feed with a weekly calendar', () => {
  it('has a slot for each trip and day of service', () => {
    const [slot] = slotsOf(feed());
    expect(slot).to.include({ slotId: 'gtfs-T-20270601', category: 'bus', title: '7 to Gamma', timeZone: 'Europe/London', reference: 'T' });
    expect(slot?.calls).to.deep.equal([
      ['A', '2027-06-01T07:00:00.000Z', '2027-06-01T07:00:00.000Z'],
      ['B', '2027-06-01T07:30:00.000Z', '2027-06-01T07:31:00.000Z'],
      ['C', '2027-06-01T08:00:00.000Z', '2027-06-01T08:00:00.000Z'],
    ]);
  });

  it('runs on its weekdays alone, from the first day to the last, both included', () => {
    const weekends =
      'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nS,0,0,0,0,0,1,1,20270606,20270613';
    // 5 and 6 June 2027 are a weekend; the service starts on the 6th and ends on the 13th.
    expect(slotIds(feed({ 'calendar.txt': weekends }), { days: 30 })).to.deep.equal([
      'gtfs-T-20270606',
      'gtfs-T-20270612',
      'gtfs-T-20270613',
    ]);
  });

  it('gains and loses the days that calendar_dates.txt adds and removes', () => {
    const dates = 'service_id,date,exception_type\nS,20270602,2\nS,20280101,1';
    expect(slotIds(feed({ 'calendar_dates.txt': dates }), { days: 3 })).to.deep.equal(['gtfs-T-20270601', 'gtfs-T-20270603']);
    expect(slotIds(feed({ 'calendar_dates.txt': dates }), { from: { year: 2027, month: 12, day: 31 }, days: 3 })).to.deep.equal([
      'gtfs-T-20271231',
      'gtfs-T-20280101',
    ]);
  });
});

describe('routes and agencies', () => {
  it('may leave the agency out where there is but one', () => {
    const agencies = { 'agency.txt': 'agency_name,agency_timezone\nLine,Europe/London' };
    expect(slotIds(feed(agencies))).to.deep.equal(['gtfs-T-20270601']);
    expect(slotIds(feed({ 'routes.txt': 'route_id,agency_id,route_type\nR,,3' }))).to.deep.equal(['gtfs-T-20270601']);
  });
});

describe('a feed with calendar_dates.txt alone', () => {
  it('runs on the days that are added', () => {
    const dates = 'service_id,date,exception_type\nS,20270603,1\nX,20270601,1';
    expect(slotIds(feed({ 'calendar.txt': null, 'calendar_dates.txt': dates }), { days: 5 })).to.deep.equal(['gtfs-T-20270603']);
  });
});

describe('a trip on days when clocks change', () => {
  // Both are computed by hand: noon minus twelve hours, plus the time in the table.
  const nightTrip = feed({ 'stop_times.txt': stopTimes('T,00:30:00,00:30:00,A,1', 'T,08:00:00,08:00:00,B,2', 'T,25:10:00,25:10:00,C,3') });

  it('keeps the wall clock after the change when clocks go forward', () => {
    // 28 March 2027: 01:00 becomes 02:00. Noon is 11:00 UTC, so the day counts from 27 March 23:00 UTC.
    const [slot] = slotsOf(nightTrip, { from: { year: 2027, month: 3, day: 28 } });
    expect(slot?.calls.map(([, arrives]) => arrives)).to.deep.equal([
      '2027-03-27T23:30:00.000Z',
      '2027-03-28T07:00:00.000Z',
      '2027-03-29T00:10:00.000Z',
    ]);
  });

  it('keeps the wall clock after the change when clocks go back', () => {
    // 31 October 2027: 02:00 becomes 01:00. Noon is 12:00 UTC, so the day counts from 31 October 00:00 UTC.
    const [slot] = slotsOf(nightTrip, { from: { year: 2027, month: 10, day: 31 } });
    expect(slot?.calls.map(([, arrives]) => arrives)).to.deep.equal([
      '2027-10-31T00:30:00.000Z',
      '2027-10-31T08:00:00.000Z',
      '2027-11-01T01:10:00.000Z',
    ]);
  });
});

describe('stop times', () => {
  const callsOf = (...rows: string[]) => slotsOf(feed({ 'stop_times.txt': stopTimes(...rows) }))[0]?.calls;

  it('are ordered by stop_sequence, as numbers, not by their place in the file', () => {
    const calls = callsOf('T,10:00:00,10:00:00,C,10', 'T,08:00:00,08:00:00,A,1', 'T,09:00:00,09:00:00,B,9');
    expect(calls?.map(([stopId]) => stopId)).to.deep.equal(['A', 'B', 'C']);
  });

  it('name a stop that is called at again', () => {
    const calls = callsOf('T,08:00:00,08:00:00,A,1', 'T,08:10:00,08:10:00,B,2', 'T,08:20:00,08:20:00,A,3', 'T,08:30:00,08:30:00,A,4');
    expect(calls?.map(([stopId]) => stopId)).to.deep.equal(['A', 'B', 'A~2', 'A~3']);
  });

  it('that are missing are spread evenly between the ones around', () => {
    const calls = callsOf('T,08:00:00,08:00:00,A,1', 'T,,,B,2', 'T,,,C,3', 'T,08:30:00,08:30:00,D,4');
    expect(calls?.map(([, , departs]) => departs?.slice(11, 19))).to.deep.equal(['07:00:00', '07:10:00', '07:20:00', '07:30:00']);
  });

  it('that are missing are spread by distance where the feed gives it', () => {
    const head = 'trip_id,arrival_time,departure_time,stop_id,stop_sequence,shape_dist_traveled';
    const text = [head, 'T,08:00:00,08:00:00,A,1,0', 'T,,,B,2,1.5', 'T,08:40:00,08:40:00,C,3,2'].join('\n');
    const calls = slotsOf(feed({ 'stop_times.txt': text }))[0]?.calls;
    expect(calls?.[1]?.[1]).to.equal('2027-06-01T07:30:00.000Z');
  });

  it('leave out calls where passengers may neither board nor alight, and note where they may not do one', () => {
    const head = 'trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type';
    const text = [head, 'T,08:00:00,08:00:00,A,1,0,1', 'T,08:10:00,08:10:00,B,2,1,1', 'T,08:20:00,08:20:00,C,3,1,0'].join('\n');
    const [slot] = slotsOf(feed({ 'stop_times.txt': text }));
    expect(slot?.calls.map(([stopId]) => stopId)).to.deep.equal(['A', 'C']);
    expect(slot?.metadata).to.include({ noAlightingAt: '0', noBoardingAt: '1' });
  });

  it('note many places where passengers may not alight in as few words as they need', () => {
    const head = 'trip_id,arrival_time,departure_time,stop_id,stop_sequence,drop_off_type';
    const calls = Array.from({ length: 300 }, (_, index) => `T,08:00:00,08:00:00,${'ABCD'[index % 4]},${index},${index < 280 ? 1 : 0}`);
    const text = [head, ...calls, 'T,08:10:00,08:10:00,A,300,1'].join('\n');
    expect(slotsOf(feed({ 'stop_times.txt': text }))[0]?.metadata).to.include({ noAlightingAt: '0-279 300' });
  });

  it('may all be in one minute', () => {
    const [slot] = slotsOf(feed({ 'stop_times.txt': stopTimes('T,08:00:00,08:00:00,A,1', 'T,08:00:00,08:00:00,B,2') }));
    expect(slot).to.include({ startsAt: Date.UTC(2027, 5, 1, 7), endsAt: null });
  });
});

describe('a file with quotes, a byte order mark and Windows line endings', () => {
  it('is read like any other', () => {
    const stops = '\ufeffstop_id,stop_name\r\nA,"Alpha, ""the"" first"\r\nB,Beta\r\nC,Gamma\r\n';
    const [slot] = [...read(feed({ 'stops.txt': stops })).slots('layout')];
    expect(slot?.axis?.type === 'stops' ? slot.axis.stops[0]?.name : null).to.equal('Alpha, "the" first');
  });
});

describe('a file whose lines end in different ways', () => {
  it('loses no row, whatever its first line ends in', () => {
    const rows = stopTimes('T,08:00:00,08:00:00,A,1', 'T,08:30:00,08:30:00,B,2', 'T,09:00:00,09:00:00,C,3').split('\n');
    for (const ends of [
      ['\r\n', '\n', '\r\n'],
      ['\n', '\r\n', '\r'],
      ['\r', '\n', '\n'],
    ]) {
      const text = rows.map((row, index) => row + (ends[index] ?? '')).join('');
      const [slot] = slotsOf(feed({ 'stop_times.txt': text }));
      expect(
        slot?.calls.map(([stopId]) => stopId),
        JSON.stringify(ends),
      ).to.deep.equal(['A', 'B', 'C']);
    }
  });
});

describe('trip ids that cannot stand in a slot id', () => {
  it('give ids that are safe, distinct and always the same', () => {
    const trips = ['a b', 'a/b', 'a.b', 'x'.repeat(80), `${'x'.repeat(80)}y`];
    const files = feed({
      'trips.txt': ['route_id,service_id,trip_id', ...trips.map((trip) => `R,S,${trip}`)].join('\n'),
      'stop_times.txt': stopTimes(...trips.flatMap((trip) => [`${trip},08:00:00,08:00:00,A,1`, `${trip},09:00:00,09:00:00,B,2`])),
    });
    const ids = slotIds(files);
    expect(new Set(ids).size).to.equal(trips.length);
    for (const id of ids) expect(id).to.match(/^gtfs-[A-Za-z0-9_-]{1,50}-20270601$/);
    expect(slotIds(files)).to.deep.equal(ids);
  });
});

describe('trips that cannot be sold', () => {
  const rows = ['Ok,08:00:00,08:00:00,A,1', 'Ok,09:00:00,09:00:00,B,2'];

  const skippedWith = (...more: string[]) => {
    const trips = 'route_id,service_id,trip_id\nR,S,Ok\nR,S,Bad';
    const timetable = read(feed({ 'trips.txt': trips, 'stop_times.txt': stopTimes(...rows, ...more) }));
    expect([...timetable.slots('layout')].map(({ slotId }) => slotId)).to.deep.equal(['gtfs-Ok-20270601']);
    expect(timetable.total).to.equal(1);
    expect(timetable.skipped.map(({ tripId }) => tripId)).to.deep.equal(['Bad']);
    return timetable.skipped[0]?.reason;
  };

  it('are skipped with the reason, and the others are kept', () => {
    expect(skippedWith()).to.match(/0 stops/);
    expect(skippedWith('Bad,08:00:00,08:00:00,A,1')).to.match(/1 stops/);
    expect(skippedWith('Bad,08:00:00,08:00:00,A,1', 'Bad,07:00:00,07:00:00,B,2')).to.match(/back in time at stop B/);
    expect(skippedWith('Bad,,,A,1', 'Bad,07:00:00,07:00:00,B,2')).to.match(/no time at its first or last stop/);
    expect(skippedWith('Bad,08:00:00,08:00:00,A,1', 'Bad,09:00:00,09:00:00,B,1')).to.match(/two calls with stop_sequence 1/);
  });
});

describe('a feed with trips that run on demand', () => {
  const trips = { 'trips.txt': 'route_id,service_id,trip_id\nR,S,Ok\nR,S,Flex' };
  const fixed = 'trip_id,arrival_time,departure_time,stop_id,stop_sequence';
  const flexible = `${fixed},location_id,location_group_id,start_pickup_drop_off_window,end_pickup_drop_off_window`;

  for (const [place, rows] of [
    ['in an area', ['Flex,,,,1,area,,08:00:00,18:00:00', 'Flex,,,,2,area,,08:00:00,18:00:00']],
    ['at a group of stops', ['Flex,,,,1,,group,08:00:00,18:00:00', 'Flex,,,,2,,group,08:00:00,18:00:00']],
    ['at a stop within a window', ['Flex,,,A,1,,,08:00:00,18:00:00', 'Flex,,,B,2,,,08:00:00,18:00:00']],
    ['from a stop to an area', ['Flex,08:00:00,08:00:00,A,1,,,,', 'Flex,,,,2,area,,08:00:00,18:00:00']],
  ] as const) {
    it(`skips one ${place}, and keeps the others`, () => {
      const text = [flexible, 'Ok,08:00:00,08:00:00,A,1,,,,', ...rows, 'Ok,09:00:00,09:00:00,B,2,,,,'].join('\n');
      const timetable = read(feed({ ...trips, 'stop_times.txt': text }));
      expect([...timetable.slots('layout')].map(({ slotId }) => slotId)).to.deep.equal(['gtfs-Ok-20270601']);
      expect(timetable.skipped).to.deep.equal([{ tripId: 'Flex', reason: 'runs on demand, without fixed stops' }]);
    });
  }

  it('may leave out the columns of fixed stops altogether', () => {
    const text = 'trip_id,stop_sequence,location_id,start_pickup_drop_off_window\nFlex,1,area,08:00:00\nFlex,2,area,08:00:00';
    expect(read(feed({ 'trips.txt': 'route_id,service_id,trip_id\nR,S,Flex', 'stop_times.txt': text })).skipped).to.have.lengthOf(1);
    const without = text.replace('location_id,start_pickup_drop_off_window', 'other,columns');
    expect(() => read(feed({ ...trips, 'stop_times.txt': without }))).to.throw(
      InputError,
      /^stop_times\.txt line 1: the column arrival_time is missing/,
    );
  });

  it('still needs a stop for every call that is not on demand', () => {
    const text = [flexible, 'Ok,08:00:00,08:00:00,A,1,,,,', 'Ok,09:00:00,09:00:00,,2,,,,'].join('\n');
    expect(() => read(feed({ ...trips, 'stop_times.txt': text }))).to.throw(
      InputError,
      /^stop_times\.txt line 3, column stop_id: is empty/,
    );
  });
});

describe('a feed with frequencies.txt', () => {
  const frequencies = (exact: string) =>
    feed({ 'frequencies.txt': `trip_id,start_time,end_time,headway_secs,exact_times\nT,10:00:00,11:00:00,1200,${exact}` });

  it('has a slot for each exact departure', () => {
    const slots = slotsOf(frequencies('1'));
    expect(slots.map(({ slotId }) => slotId)).to.deep.equal(['gtfs-T-20270601-100000', 'gtfs-T-20270601-102000', 'gtfs-T-20270601-104000']);
    expect(slots[1]?.calls[1]).to.deep.equal(['B', '2027-06-01T09:50:00.000Z', '2027-06-01T09:51:00.000Z']);
  });

  it('counts from the first stop of the trip, also where nobody may board or alight there', () => {
    const head = 'trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type';
    const calls = ['T,08:00:00,08:00:00,D,1,1,1', 'T,08:10:00,08:10:00,A,2,0,0', 'T,08:20:00,08:20:00,B,3,0,0'];
    const [slot] = slotsOf(new Map([...frequencies('1'), ['stop_times.txt', [head, ...calls].join('\n')]]));
    expect(slot?.calls[0]).to.deep.equal(['A', '2027-06-01T09:10:00.000Z', '2027-06-01T09:10:00.000Z']);
  });

  it('may have windows one behind the other, or between each other', () => {
    const windows = ['T,10:00:00,11:00:00,1800,1', 'T,11:00:00,12:00:00,1800,1', 'T,10:15:00,11:00:00,1800,1'];
    const files = { 'frequencies.txt': ['trip_id,start_time,end_time,headway_secs,exact_times', ...windows].join('\n') };
    const times = slotIds(feed(files)).map((slotId) => slotId.slice(-6));
    expect(times).to.deep.equal(['100000', '103000', '110000', '113000', '101500', '104500']);
  });

  it('skips trips that run at intervals without exact times', () => {
    expect(read(frequencies('0')).skipped[0]?.reason).to.match(/intervals/);
  });
});

describe('a malformed feed', () => {
  const faults: readonly [string, Readonly<Record<string, string | null>>, RegExp][] = [
    ['a missing file', { 'stop_times.txt': null }, /^stop_times\.txt is missing/],
    ['no calendar at all', { 'calendar.txt': null }, /calendar\.txt and calendar_dates\.txt are both missing/],
    ['an empty file', { 'stop_times.txt': '' }, /^stop_times\.txt line 1: the column trip_id is missing/],
    ['a missing column before a bad row', { 'stop_times.txt': 'trip_id,stop_id\n,' }, /^stop_times\.txt line 1: the column arrival_time/],
    ['a missing column', { 'stops.txt': 'stop_name\nAlpha' }, /^stops\.txt line 1: the column stop_id is missing/],
    [
      'a bad time',
      { 'stop_times.txt': stopTimes('T,08:00:00,08:00:00,A,1', 'T,8h30,08:31:00,B,2') },
      /^stop_times\.txt line 3, column arrival_time: "8h30"/,
    ],
    ['an unknown stop', { 'stop_times.txt': stopTimes('T,08:00:00,08:00:00,Z,1') }, /^stop_times\.txt line 2, column stop_id: .*"Z"/],
    ['an unknown route', { 'trips.txt': 'route_id,service_id,trip_id\nQ,S,T' }, /^trips\.txt line 2, column route_id: .*"Q"/],
    [
      'a day that does not exist',
      { 'calendar_dates.txt': 'service_id,date,exception_type\nS,20270230,1' },
      /^calendar_dates\.txt line 2, column date/,
    ],
    ['an unknown exception', { 'calendar_dates.txt': 'service_id,date,exception_type\nS,20270601,3' }, /column exception_type: "3"/],
    ['an unknown zone', { 'agency.txt': 'agency_id,agency_timezone\n1,Mars/Olympus' }, /^agency\.txt line 2, column agency_timezone/],
    [
      'a service with two weeks',
      { 'calendar.txt': `${WEEK}\nS,1,1,1,1,1,0,0,20270101,20271231\nS,0,0,0,0,0,1,1,20270101,20271231` },
      /^calendar\.txt line 3, column service_id: "S" is there already, in line 2$/,
    ],
    [
      'a day that is both added and removed',
      { 'calendar_dates.txt': 'service_id,date,exception_type\nS,20270601,1\nS,20270602,1\nS,20270601,2' },
      /^calendar_dates\.txt line 4, column date: "20270601 S" is there already, in line 2$/,
    ],
    [
      'two trips of one id',
      { 'trips.txt': 'route_id,service_id,trip_id\nR,S,T\nR,S,T' },
      /^trips\.txt line 3, column trip_id: "T" is there already, in line 2$/,
    ],
    [
      'two routes of one id',
      { 'routes.txt': 'route_id,route_type\nR,3\nR,2' },
      /^routes\.txt line 3, column route_id: "R" is there already, in line 2$/,
    ],
    [
      'two agencies of one id',
      { 'agency.txt': 'agency_id,agency_timezone\n1,Europe/London\n1,Europe/Paris' },
      /^agency\.txt line 3, column agency_id: "1" is there already, in line 2$/,
    ],
    [
      'a service that no calendar has',
      { 'trips.txt': 'route_id,service_id,trip_id\nR,S,T\nR,X,U', 'calendar_dates.txt': 'service_id,date,exception_type\nY,20270601,1' },
      /^trips\.txt line 3, column service_id: neither calendar\.txt nor calendar_dates\.txt has a service "X"$/,
    ],
    [
      'an unknown agency',
      { 'routes.txt': 'route_id,agency_id,route_type\nR,1,3\nQ,2,3' },
      /^routes\.txt line 3, column agency_id: agency\.txt has no agency "2"$/,
    ],
    [
      'an unknown way to board',
      { 'stop_times.txt': 'trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type\nT,08:00:00,08:00:00,A,1,4' },
      /^stop_times\.txt line 2, column pickup_type: "4" is none of 0, 1, 2, 3$/,
    ],
    [
      'an unknown way to alight',
      { 'stop_times.txt': 'trip_id,arrival_time,departure_time,stop_id,stop_sequence,drop_off_type\nT,08:00:00,08:00:00,A,1,no' },
      /^stop_times\.txt line 2, column drop_off_type: "no" is none of 0, 1, 2, 3$/,
    ],
    [
      'exact times that are neither',
      { 'frequencies.txt': 'trip_id,start_time,end_time,headway_secs,exact_times\nT,10:00:00,11:00:00,1200,2' },
      /^frequencies\.txt line 2, column exact_times: "2" is none of 0, 1$/,
    ],
    [
      'a departure that two windows make',
      {
        'frequencies.txt': 'trip_id,start_time,end_time,headway_secs,exact_times\nT,10:00:00,11:00:00,1200,1\nT,10:40:00,12:00:00,1200,1',
      },
      /^frequencies\.txt line 3, column start_time: the departure at 10:40:00 is made by line 2 already$/,
    ],
    ['an open quote', { 'routes.txt': 'route_id,route_type\n"R,3' }, /^routes\.txt: /],
  ];
  for (const [name, changes, message] of faults) {
    it(`is refused with file, line and column: ${name}`, () => {
      expect(() => read(feed(changes))).to.throw(InputError, message);
    });
  }

  it('is refused when neither it nor the caller names a currency', () => {
    expect(() => read(feed(), { currency: null })).to.throw(InputError, /--currency/);
    const fares = (...currencies: string[]) =>
      feed({ 'fare_attributes.txt': ['fare_id,currency_type', ...currencies.map((c) => `F,${c}`)].join('\n') });
    expect(slotsOf(fares('EUR', 'EUR'), { currency: null })[0]?.currency).to.equal('EUR');
    expect(() => read(fares('EUR', 'USD'), { currency: null })).to.throw(InputError, /several currencies/);
  });
});

describe('a coach', () => {
  it('has rows of four with an aisle in the middle', () => {
    const { units } = read(feed(), { seatsPerTrip: 6 }).layout;
    expect(units.map(({ unitId, gapAfter }) => `${unitId}${gapAfter === true ? ' |' : ''}`)).to.deep.equal([
      '1A',
      '1B |',
      '1C',
      '1D',
      '2A',
      '2B |',
    ]);
    expect(units.every(({ priceBasis }) => priceBasis === 'stop')).to.equal(true);
  });
});

describe('a feed on disk', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-feed-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const zip = (name: string, files: Readonly<Record<string, string>>) => {
    const path = join(folder, name);
    writeFileSync(path, zipSync(Object.fromEntries(Object.entries(files).map(([file, text]) => [file, strToU8(text)]))));
    return path;
  };

  it('is read alike from a folder, a zip, and a zip of a folder', () => {
    for (const [name, text] of feed()) writeFileSync(join(folder, name), text);
    const flat = zip('flat.zip', Object.fromEntries(feed()));
    const nested = zip('nested.zip', Object.fromEntries([...feed()].map(([name, text]) => [`feed/${name}`, text])));
    for (const path of [folder, flat, nested]) expect(slotIds(readFeedFiles(path)), path).to.deep.equal(['gtfs-T-20270601']);
  });

  it('is refused when a file would unpack to more than the bound', () => {
    const path = zip('bomb.zip', { 'stops.txt': 'x'.repeat(100_000) });
    expect(() => readFeedFiles(path, 99_999)).to.throw(InputError, /^stops\.txt: 100000 bytes are more than the 99999/);
    expect(readFeedFiles(path, 100_000).get('stops.txt')).to.have.lengthOf(100_000);
  });

  it('is refused when it is not there, no zip, or no feed', () => {
    writeFileSync(join(folder, 'note.txt'), 'no zip');
    expect(() => readFeedFiles(join(folder, 'none'))).to.throw(InputError, /no such folder/);
    expect(() => readFeedFiles(join(folder, 'note.txt'))).to.throw(InputError, /neither a folder nor a readable zip/);
    expect(() => readFeedFiles(zip('other.zip', { 'other.txt': 'x' }))).to.throw(InputError, /none of the files/);
  });
});
