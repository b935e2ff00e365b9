import type { LayoutEvent } from '../../src/domain/layout.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import { LAYOUT_UNITS, LAYOUTS, SLOT_CLAIMS, SLOT_UNITS, SLOTS } from '../../src/projections/inventory/tables.ts';
import { at } from '../support/slot.ts';
import * as slot from '../support/slot-builders.ts';
import { given } from '../support/views.ts';

const { claim, held, HOUR, MINUTE, NOW, opened, seat, stopsAxis, yard } = slot;
const own = { place: null, chunk: null, inherited: true, withdrawn: false, category: null };

const HALL: readonly LayoutEvent[] = [
  { type: 'LayoutDefined', layoutId: 'hall', name: 'Hall', focus: { x: 1, y: 2 }, unitCount: 4 },
  { type: 'LayoutUnitsAdded', layoutId: 'hall', units: [{ unitId: 'A1', category: 'gold' }, seat('A2', { category: 'gold', price: 10 })] },
  { type: 'LayoutUnitsAdded', layoutId: 'hall', units: [seat('B1', { category: 'silver', price: 20 }), yard(100)] },
  { type: 'LayoutCompleted', layoutId: 'hall' },
];
const hall = { streamId: 'layout-hall', events: HALL };
const inHall = opened({ layoutId: 'hall', prices: { gold: 70 }, units: [] });

describe('the inventory of an opened slot', () => {
  it('has a row for the slot with its capacity and price range', () =>
    given(inventory, opened({ venue: { city: 'London' }, reference: 'hall-7' })).thenRows(SLOTS, {
      slotId: 'hamlet',
      version: 1,
      status: 'OPEN',
      hasVenue: true,
      venueId: null,
      venueCity: 'London',
      reference: 'hall-7',
      axisType: 'whole',
      capacity: 14,
      free: 14,
      priceFrom: 500,
      priceTo: 4500,
    }));

  it('has a row per unit, in the order of adding', () =>
    given(inventory, opened({ units: [seat('A1')] }), { type: 'UnitsAdded', units: [yard(3), seat('A0')] }).thenRows(
      SLOT_UNITS,
      { unitId: 'A0', chunk: 2, place: 1, inherited: false, capacity: null },
      { unitId: 'A1', chunk: 1, place: 0, inherited: false, seatRow: 'A', seatNumber: '1' },
      { unitId: 'yard', chunk: 2, place: 0, capacity: 3, price: 500 },
    ));

  it('follows the operator: patched, closed, reopened, cancelled', async () => {
    const changes = { title: 'Macbeth', venue: null, startsAt: null };
    const patched = given(inventory, opened({ venue: { name: 'Globe' } }), { type: 'SlotChanged', changes });
    await patched.thenRows(SLOTS, { title: 'Macbeth', venueName: null, hasVenue: false, startsAt: null, endsAt: slot.ENDS, version: 2 });
    const closed = [opened(), { type: 'SlotClosed', reason: null }] as const;
    await given(inventory, closed).thenRows(SLOTS, { status: 'CLOSED' });
    await given(inventory, closed, { type: 'SlotReopened', reason: null }).thenRows(SLOTS, { status: 'OPEN' });
    await given(inventory, opened(), { type: 'SlotCancelled', reason: null }).thenRows(SLOTS, { status: 'CANCELLED', version: 2 });
  });

  it('counts what a change of its units makes of capacity and prices', () =>
    given(
      inventory,
      opened({ units: [seat('A1'), seat('A2'), yard(10)] }),
      {
        type: 'UnitsChanged',
        changes: [
          { unitId: 'A1', category: 'gold', price: 9000 },
          { unitId: 'yard', category: 'standing', price: 700, capacity: 25 },
        ],
      },
      {
        type: 'UnitsWithdrawn',
        units: [
          { unitId: 'A2', quantity: 1 },
          { unitId: 'yard', quantity: 5 },
        ],
        reason: null,
      },
    ).thenRows(SLOTS, { capacity: 21, free: 21, priceFrom: 700, priceTo: 9000, version: 3 }));

  it('keeps a withdrawn unit on record and takes its blocks out of the counts', async () => {
    const blocked = { type: 'UnitsBlocked', blocks: [{ unitId: 'A1', quantity: 1, from: 0, to: 1 }], reason: null } as const;
    const gone = { type: 'UnitsWithdrawn', units: [{ unitId: 'A1', quantity: 1 }], reason: null } as const;
    const story = [opened({ units: [seat('A1'), seat('A2')] }), blocked] as const;
    await given(inventory, story).thenRows(SLOTS, { capacity: 2, free: 1, blocked: 1 });
    await given(inventory, story, gone).thenRows(SLOTS, { capacity: 1, free: 1, blocked: 0 });
    await given(inventory, story, gone).thenRows(
      SLOT_UNITS,
      { unitId: 'A1', withdrawn: true, blocks: [] },
      { unitId: 'A2', withdrawn: false },
    );
  });

  it('puts a withdrawn unit that comes back where it stood', () =>
    given(
      inventory,
      opened({ units: [seat('A1'), seat('A2')] }),
      { type: 'UnitsWithdrawn', units: [{ unitId: 'A1', quantity: 1 }], reason: null },
      { type: 'UnitsAdded', units: [seat('A1', { price: 7 })] },
    ).thenRows(SLOT_UNITS, { unitId: 'A1', chunk: 1, place: 0, withdrawn: false, price: 7 }, { unitId: 'A2', chunk: 1, place: 1 }));

  it('is not there for a booking event of a slot that was never opened', () =>
    given(inventory, held('hamlet.1', [claim('A1')])).thenFails(/BookingRequested at position 1.*never opened/));
});

describe('a slot on a layout', () => {
  it('has one row and none for its untouched units', async () => {
    await given(inventory, hall, inHall).thenRows(SLOTS, { capacity: 103, free: 103, priceFrom: 20, priceTo: 500, layoutId: 'hall' });
    await given(inventory, hall, inHall).thenRows(SLOT_UNITS);
  });

  it('stands on the layout with its units in order', async () => {
    await given(inventory, hall).thenRows(LAYOUTS, { layoutId: 'hall', focusX: 1, focusY: 2, unitCount: 4, capacity: 103, complete: true });
    await given(inventory, hall).thenRows(
      LAYOUT_UNITS,
      { unitId: 'A1', chunk: 2, place: 0, price: null },
      { unitId: 'A2', chunk: 2, place: 1, price: 10 },
      { unitId: 'B1', chunk: 3, place: 0, price: 20 },
      { unitId: 'yard', chunk: 3, place: 1, capacity: 100 },
    );
  });

  it('has a row for a unit that is off sale, until it is on sale again', async () => {
    const blocks = [{ unitId: 'A1', quantity: 1, from: 0, to: 1 }];
    const blocked = { type: 'UnitsBlocked', blocks, reason: null } as const;
    await given(inventory, hall, inHall, blocked).thenRows(SLOT_UNITS, { unitId: 'A1', ...own });
    await given(inventory, hall, inHall, blocked, { type: 'UnitsUnblocked', blocks, reason: null }).thenRows(SLOT_UNITS);
  });

  it('keeps what it changed of a unit apart from the layout, at the price that the slot made', async () => {
    const shrunk = {
      type: 'UnitsWithdrawn',
      units: [
        { unitId: 'yard', quantity: 40 },
        { unitId: 'B1', quantity: 1 },
      ],
      reason: null,
    } as const;
    const dearer = { type: 'UnitsChanged', changes: [{ unitId: 'A1', category: 'vip', price: 900 }] } as const;
    await given(inventory, hall, inHall, shrunk, dearer).thenRows(SLOTS, { capacity: 62, priceFrom: 70, priceTo: 900 });
    await given(inventory, hall, inHall, shrunk, dearer).thenRows(
      SLOT_UNITS,
      { unitId: 'A1', category: 'vip', price: 900, chunk: null, inherited: false },
      { unitId: 'B1', withdrawn: true },
      { unitId: 'yard', capacity: 60, price: 500, withdrawn: false },
    );
  });
});

describe('claims on a show', () => {
  const three = claim('yard', { quantity: 3 });
  const start = [opened(), held('hamlet.1', [claim('A1'), three])] as const;
  const heldUntil = NOW + 10 * MINUTE;

  it('are held until the hold lapses', async () => {
    await given(inventory, ...start).thenRows(
      SLOT_CLAIMS,
      { unitId: 'A1', bookingId: 'hamlet.1', spanFrom: 0, spanTo: 1, quantity: 1, status: 'held', heldUntil },
      { unitId: 'yard', quantity: 3, status: 'held', heldUntil },
    );
    await given(inventory, ...start).thenRows(SLOTS, { free: 10, held: 4, sold: 0, version: 3 });
  });

  it('are held longer when the hold is extended', () => {
    const later = NOW + 20 * MINUTE;
    const booking = { bookingId: 'hamlet.1', customerId: 'c-17', claims: [claim('A1'), three] };
    return given(inventory, ...start, { type: 'HoldExtended', ...booking, expiresAt: later }).thenRows(
      SLOT_CLAIMS,
      { heldUntil: later },
      { heldUntil: later },
    );
  });

  it('are sold once confirmed, and free where the confirmation left them out', async () => {
    const partly = slot.confirmed('hamlet.1', [claim('yard', { quantity: 2 })], [claim('A1'), claim('yard')]);
    await given(inventory, ...start, partly).thenRows(SLOT_CLAIMS, { unitId: 'yard', quantity: 2, status: 'sold', heldUntil: null });
    await given(inventory, ...start, partly).thenRows(SLOTS, { free: 12, held: 0, sold: 2 });
  });

  it('shrink and move when the booking is changed', async () => {
    const moved = {
      type: 'BookingChanged',
      bookingId: 'hamlet.1',
      customerId: 'c-17',
      added: [claim('A2'), claim('yard')],
      dropped: [claim('A1')],
      adjacent: true,
      expiresAt: heldUntil,
    } as const;
    await given(inventory, ...start, moved).thenRows(
      SLOT_CLAIMS,
      { unitId: 'A2', quantity: 1, spanTo: 1 },
      { unitId: 'yard', quantity: 4 },
    );
    await given(inventory, ...start, moved).thenRows(SLOTS, { free: 9, held: 5 });
  });

  it('give back exactly what a partial cancellation names', async () => {
    const sold = slot.confirmed('hamlet.1', [claim('A1'), three]);
    const back = {
      type: 'SeatsReleased',
      bookingId: 'hamlet.1',
      customerId: 'c-17',
      claims: [claim('yard', { quantity: 2 })],
      previousStatus: 'CONFIRMED',
      reason: null,
    } as const;
    await given(inventory, ...start, sold, back).thenRows(
      SLOT_CLAIMS,
      { unitId: 'A1', status: 'sold' },
      { unitId: 'yard', quantity: 1, status: 'sold' },
    );
    await given(inventory, ...start, sold, back).thenRows(SLOTS, { free: 12, sold: 2, held: 0 });
  });

  it('are gone when the hold expires or the booking is cancelled', async () => {
    await given(inventory, ...start, slot.expired('hamlet.1', [claim('A1'), three])).thenRows(SLOT_CLAIMS);
    await given(inventory, ...start, slot.expired('hamlet.1', [claim('A1'), three])).thenRows(SLOTS, { free: 14, held: 0 });
    await given(inventory, ...start, slot.cancelled('hamlet.1', [claim('A1'), three])).thenRows(SLOTS, { free: 14, held: 0, sold: 0 });
  });

  it('stay when the slot is cancelled, until each booking is', async () => {
    const over = { type: 'SlotCancelled', reason: null } as const;
    await given(inventory, ...start, over).thenRows(SLOTS, { status: 'CANCELLED', held: 4 });
    await given(inventory, ...start, over, slot.cancelled('hamlet.1', [claim('A1'), three])).thenRows(SLOTS, {
      status: 'CANCELLED',
      held: 0,
    });
    await given(inventory, ...start, over, slot.cancelled('hamlet.1', [claim('A1'), three])).thenRows(SLOT_CLAIMS);
  });
});

describe('claims on a trip', () => {
  it('are counted at the tightest segment', async () => {
    const trip = opened({ axis: stopsAxis(4), units: [seat('A1'), seat('A2'), seat('A3')] });
    const story = [
      trip,
      held('hamlet.1', [claim('A1', { from: 0, to: 2 })]),
      held('hamlet.2', [claim('A1', { from: 2, to: 3 })]),
      held('hamlet.3', [claim('A2', { from: 1, to: 3 })]),
      slot.confirmed('hamlet.3', [claim('A2', { from: 1, to: 3 })]),
    ] as const;
    await given(inventory, ...story).thenRows(SLOTS, { capacity: 3, free: 1, held: 1, sold: 1, blocked: 0 });
    await given(inventory, ...story).thenRows(
      SLOT_CLAIMS,
      { unitId: 'A1', bookingId: 'hamlet.1', spanFrom: 0, spanTo: 2 },
      { unitId: 'A1', bookingId: 'hamlet.2', spanFrom: 2, spanTo: 3 },
      { unitId: 'A2', bookingId: 'hamlet.3', spanFrom: 1, spanTo: 3, status: 'sold' },
    );
  });
});

describe('claims on a fleet', () => {
  const fleet = opened({ axis: { type: 'time', bufferMinutes: 30 }, units: [seat('car-1'), seat('car-2')] });
  const rental = claim('car-1', { from: NOW - 2 * HOUR, to: NOW });

  it('are counted as of now, with the buffer behind them', async () => {
    await given(inventory, at(NOW - 3 * HOUR, fleet), held('hamlet.1', [rental])).thenRows(SLOTS, { free: 1, held: 1 });
    const later = at(NOW + 31 * MINUTE, { type: 'SlotClosed', reason: null });
    await given(inventory, at(NOW - 3 * HOUR, fleet), held('hamlet.1', [rental]), later).thenRows(SLOTS, { free: 2, held: 0 });
  });

  it('have no buffer when they are blocks', async () => {
    const blocks = [{ unitId: 'car-1', quantity: 1, from: NOW - HOUR, to: NOW }];
    await given(inventory, at(NOW - 3 * HOUR, fleet), { type: 'UnitsBlocked', blocks, reason: null }).thenRows(SLOTS, {
      free: 2,
      blocked: 0,
    });
  });

  it('leave the usage a day after they ended, and giving them back then changes nothing', async () => {
    const story = [at(NOW - 3 * HOUR, fleet), held('hamlet.1', [rental])] as const;
    const muchLater = NOW + 40 * HOUR;
    const cancelled = at(muchLater, slot.cancelled('hamlet.1', [rental]));
    await given(inventory, ...story, at(muchLater, { type: 'SlotClosed', reason: null })).thenRows(SLOTS, { usage: [], free: 2 });
    await given(inventory, ...story, cancelled).thenRows(SLOTS, { usage: [], free: 2, held: 0 });
    const pruned = at(muchLater, { type: 'SlotClosed', reason: null });
    await given(inventory, ...story, pruned, cancelled).thenRows(SLOTS, { usage: [], free: 2, held: 0 });
  });

  it('that began before the kept past still take what is left of them', async () => {
    const long = claim('car-1', { from: NOW - HOUR, to: NOW + 100 * HOUR });
    const story = [at(NOW - 3 * HOUR, fleet), held('hamlet.1', [long]), at(NOW + 50 * HOUR, { type: 'SlotClosed', reason: null })] as const;
    await given(inventory, ...story).thenRows(SLOTS, { free: 1, held: 1 });
    await given(inventory, ...story, at(NOW + 51 * HOUR, slot.cancelled('hamlet.1', [long]))).thenRows(SLOTS, {
      free: 2,
      held: 0,
      usage: [],
    });
  });
});
