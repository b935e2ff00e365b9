import { expect } from 'chai';
import { given } from '../../support/slot.ts';
import {
  book,
  cancel,
  cancelled,
  change,
  claim,
  confirm,
  DAY,
  expired,
  held,
  MINUTE,
  NOW,
  opened,
  openSlot,
  requested,
  seatsHeld,
} from '../../support/slot-builders.ts';

const one = [claim('A1')];
const first = { commandId: 'key-1', commandHash: 'body-1' };

describe('a command that asks for what is so already', () => {
  const extension = (seconds: number) => ({ type: 'ExtendHold', bookingId: 'b1', seconds }) as const;
  const slot = given(opened(), held('b1', one));

  it('binds its key, so that it is known again and no other body can have it', () => {
    const asked = slot.when(extension(1), first).then({ type: 'CommandAcknowledged', onBooking: 'b1' });
    asked.when(extension(1), first).thenReplayed(4, 'b1');
    asked.when(extension(900), { ...first, commandHash: 'body-2' }).thenRefused({ kind: 'idempotency-key-reused' });
  });

  it('does not do later what was done already when it was asked', () => {
    given(opened())
      .when({ type: 'ReopenSlot', reason: null }, first)
      .then({ type: 'CommandAcknowledged', onBooking: null })
      .when({ type: 'CloseSlot', reason: null })
      .when({ type: 'ReopenSlot', reason: null }, first)
      .thenReplayed(2, null);
  });

  it('needs no key bound on a booking that has ended, also when that is about to be forgotten', () => {
    const ended = given(opened(), held('b1', one), cancelled('b1', one));
    ended.when(cancel('b1'), first).then();
    ended
      .when(cancel('b1'), { ...first, now: NOW + 2 * DAY })
      .then()
      .andBooking('b1', { status: 'CANCELLED' });
  });

  it('leaves no trace without a key', () => {
    slot.when(extension(1)).then();
  });
});

describe('a command that was accepted before', () => {
  const slot = given(opened()).when(book('b1', ['A1'], { confirm: { paymentReference: 'pay-1' } }), first);

  it('is answered as then, although the seats are taken by now', () => {
    slot.when(book('b9', ['A1'], { confirm: { paymentReference: 'pay-1' } }), first).thenReplayed(4, 'b1');
  });

  it('is answered as then after the booking was changed since, and whatever version is insisted on', () => {
    slot
      .when(cancel('b1'), { commandId: 'key-2' })
      .when(book('b9', ['A1']), { ...first, ifMatch: 1 })
      .thenReplayed(4, 'b1');
  });

  it('is refused with another body', () => {
    slot.when(book('b1', ['A1']), { ...first, commandHash: 'body-2' }).thenRefused({ kind: 'idempotency-key-reused' });
  });

  it('is answered for operators too', () => {
    given()
      .when(openSlot(), first)
      .when(openSlot(), first)
      .thenReplayed(1, null)
      .when({ type: 'CloseSlot', reason: null }, { commandId: 'key-2' })
      .when({ type: 'ReopenSlot', reason: null }, { commandId: 'key-3' })
      .when({ type: 'CloseSlot', reason: null }, { commandId: 'key-2' })
      .thenReplayed(2, null);
  });

  it('records no lapse while it is answered', () => {
    given(opened(), held('b0', [claim('A2')], { expiresAt: NOW + MINUTE }))
      .when(book('b1', ['A1']), first)
      .when(book('b1', ['A1']), { ...first, now: NOW + 5 * MINUTE })
      .thenReplayed(5, 'b1');
  });
});

describe('a command that was refused before', () => {
  it('is decided afresh', () => {
    given(opened(), held('b0', one))
      .when(book('b1', ['A1']), first)
      .thenRefused({ kind: 'seats-taken' })
      .when(cancel('b0'), { commandId: 'key-2' })
      .when(book('b1', ['A1']), { ...first, commandHash: 'body-2' })
      .then(requested('b1', one), seatsHeld('b1', one));
  });
});

describe('a client that insists on a version', () => {
  const slot = given(opened(), held('b1', one));

  it('is served at that version', () => {
    slot.when(cancel('b1'), { ifMatch: 3 }).then(cancelled('b1', one));
  });

  it('is refused at any other, and told the current one', () => {
    for (const ifMatch of [0, 2, 4]) slot.when(cancel('b1'), { ifMatch }).thenRefused({ kind: 'stale-version', currentVersion: 3 });
  });

  it('is served although holds lapse with its command: nobody could have seen that', () => {
    slot
      .when(book('b2', ['A1']), { ifMatch: 3, now: NOW + 10 * MINUTE })
      .then(
        expired('b1', one),
        requested('b2', one),
        seatsHeld('b2', one, { requestedAt: NOW + 10 * MINUTE, expiresAt: NOW + 20 * MINUTE, maxExpiresAt: NOW + 40 * MINUTE }),
      );
  });

  it('is refused when the lapse was recorded before', () => {
    slot
      .when(book('b2', ['A1', 'Z1']), { now: NOW + 10 * MINUTE })
      .when(book('b2', ['A1']), { ifMatch: 3, now: NOW + 10 * MINUTE })
      .thenRefused({ kind: 'stale-version', currentVersion: 4 });
  });

  it('is told first when the slot is not there', () => {
    given()
      .when(book('b1', ['A1']), { ifMatch: 3 })
      .thenRefused({ kind: 'slot-not-found' });
  });
});

describe('the keys of commands', () => {
  it('are remembered while the booking is active, however long that is', () => {
    given(opened())
      .when(book('b1', ['A1'], { confirm: { paymentReference: 'pay-1' } }), first)
      .when({ type: 'CloseSlot', reason: null }, { now: NOW + 3 * DAY })
      .when(book('b1', ['A1']), { ...first, now: NOW + 3 * DAY })
      .thenReplayed(4, 'b1');
  });

  it('are remembered for a day after the booking is over, and forgotten with it', () => {
    const over = given(opened())
      .when(book('b1', ['A1']), first)
      .when(cancel('b1'), { commandId: 'key-2' });
    const close = { type: 'CloseSlot', reason: null } as const;
    over
      .when(close, { now: NOW + DAY - 1 })
      .when(book('b1', ['A1']), first)
      .thenReplayed(3, 'b1')
      .when(cancel('b1'), { commandId: 'key-2' })
      .thenReplayed(4, 'b1');
    const later = over.when(close, { now: NOW + DAY });
    later.when(cancel('b1')).thenRefused({ kind: 'booking-not-found' });
    expect([
      later.state.commands.size,
      later.state.lastCommands.size,
      later.state.bookings.size,
      later.state.retirements.size,
    ]).to.deep.equal([0, 0, 0, 0]);
  });

  it("are remembered for a day when they are an operator's", () => {
    const close = { type: 'CloseSlot', reason: null } as const;
    const closed = given(opened()).when(close, { commandId: 'key-1' });
    closed
      .when({ type: 'ReopenSlot', reason: null }, { now: NOW + DAY - 1 })
      .when(close, { commandId: 'key-1', now: NOW + DAY - 1 })
      .thenReplayed(2, null);
    closed
      .when({ type: 'ReopenSlot', reason: null }, { now: NOW + DAY })
      .when(close, { commandId: 'key-1', now: NOW + DAY })
      .then({ type: 'SlotClosed', reason: null });
  });

  it('of every command on a booking lead to that booking', () => {
    given(opened())
      .when(book('b1', ['A1']), first)
      .when(change('b1', { add: ['A2'] }), { commandId: 'key-2' })
      .when(confirm('b1'), { commandId: 'key-3' })
      .when(change('b1', { add: ['A2'] }), { commandId: 'key-2' })
      .thenReplayed(4, 'b1')
      .when(confirm('b1'), { commandId: 'key-3' })
      .thenReplayed(5, 'b1');
  });
});
