import { bookingRequest, claim, held, requested } from '../made-history.ts';
import { CLAIMS_A3, type Damage, hold, refusedWith } from './damage.ts';

/** What the log has that was not asked for, or not in this way, or only half of it. */
export const HALF_DAMAGES: readonly Damage[] = [
  {
    what: 'a request is there without its hold',
    spoil: (h) => h.log('show', 'BookingRequested', requested('show.z', 'zoe', CLAIMS_A3)),
    rule: 'half',
    words: 'show.z was asked for, but not held',
  },
  { what: 'a hold is there without its request', spoil: (h) => h.forget(9), rule: 'half', words: 'show.c is held, but was not asked for' },
  {
    what: 'a booking was not paid for with its hold, as asked',
    spoil: (h) => h.forget(7),
    rule: 'half',
    words: 'show.b was held, but not confirmed with it',
  },
  {
    what: 'a request was refused, and yet done',
    spoil: (h) => {
      h.lose('zoe', bookingRequest('show.other', 'zoe', { units: ['A3'] }));
      hold(h, 'show.z', CLAIMS_A3);
      h.records.splice(-1);
      refusedWith({ units: ['A1'] }, { code: 'sold-out' })(h);
    },
    rule: 'half',
    words: 'show.z was refused, and yet booked',
  },
  {
    what: 'something was done that nobody asked for',
    spoil: (h) => h.records.splice(11, 1),
    rule: 'half',
    words: 'HoldExtended of show.c: nobody asked for it',
  },
  {
    what: 'a booking is there that nobody asked for',
    spoil: (h) => {
      hold(h, 'show.z', CLAIMS_A3);
      h.records.splice(-1);
    },
    rule: 'log',
    words: 'show.z of reference order-show.z was never asked for',
  },
  {
    what: 'a booking is of other units than were asked for',
    spoil: (h) => h.spoil(5, { data: requested('show.b', 'bob', [claim('yard', 3)]) }),
    rule: 'log',
    words: 'show.b is not what was asked for',
  },
  {
    what: 'a request whose answer was lost was done twice',
    spoil: (h) => {
      const again = requested('show.c2', 'carol', CLAIMS_A3, { reference: 'order-show.c', asked: h.events[8]!.data.asked });
      h.log('show', 'BookingRequested', again);
      h.log('show', 'SeatsHeld', held('show.c2', 'carol', CLAIMS_A3, h.seconds));
    },
    rule: 'key',
    words: 'show.c2 is booked a second time',
  },
  {
    what: 'a booking without a name is there, though nobody asked for one',
    spoil: (h) => {
      h.log('show', 'BookingRequested', requested('show.z', 'zoe', CLAIMS_A3, { reference: null }));
      h.log('show', 'SeatsHeld', held('show.z', 'zoe', CLAIMS_A3, h.seconds));
    },
    rule: 'log',
    words: 'show.z has no reference',
  },
  {
    what: 'other units are held than were asked for, and nobody was answered',
    spoil: (h) => {
      h.log('show', 'BookingRequested', requested('show.z', 'zoe', CLAIMS_A3));
      h.log('show', 'SeatsHeld', held('show.z', 'zoe', [claim('yard', 2)], h.seconds));
      h.lose('zoe', bookingRequest('show.z', 'zoe', { units: ['A3'] }));
    },
    rule: 'log',
    words: 'show.z holds otherwise than was asked for: it has 2 yard, not 1 A3',
  },
  ...[
    { wish: { quantity: 2 }, words: 'it has 1 units, 0 of them accessible' },
    { wish: { accessible: 1 }, words: 'it has 1 units, 0 of them accessible' },
    { wish: { category: 'standing' }, words: 'A3 is of another category' },
  ].map(
    ({ wish, words }): Damage => ({
      what: `what is chosen does not suit ${JSON.stringify(wish)}`,
      spoil: (h) => h.spoil(9, { data: { ...h.events[8]!.data, asked: { ...(h.events[8]!.data.asked as object), ...wish } } }),
      rule: 'log',
      words: `show.c holds otherwise than was asked for: ${words}`,
    }),
  ),
];
