import { bookings } from '../../src/projections/bookings/bookings.ts';
import { BOOKED_SLOTS, BOOKINGS } from '../../src/projections/bookings/tables.ts';
import * as slot from '../support/slot-builders.ts';
import { given } from '../support/views.ts';

const { claim, held, MINUTE, NOW, opened } = slot;
const three = claim('yard', { quantity: 3 });
const start = [
  opened(),
  held('hamlet.1', [claim('A1'), three], {}, { reference: 'order-81', personal: { metadata: { name: 'x' } } }),
] as const;

describe('a booking that is held', () => {
  it('has one row with its claims, its units and its total', () =>
    given(bookings, ...start).thenRows(BOOKINGS, {
      bookingId: 'hamlet.1',
      slotId: 'hamlet',
      customerId: 'c-17',
      status: 'HELD',
      version: 3,
      claims: [claim('A1'), three],
      released: [],
      unitIds: ['A1', 'yard'],
      total: 6000,
      requestedAt: NOW,
      expiresAt: NOW + 10 * MINUTE,
      maxExpiresAt: NOW + 30 * MINUTE,
      confirmedAt: null,
      reference: 'order-81',
      metadata: { name: 'x' },
    }));

  it('is only asked for between the two events of its hold', () =>
    given(bookings, opened(), slot.requested('hamlet.1', [claim('A1')])).thenRows(BOOKINGS, { status: 'REQUESTED', expiresAt: null }));

  it('keeps in its history what a change dropped, and finds its old units', () => {
    const dropped = [claim('A1'), claim('yard')];
    const moved = {
      type: 'BookingChanged',
      bookingId: 'hamlet.1',
      customerId: 'c-17',
      added: [claim('A2')],
      dropped,
      adjacent: false,
      expiresAt: NOW,
    } as const;
    return given(bookings, ...start, moved).thenRows(BOOKINGS, {
      claims: [claim('yard', { quantity: 2 }), claim('A2')],
      released: [
        { unitId: 'A1', quantity: 1, reason: 'changed', at: NOW },
        { unitId: 'yard', quantity: 1, reason: 'changed', at: NOW },
      ],
      unitIds: ['A1', 'yard', 'A2'],
      total: 5500,
      adjacent: false,
    });
  });

  it('lapses later when it is extended', () => {
    const booking = { bookingId: 'hamlet.1', customerId: 'c-17', claims: [claim('A1'), three] };
    return given(bookings, ...start, { type: 'HoldExtended', ...booking, expiresAt: NOW + 20 * MINUTE }).thenRows(BOOKINGS, {
      expiresAt: NOW + 20 * MINUTE,
      version: 4,
    });
  });
});

describe('a booking that is settled', () => {
  it('is confirmed in part, the rest released', () =>
    given(bookings, ...start, slot.confirmed('hamlet.1', [three], [claim('A1')])).thenRows(BOOKINGS, {
      status: 'CONFIRMED',
      claims: [three],
      released: [{ unitId: 'A1', quantity: 1, reason: 'not-confirmed', at: NOW }],
      confirmedAt: NOW,
      paymentReference: 'pay-1',
      total: 1500,
    }));

  it('lives on with what a partial cancellation leaves', () => {
    const part = {
      type: 'SeatsReleased',
      bookingId: 'hamlet.1',
      customerId: 'c-17',
      claims: [claim('yard')],
      previousStatus: 'HELD',
      reason: null,
    } as const;
    return given(bookings, ...start, part).thenRows(BOOKINGS, {
      status: 'HELD',
      claims: [claim('A1'), claim('yard', { quantity: 2 })],
      released: [{ unitId: 'yard', quantity: 1, reason: 'cancelled', at: NOW }],
      total: 5500,
    });
  });

  it('has no claims once expired or cancelled', async () => {
    const released = (reason: 'expired' | 'cancelled') => [
      { unitId: 'A1', quantity: 1, reason, at: NOW },
      { unitId: 'yard', quantity: 3, reason, at: NOW },
    ];
    const claims = [claim('A1'), three];
    const none = { claims: [], total: 0, unitIds: ['A1', 'yard'] };
    await given(bookings, ...start, slot.expired('hamlet.1', claims)).thenRows(BOOKINGS, {
      status: 'EXPIRED',
      ...none,
      released: released('expired'),
    });
    await given(bookings, ...start, slot.cancelled('hamlet.1', claims)).thenRows(BOOKINGS, {
      status: 'CANCELLED',
      ...none,
      released: released('cancelled'),
    });
  });
});

describe('the bookings of a cancelled slot', () => {
  const over = [...start, { type: 'SlotCancelled', reason: null }] as const;

  it('stay as they are until their own cancellation', () => given(bookings, ...over).thenRows(BOOKINGS, { status: 'HELD', version: 3 }));

  it('tell then that the slot was the reason', () =>
    given(bookings, ...over, slot.cancelled('hamlet.1', [claim('A1')])).thenRows(BOOKINGS, {
      status: 'CANCELLED',
      released: [{ unitId: 'A1', quantity: 1, reason: 'slot-cancelled', at: NOW }],
    }));

  it('know their slot by its newest title', () =>
    given(bookings, opened(), { type: 'SlotChanged', changes: { title: 'Macbeth' } }).thenRows(BOOKED_SLOTS, {
      title: 'Macbeth',
      category: 'theatre',
      currency: 'GBP',
      cancelled: false,
    }));
});
