import { hours } from '../../src/projections/hours/hours.ts';
import { HOURLY_AVAILABILITY, HOURLY_FLEETS } from '../../src/projections/hours/tables.ts';
import * as slot from '../support/slot-builders.ts';
import { given } from '../support/views.ts';

const { cancelled, claim, confirmed, DAY, expired, HOUR, held, MINUTE, NOW, opened, seat, yard } = slot;

const VANS = [seat('van-1'), seat('van-2')];
const WEEK = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;

function fleet(more: Parameters<typeof opened>[0] = {}, bufferMinutes = 0) {
  return opened({ axis: { type: 'time', bufferMinutes }, units: VANS, title: 'Transit', venue: { venueId: 'hub-1' }, ...more });
}

/** A van from so many hours after NOW, which is noon in London, for so many hours. */
const van = (unitId: string, after: number, length: number) =>
  claim(unitId, { from: NOW + after * HOUR, to: NOW + (after + length) * HOUR });

describe('an hour of a fleet', () => {
  it('has a row once something touches it, with what can be booked and the words to find it by', () =>
    given(hours, fleet({ metadata: { model: 'T6' } }), held('hamlet.1', [van('van-1', 2, 1)])).thenRows(HOURLY_AVAILABILITY, {
      slotId: 'hamlet',
      startsAt: NOW + 2 * HOUR,
      endsAt: NOW + 3 * HOUR,
      hub: 'hub-1',
      model: 'T6',
      day: '2027-01-10',
      hour: 14,
      isOpen: true,
      capacity: 2,
      free: 1,
      freeUnitIds: ['van-2'],
      taken: {
        'van-1': [
          [NOW + 2 * HOUR, 1, 0],
          [NOW + 3 * HOUR, 0, 0],
        ],
      },
    }));

  it('has none again when the hold lapses or the booking is cancelled', async () => {
    const claims = [van('van-1', 2, 1)];
    await given(hours, fleet(), held('hamlet.1', claims), expired('hamlet.1', claims)).thenRows(HOURLY_AVAILABILITY);
    await given(
      hours,
      fleet(),
      held('hamlet.1', claims),
      confirmed('hamlet.1', claims),
      cancelled('hamlet.1', claims, 'CONFIRMED'),
    ).thenRows(HOURLY_AVAILABILITY);
  });

  it('is not free when a part of it, or the buffer behind it, is taken', () =>
    given(hours, fleet({}, 30), held('hamlet.1', [claim('van-1', { from: NOW + 2.5 * HOUR, to: NOW + 2.6 * HOUR })])).thenRows(
      HOURLY_AVAILABILITY,
      { hour: 14, freeUnitIds: ['van-2'] },
      { hour: 15, freeUnitIds: ['van-2'] },
    ));

  it('is not free when the buffer of a booking after it would begin too early', () =>
    given(hours, fleet({}, 30), held('hamlet.1', [van('van-1', 2, 1)])).thenRows(
      HOURLY_AVAILABILITY,
      { hour: 13, free: 1 },
      { hour: 14, free: 1 },
      { hour: 15, free: 1 },
    ));

  it('counts the tightest moment of a quantity', () =>
    given(
      hours,
      fleet({ units: [yard(10)] }),
      held('hamlet.1', [claim('yard', { quantity: 3, from: NOW + HOUR, to: NOW + 1.5 * HOUR })]),
      held('hamlet.2', [claim('yard', { quantity: 4, from: NOW + 1.5 * HOUR, to: NOW + 2 * HOUR })]),
    ).thenRows(HOURLY_AVAILABILITY, { hour: 13, free: 6, freeUnitIds: ['yard'] }));

  it('is shown as closed outside of opening hours, also when only a part of it is', () => {
    const axis = { type: 'time', bufferMinutes: 0, opening: [{ days: [...WEEK], from: '08:00', to: '14:30' }] } as const;
    return given(hours, fleet({ axis }), {
      type: 'UnitsBlocked',
      blocks: [{ unitId: 'van-1', quantity: 1, from: NOW + HOUR, to: NOW + 4 * HOUR }],
      reason: null,
    }).thenRows(
      HOURLY_AVAILABILITY,
      { hour: 13, isOpen: true, free: 1 },
      { hour: 14, isOpen: false, free: 0, freeUnitIds: [] },
      { hour: 15, isOpen: false, free: 0 },
    );
  });

  it('is open when it begins before a pause and ends with it, as a rental may', () => {
    const opening = [
      { days: [...WEEK], from: '08:00', to: '13:30' },
      { days: [...WEEK], from: '14:00', to: '20:00' },
    ];
    return given(hours, fleet({ axis: { type: 'time', bufferMinutes: 0, opening } }), held('hamlet.1', [van('van-1', 1, 1)])).thenRows(
      HOURLY_AVAILABILITY,
      { hour: 13, isOpen: true, free: 1, freeUnitIds: ['van-2'] },
    );
  });

  it('comes twice on the day that has 25 of them, and one is left out of the day that has 23', async () => {
    const on = (midnight: string) => claim('van-1', { from: Date.parse(midnight), to: Date.parse(midnight) + 3 * HOUR });
    await given(hours, fleet(), held('hamlet.1', [on('2027-10-30T23:00:00Z')])).thenRows(
      HOURLY_AVAILABILITY,
      { day: '2027-10-31', hour: 0 },
      { day: '2027-10-31', hour: 1 },
      { day: '2027-10-31', hour: 1 },
    );
    await given(hours, fleet(), held('hamlet.1', [on('2027-03-28T00:00:00Z')])).thenRows(
      HOURLY_AVAILABILITY,
      { hour: 0 },
      { hour: 2 },
      { hour: 3 },
    );
  });

  it('knows of vehicles that join, leave and come back', async () => {
    const before = [fleet(), held('hamlet.1', [van('van-1', 2, 1)])] as const;
    const added = { type: 'UnitsAdded', units: [seat('van-3')] } as const;
    const gone = { type: 'UnitsWithdrawn', units: [{ unitId: 'van-2', quantity: 1 }], reason: null } as const;
    await given(hours, ...before, added, gone).thenRows(HOURLY_AVAILABILITY, { free: 1, capacity: 2, freeUnitIds: ['van-3'] });
    await given(hours, ...before, gone, { type: 'UnitsAdded', units: [seat('van-2')] }).thenRows(HOURLY_AVAILABILITY, {
      freeUnitIds: ['van-2'],
    });
  });

  it('goes by the clocks, the place and the model that the slot has now', () => {
    const moved = { type: 'SlotChanged', changes: { timeZone: 'Asia/Kolkata', venue: { venueId: 'hub-2' }, title: 'Sprinter' } } as const;
    return given(hours, fleet(), held('hamlet.1', [van('van-1', 2, 1)]), moved).thenRows(
      HOURLY_AVAILABILITY,
      { day: '2027-01-10', hour: 19, hub: 'hub-2', model: 'Sprinter', startsAt: NOW + 1.5 * HOUR, free: 1 },
      { day: '2027-01-10', hour: 20, startsAt: NOW + 2.5 * HOUR, free: 1 },
    );
  });

  it('keeps what it has when it has been over for two hours', () => {
    const claims = [van('van-1', 2, 1)];
    const late = { event: expired('hamlet.1', claims), at: NOW + 5 * HOUR, commandId: null, commandHash: null };
    return given(hours, fleet(), held('hamlet.1', claims), [late]).thenRows(HOURLY_AVAILABILITY, { hour: 14, freeUnitIds: ['van-2'] });
  });
});

describe('a fleet', () => {
  it('has what is taken for more than a month on end, which makes no rows and tells in those that there are', async () => {
    const forGood = {
      type: 'UnitsBlocked',
      blocks: [{ unitId: 'van-2', quantity: 1, from: NOW, to: 8_640_000_000_000_000 }],
      reason: null,
    } as const;
    const story = given(hours, fleet(), held('hamlet.1', [van('van-1', 2, 1)]), forGood, held('hamlet.2', [van('van-1', 5, 1)]));
    await story.thenRows(HOURLY_AVAILABILITY, { hour: 14, free: 0 }, { hour: 17, free: 0 });
    await story.thenRows(HOURLY_FLEETS, {
      model: 'Transit',
      bufferMinutes: 0,
      units: [
        { unitId: 'van-1' },
        {
          unitId: 'van-2',
          standing: [
            [NOW, 0, 1],
            [8_640_000_000_000_000, 0, 0],
          ],
        },
      ],
    });
    const month = [claim('van-1', { from: NOW + DAY, to: NOW + 32 * DAY })];
    const longer = [claim('van-1', { from: NOW + DAY, to: NOW + 32 * DAY + MINUTE })];
    await given(hours, fleet(), held('hamlet.1', longer)).thenRows(HOURLY_AVAILABILITY);
    await given(hours, fleet(), held('hamlet.1', month)).thenRows(
      HOURLY_AVAILABILITY,
      ...Array.from({ length: 31 * 24 }, () => ({ free: 1 })),
    );
  });

  it('may stand on a layout', async () => {
    const layout = {
      streamId: 'layout-yard',
      events: [
        { type: 'LayoutDefined', layoutId: 'yard', name: 'Yard', unitCount: 3 },
        { type: 'LayoutUnitsAdded', layoutId: 'yard', units: VANS },
        { type: 'LayoutUnitsAdded', layoutId: 'yard', units: [yard(3)] },
        { type: 'LayoutCompleted', layoutId: 'yard' },
      ],
    } as const;
    const onLayout = fleet({ layoutId: 'yard', prices: {}, units: [seat('van-9')] });
    await given(hours, layout, onLayout, held('hamlet.1', [van('van-1', 2, 1)])).thenRows(HOURLY_AVAILABILITY, {
      freeUnitIds: ['van-2', 'yard', 'van-9'],
      free: 5,
    });
    await given(hours, onLayout).thenFails(/layout yard is not in the log before slot hamlet/);
  });

  it('is no slot of another axis', () => given(hours, opened(), held('hamlet.1', [claim('A1')])).thenRows(HOURLY_FLEETS));
});
