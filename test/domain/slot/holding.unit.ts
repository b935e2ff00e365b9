import { given } from '../../support/slot.ts';
import {
  book,
  cancel,
  cancelled,
  claim,
  confirm,
  confirmed,
  expired,
  held,
  MINUTE,
  NOW,
  opened,
  requested,
  SECOND,
  seatsHeld,
} from '../../support/slot-builders.ts';

const one = [claim('A1')];
const END = NOW + 10 * MINUTE;
const CAP = NOW + 30 * MINUTE;
const extend = (seconds: number) => ({ type: 'ExtendHold', bookingId: 'b1', seconds }) as const;
const extended = (expiresAt: number) => ({ type: 'HoldExtended', bookingId: 'b1', customerId: 'c-17', claims: one, expiresAt }) as const;

describe('a hold about to lapse', () => {
  const slot = given(opened(), held('b1', one));

  it('is alive until just before its expiry', () => {
    slot
      .when(confirm('b1'), { now: END - 1 })
      .then(confirmed('b1', one))
      .andBooking('b1', { status: 'CONFIRMED', confirmedAt: END - 1 });
    slot.when(book('b2', ['A1']), { now: END - 1 }).thenRefused({ kind: 'seats-taken', unavailable: [{ unitId: 'A1', status: 'held' }] });
  });

  it('is over at the instant of its expiry: the seat is sold again, and the lapse is recorded with it', () => {
    slot
      .when(book('b2', ['A1']), { now: END })
      .then(
        expired('b1', one),
        requested('b2', one),
        seatsHeld('b2', one, { requestedAt: END, expiresAt: END + 10 * MINUTE, maxExpiresAt: END + 30 * MINUTE }),
      )
      .andBooking('b1', { status: 'EXPIRED', claims: [], released: [{ unitId: 'A1', quantity: 1, reason: 'expired', at: END }] });
  });

  it('cannot be confirmed, cancelled or extended at that instant', () => {
    for (const command of [confirm('b1'), cancel('b1'), extend(60)]) {
      slot.when(command, { now: END }).thenRefused({ kind: 'hold-expired' }, expired('b1', one));
    }
  });

  it('lapses without anybody asking for it, once', () => {
    const release = { type: 'ReleaseExpired', limit: 10 } as const;
    slot.when(release, { now: END - 1 }).then();
    slot.when(release, { now: END }).then(expired('b1', one)).when(release, { now: END }).then();
  });

  it('goes on when the clock goes back: stream time does not', () => {
    slot
      .when(extend(300), { now: NOW + 9 * MINUTE })
      .then(extended(NOW + 14 * MINUTE))
      .when(extend(330), { now: NOW - 60 * MINUTE })
      .then(extended(NOW + 14 * MINUTE + 30 * SECOND));
  });
});

describe('many holds that lapse', () => {
  const slot = given(
    opened(),
    held('b1', one, { expiresAt: END + 2 }),
    held('b2', [claim('A2')]),
    held('b3', [claim('A3')], { expiresAt: END + 1 }),
  );

  it('are recorded in the order of their expiry, as many as asked for', () => {
    slot
      .when({ type: 'ReleaseExpired', limit: 2 }, { now: END + 2 })
      .then(expired('b2', [claim('A2')]), expired('b3', [claim('A3')], END + 1))
      .when({ type: 'ReleaseExpired', limit: 2 }, { now: END + 2 })
      .then(expired('b1', one, END + 2));
  });

  it('are recorded with a refusal too', () => {
    slot.when(book('b4', ['A1']), { now: END }).thenRefused({ kind: 'seats-taken' }, expired('b2', [claim('A2')]));
  });

  it('do not include what was confirmed, cancelled or extended before', () => {
    given(
      opened(),
      held('b1', one),
      held('b2', [claim('A2')]),
      held('b3', [claim('A3')]),
      confirmed('b2', [claim('A2')]),
      cancelled('b3', [claim('A3')]),
      extended(END + 1),
    )
      .when({ type: 'ReleaseExpired', limit: 10 }, { now: END })
      .then()
      .when({ type: 'ReleaseExpired', limit: 10 }, { now: END + 1 })
      .then(expired('b1', one, END + 1));
  });
});

describe('a hold that is extended', () => {
  const slot = given(opened(), held('b1', one));

  it('lives so many seconds from now', () => {
    slot
      .when(extend(600), { now: NOW + 5 * MINUTE })
      .then(extended(NOW + 15 * MINUTE))
      .andBooking('b1', { expiresAt: NOW + 15 * MINUTE, maxExpiresAt: CAP });
  });

  it('never gets shorter', () => {
    slot.when(extend(599)).then();
    slot.when(extend(600)).then();
  });

  it('reaches its cap and no further', () => {
    slot
      .when(extend(1800))
      .then(extended(CAP))
      .when(extend(1800))
      .then()
      .when(extend(1801))
      .thenRefused({ kind: 'hold-cap-reached', maxExpiresAt: CAP });
    slot.when(extend(7200)).then(extended(CAP));
  });

  it('is free at its new expiry, not at the old one', () => {
    const longer = slot.when(extend(900));
    longer.when(book('b2', ['A1']), { now: END }).thenRefused({ kind: 'seats-taken' });
    longer.when(confirm('b1'), { now: NOW + 15 * MINUTE }).thenRefused({ kind: 'hold-expired' }, expired('b1', one, NOW + 15 * MINUTE));
  });

  it('is held and not confirmed or cancelled', () => {
    given(opened(), held('b1', one), confirmed('b1', one)).when(extend(60)).thenRefused({ kind: 'already-confirmed' });
    given(opened(), held('b1', one), cancelled('b1', one)).when(extend(60)).thenRefused({ kind: 'already-released' });
    given(opened()).when(extend(60)).thenRefused({ kind: 'booking-not-found' });
  });
});
