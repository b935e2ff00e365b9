import { expect } from 'chai';
import {
  booking,
  bookingRequest,
  claim,
  held,
  MadeHistory,
  opened,
  POLICY,
  post,
  requested,
  summary,
  T0,
  toldClaim,
} from './made-history.ts';

const DAY = 86_400;
const LAPSES = 601;

/** Zoe holds A3 under a key, and it lapses; so many seconds later somebody else's hold moves stream time on. */
function lapsedAndThen(seconds: number): MadeHistory {
  const history = new MadeHistory();
  history.log('show', 'SlotOpened', opened({ startsAt: T0 + 10 * DAY * 1000, endsAt: T0 + 11 * DAY * 1000 }));
  hold(history, 'show.a', 'show.a');
  history.seconds = LAPSES;
  const data = { bookingId: 'show.a', customerId: 'zoe', claims: [claim('A3')], expiresAt: T0 + 600_000 };
  history.log('show', 'BookingExpired', data);
  history.seconds += seconds;
  const request = requested('show.b', 'bob', [claim('A1')]);
  history.log('show', 'BookingRequested', request);
  history.log('show', 'SeatsHeld', held('show.b', 'bob', [claim('A1')], history.seconds));
  history.lose('bob', bookingRequest('show.b', 'bob', { units: ['A1'] }));
  return history;
}

/** A hold of A3 by the request that `name` made first, under its key. */
function hold(history: MadeHistory, bookingId: string, name: string): void {
  const claims = [claim('A3')];
  const reference = `order-${name}`;
  const { seconds } = history;
  history.log('show', 'BookingRequested', requested(bookingId, 'zoe', claims, { reference }), 'command');
  history.log('show', 'SeatsHeld', held(bookingId, 'zoe', claims, seconds), 'command');
  const told = booking(bookingId, 'zoe', history.version('show'), [toldClaim('A3')], seconds, { reference });
  history.ask('zoe', bookingRequest(name, 'zoe', { units: ['A3'] }), 201, told);
}

const faultsOf = (history: MadeHistory) =>
  history
    .check()
    .faults.map(({ what }) => what)
    .join('\n');

describe('an idempotency key', () => {
  it('may make another booking once the first has been over for a day', () => {
    const history = lapsedAndThen(DAY);
    hold(history, 'show.c', 'show.a');

    expect(faultsOf(history)).to.equal('');
  });

  it('may not do so before, nor while stream time stands still', () => {
    const early = lapsedAndThen(DAY - 5);
    hold(early, 'show.c', 'show.a');
    const still = lapsedAndThen(DAY - 5);
    still.seconds += 60;
    hold(still, 'show.c', 'show.a');

    for (const history of [early, still]) {
      expect(faultsOf(history)).to.include('the command of version 3 is done a second time');
      expect(faultsOf(history)).to.include('show.c is booked a second time');
    }
    expect(faultsOf(early)).to.include('one key was answered in two ways');
  });

  it('may not do so at all while the booking lives', () => {
    const history = new MadeHistory();
    const policy = { ...POLICY, holdSeconds: 4 * DAY, maxHoldSeconds: 4 * DAY };
    history.log('show', 'SlotOpened', opened({ startsAt: T0 + 10 * DAY * 1000, endsAt: T0 + 11 * DAY * 1000, policy }));
    for (const [bookingId, unitId] of [
      ['show.a', 'A1'],
      ['show.c', 'A3'],
    ] as const) {
      const claims = [claim(unitId)];
      const end = history.now + 4 * DAY * 1000;
      history.log('show', 'BookingRequested', requested(bookingId, 'zoe', claims, { reference: 'order-show.a' }), 'command');
      const ends = { expiresAt: end, maxExpiresAt: end };
      history.log('show', 'SeatsHeld', held(bookingId, 'zoe', claims, history.seconds, ends), 'command');
      history.lose('zoe', bookingRequest('show.a', 'zoe', { units: [unitId] }));
      history.seconds = 2 * DAY;
      history.log('show', 'CommandAcknowledged', { onBooking: null });
    }

    expect(faultsOf(history)).to.include('the command of version 3 is done a second time');
  });

  it('of work on a slot may do it again a day later, and not before', () => {
    const closedTwice = (seconds: number) => {
      const history = new MadeHistory();
      history.log('show', 'SlotOpened', opened());
      for (const [type, deed, commandId] of [
        ['SlotClosed', 'close', 'command'],
        ['SlotReopened', 'reopen', null],
        ['SlotClosed', 'close', 'command'],
      ] as const) {
        history.log('show', type, { reason: null }, commandId);
        history.lose('operator', post(`/slots/show/${deed}`, {}, commandId === null ? undefined : 'key'));
        if (commandId !== null) history.seconds = seconds;
      }
      return faultsOf(history);
    };

    expect(closedTwice(DAY)).to.equal('');
    expect(closedTwice(DAY - 1)).to.include('the command of version 2 is done a second time');
  });

  it('that found its work done may do it a day later', () => {
    const acknowledgedThenDone = (seconds: number) => {
      const history = new MadeHistory();
      const counts = { capacity: 7, free: 7, held: 0, sold: 0, blocked: 0 };
      const close = () =>
        history.ask(
          'operator',
          post('/slots/show/close', {}, 'key'),
          200,
          summary({ status: 'CLOSED', version: history.version('show'), counts }),
        );
      history.log('show', 'SlotOpened', opened({ status: 'CLOSED' }));
      history.log('show', 'CommandAcknowledged', { onBooking: null }, 'command');
      close();
      history.seconds = seconds;
      history.log('show', 'SlotReopened', { reason: null });
      history.lose('operator', post('/slots/show/reopen', {}));
      history.log('show', 'SlotClosed', { reason: null }, 'command');
      close();
      return faultsOf(history);
    };

    expect(acknowledgedThenDone(DAY + 60)).to.equal('');
    expect(acknowledgedThenDone(DAY - 60)).to.include('one key was answered in two ways');
  });
});
