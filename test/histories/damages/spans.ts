import { claim, type MadeHistory, post } from '../made-history.ts';
import { CLAIMS_A3, type Damage, hold } from './damage.ts';

/** Half of what a booking lasts. */
const HALF = { to: 0.5 };

/** Parts of a booking that come, are sold or go over less than its span. */
export const SPAN_DAMAGES: readonly Damage[] = [
  {
    what: 'a seat is added over a part of the span alone',
    spoil: spoiling(12, { added: [claim('A4', 1, HALF)] }),
    rule: 'log',
    words: 'BookingChanged of show.c is about another span than was booked',
  },
  {
    what: 'a seat is dropped over a part of the span alone',
    spoil: spoiling(12, { dropped: [claim('A3', 1, HALF)] }),
    rule: 'log',
    words: 'BookingChanged of show.c is about another span than was booked',
  },
  {
    what: 'a seat is sold over a part of the span alone',
    spoil: spoiling(4, { claims: [claim('A1'), claim('A2', 1, HALF)] }),
    rule: 'log',
    words: 'BookingConfirmed of show.a is about another span than was booked',
  },
  {
    what: 'what is not paid for is given back over a part of the span alone',
    spoil: spoiling(4, { claims: [claim('A1')], released: [claim('A2', 1, HALF)] }),
    rule: 'log',
    words: 'BookingConfirmed of show.a is about another span than was booked',
  },
  {
    what: 'a part is given back over a part of the span alone',
    spoil: spoiling(8, { claims: [claim('yard', 1, HALF)] }),
    rule: 'log',
    words: 'SeatsReleased of show.b is about another span than was booked',
  },
  {
    what: 'a booking is cancelled over a part of its span alone',
    spoil: (h) => {
      hold(h, 'show.z', CLAIMS_A3);
      const data = { bookingId: 'show.z', customerId: 'zoe', claims: [claim('A3', 1, HALF)], previousStatus: 'HELD', reason: null };
      h.log('show', 'BookingCancelled', data);
      h.lose('zoe', post('/bookings/show.z/cancel', {}));
    },
    rule: 'log',
    words: 'BookingCancelled of show.z is about another span than was booked',
  },
  {
    what: 'a hold lapses over a part of its span alone',
    spoil: spoiling(13, { claims: [claim('A3'), claim('A4', 1, HALF)] }),
    rule: 'log',
    words: 'BookingExpired of show.c is about another span than was booked',
  },
];

function spoiling(position: number, change: object): (history: MadeHistory) => void {
  return (h) => h.spoil(position, { data: { ...h.events[position - 1]!.data, ...change } });
}
