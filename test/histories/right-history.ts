import { at, booking, bookingRequest, claim, get, held, MadeHistory, opened, post, requested, summary, toldClaim } from './made-history.ts';

/**
 * An evening's sale, as it should be. Positions of the log are versions of the slot:
 *
 * 1 opened · 2, 3 Alice holds A1 and A2 · 4 she pays · 5, 6, 7 Bob buys two places in the yard · 8 he
 * gives one back · 9, 10 Carol holds A3, whose answer is lost · 11 extends · 12 changes to A3 and A4 ·
 * 13 lapses · 14 an operator blocks A4 · 15 closes · 16 reopens
 */
export function rightHistory(): MadeHistory {
  const history = new MadeHistory();
  history.log('show', 'SlotOpened', opened());
  alice(history);
  bob(history);
  carol(history);
  operator(history);
  reads(history);
  return history;
}

function alice(history: MadeHistory): void {
  const claims = [claim('A1'), claim('A2')];
  const told = [toldClaim('A1'), toldClaim('A2')];
  history.log('show', 'BookingRequested', requested('show.a', 'alice', claims), 'command-a');
  history.log('show', 'SeatsHeld', held('show.a', 'alice', claims, 0), 'command-a');
  history.ask('alice', bookingRequest('show.a', 'alice', { units: ['A1', 'A2'] }), 201, booking('show.a', 'alice', 3, told, 0));
  history.ask('bob', bookingRequest('show.x', 'bob', { units: ['A2', 'A3'] }), 409, {
    code: 'seats-taken',
    unavailable: [{ unitId: 'A2', status: 'held' }],
  });
  const sold = { bookingId: 'show.a', customerId: 'alice', paymentReference: 'pay-a', claims, released: [] };
  history.log('show', 'BookingConfirmed', sold);
  const paid = { status: 'CONFIRMED', confirmedAt: at(2), paymentReference: 'pay-a' };
  const confirmed = booking('show.a', 'alice', 4, told, 0, paid);
  history.ask('alice', post('/bookings/show.a/confirm', { paymentReference: 'pay-a' }), 200, confirmed);
  history.ask('alice', post('/bookings/show.a/extend-hold', { seconds: 60 }), 409, { code: 'already-confirmed', booking: confirmed });
}

function bob(history: MadeHistory): void {
  history.ask('bob', bookingRequest('show.x', 'bob', { bestAvailable: { quantity: 3, category: 'gold' } }), 409, { code: 'sold-out' });
  history.ask('bob', bookingRequest('show.x', 'bob', { bestAvailable: { quantity: 4, adjacent: true } }), 409, { code: 'not-adjacent' });
  history.ask('bob', bookingRequest('show.x', 'bob', { bestAvailable: { quantity: 5 } }), 422, { code: 'limit-exceeded', limit: 4 });
  const claims = [claim('yard', 2)];
  history.log('show', 'BookingRequested', requested('show.b', 'bob', claims), 'command-b');
  history.log('show', 'SeatsHeld', held('show.b', 'bob', claims, 7), 'command-b');
  history.log(
    'show',
    'BookingConfirmed',
    { bookingId: 'show.b', customerId: 'bob', paymentReference: 'pay-b', claims, released: [] },
    'command-b',
  );
  const paid = { status: 'CONFIRMED', confirmedAt: at(7), paymentReference: 'pay-b' };
  const wish = { units: [{ unitId: 'yard', quantity: 2 }], confirm: { paymentReference: 'pay-b' } };
  history.ask('bob', bookingRequest('show.b', 'bob', wish), 201, booking('show.b', 'bob', 7, [toldClaim('yard', 2)], 7, paid));
  const given = { bookingId: 'show.b', customerId: 'bob', claims: [claim('yard')], previousStatus: 'CONFIRMED', reason: null };
  history.log('show', 'SeatsReleased', given, 'command-c');
  const less = booking('show.b', 'bob', 8, [toldClaim('yard')], 7, {
    ...paid,
    released: [{ unitId: 'yard', quantity: 1, reason: 'cancelled', at: at(8) }],
  });
  history.ask('bob', post('/bookings/show.b/cancel', { units: [{ unitId: 'yard', quantity: 1 }] }, 'key-c'), 200, less);
}

function carol(history: MadeHistory): void {
  const request = bookingRequest('show.c', 'carol', { bestAvailable: { quantity: 1, category: 'gold' } });
  const asked = { kind: 'bestAvailable', quantity: 1, category: 'gold', adjacent: null, accessible: 0 };
  history.log('show', 'BookingRequested', requested('show.c', 'carol', [claim('A3')], { asked }), 'command-d');
  history.log('show', 'SeatsHeld', held('show.c', 'carol', [claim('A3')], 9), 'command-d');
  history.lose('carol', request);
  history.ask('carol', request, 201, booking('show.c', 'carol', 10, [toldClaim('A3')], 9));
  history.log('show', 'HoldExtended', { bookingId: 'show.c', customerId: 'carol', claims: [claim('A3')], expiresAt: Date.parse(at(911)) });
  history.ask(
    'carol',
    post('/bookings/show.c/extend-hold', { seconds: 900 }),
    200,
    booking('show.c', 'carol', 11, [toldClaim('A3')], 9, { expiresAt: at(911) }),
  );
  const change = {
    bookingId: 'show.c',
    customerId: 'carol',
    added: [claim('A4')],
    dropped: [],
    adjacent: true,
    expiresAt: Date.parse(at(911)),
  };
  history.log('show', 'BookingChanged', change);
  const both = [toldClaim('A3'), toldClaim('A4')];
  history.ask(
    'carol',
    post('/bookings/show.c/change', { add: ['A4'] }),
    200,
    booking('show.c', 'carol', 12, both, 9, { expiresAt: at(911) }),
  );
  history.seconds = 912;
  const lapsed = { bookingId: 'show.c', customerId: 'carol', claims: [claim('A3'), claim('A4')], expiresAt: Date.parse(at(911)) };
  history.log('show', 'BookingExpired', lapsed);
  const released = ['A3', 'A4'].map((unitId) => ({ unitId, quantity: 1, reason: 'expired', at: at(912) }));
  const expired = booking('show.c', 'carol', 13, [], 9, { status: 'EXPIRED', expiresAt: at(911), released });
  history.ask('carol', post('/bookings/show.c/confirm', { paymentReference: 'pay-c' }), 410, { code: 'hold-expired', booking: expired });
}

function operator(history: MadeHistory): void {
  history.log('show', 'UnitsBlocked', { blocks: [{ unitId: 'A4', quantity: 1, from: 0, to: 1 }], reason: 'broken' });
  const counts = { capacity: 7, free: 3, held: 0, sold: 3, blocked: 1 };
  history.ask('operator', post('/slots/show/units/block', { units: ['A4'] }), 200, summary({ version: 14, counts }));
  history.log('show', 'SlotClosed', { reason: null });
  history.ask('operator', post('/slots/show/close', {}), 200, summary({ version: 15, counts, status: 'CLOSED' }));
  history.ask('dave', bookingRequest('show.d', 'dave', { units: ['A3'] }), 409, { code: 'slot-closed' });
  history.log('show', 'SlotReopened', { reason: null });
  history.ask('operator', post('/slots/show/reopen', {}), 200, summary({ version: 16, counts }));
}

function reads(history: MadeHistory): void {
  const reached = history.records.at(-1)!.answer!.position!;
  const seat = (unitId: string, status: string) => ({ unitId, price: 4500, status });
  const yard = { unitId: 'yard', price: 500, status: 'free', free: 2, held: 0, sold: 1, blocked: 0 };
  const units = [seat('A1', 'sold'), seat('A2', 'sold'), seat('A3', 'free'), seat('A4', 'blocked'), yard];
  history.ask('erin', get('/slots/show/seats', reached), 200, { slotId: 'show', version: 16, units });
  const categories = [
    { category: 'gold', price: 4500, maxPrice: 4500, capacity: 4, free: 1 },
    { category: 'standing', price: 500, maxPrice: 500, capacity: 3, free: 2 },
  ];
  history.ask('erin', get('/slots/show/availability', reached), 200, { slotId: 'show', version: 16, categories });
  const counts = { capacity: 7, free: 3, held: 0, sold: 3, blocked: 1 };
  history.ask('erin', get('/slots/show'), 200, summary({ version: 14, counts }), { version: 14 });
  const paid = { status: 'CONFIRMED', confirmedAt: at(2), paymentReference: 'pay-a' };
  const place = { version: 4, position: 16 };
  history.ask(
    'alice',
    get('/bookings/show.a', reached),
    200,
    booking('show.a', 'alice', 4, [toldClaim('A1'), toldClaim('A2')], 0, paid),
    place,
  );
}
