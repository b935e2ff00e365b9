import { expect } from 'chai';
import type { Claim, SlotEvent } from '../../../src/domain/slot/events.ts';
import { given } from '../../support/slot.ts';
import {
  book,
  cancel,
  cancelled,
  claim,
  confirm,
  confirmed,
  DAY,
  expired,
  held,
  MINUTE,
  NOW,
  opened,
  requested,
  seatsHeld,
} from '../../support/slot-builders.ts';

const three = [claim('A1'), claim('A2'), claim('yard', { quantity: 3 })];
const released = (claims: readonly Claim[], previousStatus: 'HELD' | 'CONFIRMED'): SlotEvent => ({
  type: 'SeatsReleased',
  bookingId: 'b1',
  customerId: 'c-17',
  claims,
  previousStatus,
  reason: null,
});
const slotCancelled: SlotEvent = { type: 'SlotCancelled', reason: null };

describe('a held booking', () => {
  const slot = given(opened(), held('b1', three));

  it('is confirmed as a whole', () => {
    slot
      .when(confirm('b1'), { now: NOW + MINUTE })
      .then(confirmed('b1', three))
      .andBooking('b1', { status: 'CONFIRMED', claims: three, paymentReference: 'pay-1', confirmedAt: NOW + MINUTE, released: [] });
  });

  it('is confirmed in part, and the rest is free in the same event', () => {
    const kept = [claim('A1'), claim('yard')];
    const rest = [claim('A2'), claim('yard', { quantity: 2 })];
    const nine = [claim('A2'), claim('yard', { quantity: 9 })];
    slot
      .when(confirm('b1', 'pay-1', ['A1', ['yard', 1]]))
      .then(confirmed('b1', kept, rest))
      .andBooking('b1', {
        claims: kept,
        released: [
          { unitId: 'A2', quantity: 1, reason: 'not-confirmed', at: NOW },
          { unitId: 'yard', quantity: 2, reason: 'not-confirmed', at: NOW },
        ],
      })
      .when(book('b2', ['A2', ['yard', 9]]))
      .then(requested('b2', nine), seatsHeld('b2', nine, { adjacent: false }));
  });

  it('is confirmed, or cancelled, with all that it has of a unit that is named without a quantity', () => {
    const standing = [claim('yard', { quantity: 3 })];
    slot.when(confirm('b1', 'pay-1', ['yard'])).then(confirmed('b1', standing, [claim('A1'), claim('A2')]));
    slot.when(cancel('b1', ['yard'])).then(released(standing, 'HELD'));
  });

  it('refuses to confirm or cancel what it does not have', () => {
    for (const settle of [confirm('b1', 'pay-1', ['A3']), cancel('b1', ['A3'])]) slot.when(settle).thenRefused({ kind: 'unknown-unit' });
    for (const settle of [confirm('b1', 'pay-1', [['yard', 4]]), cancel('b1', [['yard', 4]])])
      slot.when(settle).thenRefused({ kind: 'invalid-input' });
  });

  it('is cancelled as a whole, and its seats are free', () => {
    slot
      .when(cancel('b1', null, 'rain'))
      .then(cancelled('b1', three, 'HELD', 'rain'))
      .andBooking('b1', { status: 'CANCELLED', claims: [] })
      .when(book('b2', ['A1', 'A2', ['yard', 8]]))
      .then(
        requested('b2', [claim('A1'), claim('A2'), claim('yard', { quantity: 8 })]),
        seatsHeld('b2', [claim('A1'), claim('A2'), claim('yard', { quantity: 8 })], { adjacent: false }),
      );
  });

  it('is cancelled in part, keeps the rest, and gives back no more', () => {
    const part = [claim('A2'), claim('yard', { quantity: 2 })];
    const nine = [claim('A2'), claim('yard', { quantity: 9 })];
    slot
      .when(cancel('b1', ['A2', ['yard', 2]]))
      .then(released(part, 'HELD'))
      .andBooking('b1', {
        status: 'HELD',
        claims: [claim('A1'), claim('yard')],
        released: [
          { unitId: 'A2', quantity: 1, reason: 'cancelled', at: NOW },
          { unitId: 'yard', quantity: 2, reason: 'cancelled', at: NOW },
        ],
      })
      .when(book('b2', [['yard', 10]]))
      .thenRefused({ kind: 'seats-taken', unavailable: [{ unitId: 'yard', status: 'held' }] })
      .when(book('b2', ['A2', ['yard', 9]]))
      .then(requested('b2', nine), seatsHeld('b2', nine, { adjacent: false }));
  });

  it('is cancelled as a whole when all of its parts are named', () => {
    slot.when(cancel('b1', ['A1', 'A2', ['yard', 3]])).then(cancelled('b1', three));
  });
});

describe('a confirmed booking', () => {
  const slot = given(opened(), held('b1', three), confirmed('b1', three));

  it('is the same confirmation again for the same payment, long after its hold would have lapsed', () => {
    slot
      .when(confirm('b1', 'pay-1'), { now: NOW + DAY })
      .then()
      .andBooking('b1', { version: 4 });
    const again = slot.when(confirm('b1', 'pay-1', ['A1'])).then();
    expect(again.decision.outcome).to.deep.equal({ kind: 'accepted', bookingId: 'b1', repeated: true });
  });

  it('refuses another payment', () => {
    slot.when(confirm('b1', 'pay-2')).thenRefused({ kind: 'already-confirmed' });
  });

  it('never lapses', () => {
    slot.when({ type: 'ReleaseExpired', limit: 10 }, { now: NOW + DAY }).then();
  });

  it('is cancelled in part and then as a whole', () => {
    slot
      .when(cancel('b1', ['A1', ['yard', 2]]))
      .then(released([claim('A1'), claim('yard', { quantity: 2 })], 'CONFIRMED'))
      .andBooking('b1', { status: 'CONFIRMED', claims: [claim('A2'), claim('yard')] })
      .when(cancel('b1'))
      .then(cancelled('b1', [claim('A2'), claim('yard')], 'CONFIRMED'));
  });

  it('gives its seats back for sale', () => {
    slot
      .when(cancel('b1', ['A1']))
      .when(book('b2', ['A1']))
      .then(requested('b2', [claim('A1')]), seatsHeld('b2', [claim('A1')]));
  });

  it('once cancelled is too late for its own payment too', () => {
    slot.when(cancel('b1')).when(confirm('b1', 'pay-1')).thenRefused({ kind: 'already-released' });
  });
});

describe('a booking that is over', () => {
  const one = [claim('A1')];

  it('stays cancelled without another event, and cannot be confirmed', () => {
    const slot = given(opened(), held('b1', one), cancelled('b1', one));
    slot.when(cancel('b1')).then();
    slot.when(confirm('b1')).thenRefused({ kind: 'already-released' });
  });

  it('stays lapsed', () => {
    const slot = given(opened(), held('b1', one), expired('b1', one));
    slot.when(cancel('b1')).thenRefused({ kind: 'hold-expired' });
    slot.when(confirm('b1')).thenRefused({ kind: 'hold-expired' });
  });

  it('is not there when it never was', () => {
    given(opened()).when(cancel('b1')).thenRefused({ kind: 'booking-not-found' });
    given(opened()).when(confirm('b1')).thenRefused({ kind: 'booking-not-found' });
  });
});

describe('a closed slot', () => {
  const slot = given(opened(), held('b1', [claim('A1')]), { type: 'SlotClosed', reason: 'storm' });

  it('holds nothing new', () => {
    slot.when(book('b2', ['A2'])).thenRefused({ kind: 'slot-closed' });
  });

  it('lets holds be confirmed and bookings be cancelled', () => {
    slot.when(confirm('b1')).then(confirmed('b1', [claim('A1')]));
    slot.when(cancel('b1')).then(cancelled('b1', [claim('A1')]));
  });

  it('closes once, and opens again once', () => {
    slot
      .when({ type: 'CloseSlot', reason: null })
      .then()
      .when({ type: 'ReopenSlot', reason: 'sun' })
      .then({ type: 'SlotReopened', reason: 'sun' })
      .when({ type: 'ReopenSlot', reason: null })
      .then()
      .when(book('b2', ['A2']))
      .then(requested('b2', [claim('A2')]), seatsHeld('b2', [claim('A2')]));
  });
});

describe('a cancelled slot', () => {
  const slot = given(
    opened(),
    held('b1', [claim('A1')]),
    held('b2', [claim('A2')]),
    held('b3', [claim('A3')]),
    confirmed('b2', [claim('A2')]),
    cancelled('b3', [claim('A3')]),
    slotCancelled,
  );

  it('releases all its bookings in batches, held and confirmed ones', () => {
    const release = { type: 'ReleaseCancelled', limit: 1 } as const;
    slot
      .when(release)
      .then(cancelled('b1', [claim('A1')], 'HELD', 'slot-cancelled'))
      .andBooking('b1', { status: 'CANCELLED', released: [{ unitId: 'A1', quantity: 1, reason: 'slot-cancelled', at: NOW }] })
      .when(release)
      .then(cancelled('b2', [claim('A2')], 'CONFIRMED', 'slot-cancelled'))
      .when(release)
      .then();
  });

  it('sells, confirms and changes nothing any more', () => {
    slot.when(book('b4', ['A4'])).thenRefused({ kind: 'slot-cancelled' });
    slot.when(confirm('b1')).thenRefused({ kind: 'slot-cancelled' });
    slot.when({ type: 'AddUnits', units: [] }).thenRefused({ kind: 'slot-cancelled' });
    for (const type of ['BlockUnits', 'UnblockUnits'] as const)
      slot.when({ type, units: [{ unitId: 'A4' }], span: null, reason: null }).thenRefused({ kind: 'slot-cancelled' });
    slot.when({ type: 'WithdrawUnits', units: [{ unitId: 'A4' }], reason: null }).thenRefused({ kind: 'slot-cancelled' });
    slot.when({ type: 'ChangeUnits', changes: [{ unitId: 'A4', price: 1 }] }).thenRefused({ kind: 'slot-cancelled' });
    slot.when({ type: 'ChangeSlot', changes: { title: 'Macbeth' } }).thenRefused({ kind: 'slot-cancelled' });
    slot.when({ type: 'CloseSlot', reason: null }).thenRefused({ kind: 'slot-cancelled' });
    slot.when({ type: 'ReopenSlot', reason: null }).thenRefused({ kind: 'slot-cancelled' });
  });

  it('stays cancelled', () => {
    slot.when({ type: 'CancelSlot', reason: null }).then();
  });

  it('knows its confirmations still', () => {
    slot.when(confirm('b2')).then();
  });

  it('lets customers cancel before their turn comes', () => {
    slot.when(cancel('b2')).then(cancelled('b2', [claim('A2')], 'CONFIRMED'));
  });

  it('has open slots release nothing', () => {
    given(opened(), held('b1', [claim('A1')]))
      .when({ type: 'ReleaseCancelled', limit: 10 })
      .then();
  });
});
