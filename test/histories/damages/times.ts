import { bookingRequest, type MadeHistory, post } from '../made-history.ts';
import { CLAIMS_A3, type Damage, hold } from './damage.ts';

const TAKEN = { code: 'seats-taken', unavailable: [{ unitId: 'A3', status: 'held' }] };

/** Answers that came before what they tell of, and decisions on what had long been otherwise. */
export const TIME_DAMAGES: readonly Damage[] = [
  {
    what: 'a booking is acknowledged before it is in the log',
    spoil: (h) => {
      hold(h, 'show.z', CLAIMS_A3);
      for (const position of [17, 18]) h.spoil(position, { recordedAt: h.now + 5 });
    },
    rule: 'acknowledged',
    words: 'version 18 of show was recorded 5 ms after the answer',
  },
  {
    what: 'a refusal rests on what is recorded after it',
    spoil: (h) => {
      const before = h.seconds;
      h.seconds += 1_000;
      hold(h, 'show.z', CLAIMS_A3);
      h.seconds = before;
      refuse(h, h.version('show'));
    },
    rule: 'refusal',
    words: 'version 18 of show was recorded 999000 ms after the answer',
  },
  {
    what: 'a refusal rests on what was undone long before, though nobody was told of that',
    spoil: (h) => {
      cancelUnheard(h);
      refuse(h, h.version('show') - 1);
    },
    rule: 'refusal',
    words: 'it was decided on version 18, though version 19 had been there for 300000 ms',
  },
  {
    what: 'an answer rests on what was undone long before, though nobody was told of that',
    spoil: (h) => {
      cancelUnheard(h);
      const record = h.records.findLast(({ request }) => request.path === '/slots/show/reopen')!;
      h.ask('operator', record.request, 200, { ...record.answer!.body, version: 18 }, { version: 18 });
    },
    rule: 'acknowledged',
    words: 'it was decided on version 18, though version 19 had been there for 300000 ms',
  },
  {
    what: 'a read tells of what is recorded after it',
    spoil: (h) => h.spoil(16, { recordedAt: h.now }),
    rule: 'read',
    words: 'version 16 of show was recorded 3000 ms after the answer',
  },
];

/** A hold that is given back by a request whose answer nobody gets, and then nothing for five minutes. */
function cancelUnheard(h: MadeHistory): void {
  hold(h, 'show.z', CLAIMS_A3);
  const data = { bookingId: 'show.z', customerId: 'zoe', claims: CLAIMS_A3, previousStatus: 'HELD', reason: null };
  h.log('show', 'BookingCancelled', data);
  h.lose('zoe', post('/bookings/show.z/cancel', {}));
  h.seconds += 299;
}

function refuse(h: MadeHistory, version: number): void {
  h.ask('yan', bookingRequest('show.y', 'yan', { units: ['A3'] }), 409, TAKEN, { version });
}
