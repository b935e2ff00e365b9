import type { ClientRequest } from '../history.ts';
import { booking, claim, get, type MadeHistory, opened, POLICY, post, T0, toldClaim } from '../made-history.ts';
import { CLAIMS_A3, type Damage, hold } from './damage.ts';

/** Events that do otherwise than anybody asked, or at terms that the slot does not have. */
export const DEED_DAMAGES: readonly Damage[] = [
  {
    what: 'a booking is cancelled with its slot, which is not',
    spoil: (h) => {
      const claims = [claim('A1'), claim('A2')];
      const data = { bookingId: 'show.a', customerId: 'alice', claims, previousStatus: 'CONFIRMED', reason: 'slot-cancelled' };
      h.log('show', 'BookingCancelled', data);
    },
    rule: 'half',
    words: 'BookingCancelled of show.a is not what anybody asked for',
  },
  {
    what: 'a payment for all of a booking sells a part of it',
    spoil: (h) => h.spoil(4, { data: { ...h.events[3]!.data, claims: [claim('A1')], released: [claim('A2')] } }),
    rule: 'half',
    words: 'BookingConfirmed of show.a is not what anybody asked for',
  },
  {
    what: 'a booking is paid for by another payment',
    spoil: (h) => h.spoil(4, { data: { ...h.events[3]!.data, paymentReference: 'pay-z' } }),
    rule: 'half',
    words: 'BookingConfirmed of show.a is not what anybody asked for',
  },
  {
    what: 'a part is given back, and all of it cancelled',
    spoil: (h) => h.spoil(8, { type: 'BookingCancelled', data: { ...h.events[7]!.data, claims: [claim('yard', 2)] } }),
    rule: 'half',
    words: 'BookingCancelled of show.b is not what anybody asked for',
  },
  {
    what: 'more is given back than was asked for',
    spoil: (h) => change(h, '/bookings/show.b/cancel', { units: [{ unitId: 'yard', quantity: 2 }] }),
    rule: 'half',
    words: 'SeatsReleased of show.b is not what anybody asked for',
  },
  {
    what: 'of a unit that is named without a quantity, a part alone is given back',
    spoil: (h) => change(h, '/bookings/show.b/cancel', { units: ['yard'] }),
    rule: 'half',
    words: 'SeatsReleased of show.b is not what anybody asked for',
  },
  {
    what: 'a change drops what nobody dropped',
    spoil: (h) => h.spoil(12, { data: { ...h.events[11]!.data, dropped: CLAIMS_A3 } }),
    rule: 'half',
    words: 'BookingChanged of show.c is not what anybody asked for',
  },
  {
    what: 'a hold is extended for longer than was asked',
    spoil: (h) => change(h, '/bookings/show.c/extend-hold', { seconds: 800 }),
    rule: 'half',
    words: 'HoldExtended of show.c is not what anybody asked for',
  },
  {
    what: 'a payment was decided before it was made',
    spoil: (h) => h.spoil(4, { at: T0 + 1_000 }),
    rule: 'half',
    words: 'BookingConfirmed of show.a was decided before it was asked for',
  },
  {
    what: 'a booking is paid for although its slot had been cancelled',
    spoil: (h) => {
      hold(h, 'show.z', CLAIMS_A3);
      h.log('show', 'SlotCancelled', { reason: null });
      h.lose('operator', post('/slots/show/cancel', {}));
      const data = { bookingId: 'show.z', customerId: 'zoe', paymentReference: 'pay-z', claims: CLAIMS_A3, released: [] };
      h.log('show', 'BookingConfirmed', data);
      h.lose('zoe', post('/bookings/show.z/confirm', { paymentReference: 'pay-z' }));
    },
    rule: 'log',
    words: 'BookingConfirmed of show.z, whose slot had been cancelled',
  },
  {
    what: 'a version was named, and another one decided on',
    spoil: (h) => replace(h, '/slots/show/bookings', (request) => ({ ...request, ifMatch: 0 })),
    rule: 'acknowledged',
    words: 'it was decided behind SlotOpened, not on version 0',
  },
  {
    what: 'a hold is shorter than the slot lets it be',
    spoil: (h) => h.spoil(3, { data: { ...h.events[2]!.data, expiresAt: T0 + 599_000 } }),
    rule: 'log',
    words: 'show.a is held until 599000 of at most 1800000 ms from now',
  },
  {
    what: 'a hold holds nothing',
    spoil: (h) => h.spoil(3, { data: { ...h.events[2]!.data, claims: [] } }),
    rule: 'log',
    words: 'show.a holds nothing',
  },
  {
    what: 'a seat costs less than it does',
    spoil: (h) => h.spoil(3, { data: { ...h.events[2]!.data, claims: [claim('A1', 1, { price: 1, amount: 1 }), claim('A2')] } }),
    rule: 'log',
    words: 'show.a has A1 for 1 at 1, not for 4500 at 4500',
  },
  {
    what: 'seats side by side are told not to be',
    spoil: (h) => h.spoil(3, { data: { ...h.events[2]!.data, adjacent: false } }),
    rule: 'log',
    words: 'show.a says the wrong',
  },
  {
    what: 'a seat is left alone that must not be',
    spoil: (h) => h.spoil(1, { data: opened({ policy: { ...POLICY, orphanSeats: 'forbid' } }) }),
    rule: 'log',
    words: 'show.c leaves A4 alone',
  },
  {
    what: 'a slot is closed that nobody closed',
    spoil: (h) => void h.records.splice(indexOf(h, '/slots/show/close'), 1),
    rule: 'half',
    words: 'SlotClosed is not what anybody asked for',
  },
  {
    what: 'a seat is blocked that nobody blocked',
    spoil: (h) => h.spoil(14, { data: { blocks: [{ unitId: 'A3', quantity: 1, from: 0, to: 1 }], reason: null } }),
    rule: 'half',
    words: 'UnitsBlocked is not what anybody asked for',
  },
  {
    what: 'of two seats that are blocked one stays on sale',
    spoil: (h) => change(h, '/slots/show/units/block', { units: ['A3', 'A4'] }),
    rule: 'acknowledged',
    words: 'A3 is on sale',
  },
  {
    what: 'a slot is told to be closed while it is open',
    spoil: (h) => replace(h, '/slots/show/reopen', (request) => ({ ...request, path: '/slots/show/close' })),
    rule: 'acknowledged',
    words: 'it is OPEN',
  },
  {
    what: 'a booking is told not to be there at a position behind it',
    spoil: (h) => h.ask('alice', get('/bookings/show.a', h.records.at(-1)!.answer!.position!), 404, { code: 'booking-not-found' }),
    rule: 'read',
    words: 'it was there at position 3',
  },
  {
    what: 'a slot is told not to be there at a position behind it',
    spoil: (h) => h.ask('erin', get('/slots/show/seats', h.records.at(-1)!.answer!.position!), 404, { code: 'slot-not-found' }),
    rule: 'read',
    words: 'it was there at position 1',
  },
  {
    what: 'a seat map tells no version',
    spoil: (h) => h.respond(-4, { version: undefined }),
    rule: 'read',
    words: 'it tells no version',
  },
  {
    what: 'a change is answered that was for another booking',
    spoil: (h) => {
      const both = [toldClaim('A1'), toldClaim('A2')];
      const paid = { status: 'CONFIRMED', confirmedAt: '2027-01-10T12:00:02Z', paymentReference: 'pay-a' };
      h.ask('zoe', post('/bookings/show.b/confirm', { paymentReference: 'pay-a' }), 200, booking('show.a', 'alice', 4, both, 0, paid));
    },
    rule: 'acknowledged',
    words: 'it is another booking',
  },
];

function indexOf({ records }: MadeHistory, path: string): number {
  return records.findIndex(({ request }) => request.path === path);
}

/** Changes the first request for the address that was answered well. */
function replace(history: MadeHistory, path: string, change: (request: ClientRequest) => ClientRequest): void {
  const record = history.records[indexOf(history, path)]!;
  history.records[indexOf(history, path)] = { ...record, request: change(record.request) };
}

function change(history: MadeHistory, path: string, body: object): void {
  replace(history, path, (request) => ({ ...request, body: { ...request.body, ...body } }));
}
