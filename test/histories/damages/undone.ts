import type { Json } from '../history.ts';
import { at, booking, claim, type MadeHistory, patch, post, toldClaim } from '../made-history.ts';
import { CLAIMS_A3, type Damage, hold } from './damage.ts';

/** What was acknowledged, and not done, or not as it was asked. */
export const UNDONE_DAMAGES: readonly Damage[] = [
  {
    what: 'a part is given back for the second time, and nothing happens',
    spoil: (h) => h.ask('bob', post('/bookings/show.b/cancel', { units: ['yard'] }, 'key-d'), 200, releasedOnce(h)),
    rule: 'acknowledged',
    words: 'the log has nothing of it',
  },
  {
    what: 'a place is added to those that a booking has, and nothing happens',
    spoil: (h) => {
      hold(h, 'show.z', [claim('yard')]);
      h.ask('zoe', post('/bookings/show.z/change', { add: ['yard'] }), 200, h.records.at(-1)!.answer!.body);
    },
    rule: 'acknowledged',
    words: 'the log has nothing of it',
  },
  { what: 'a seat is withdrawn, and nothing happens', spoil: worked('/withdraw', ['A3']), rule: 'acknowledged', words: 'nothing of it' },
  {
    what: 'a blocked seat is blocked as one of a number, and nothing happens',
    spoil: worked('/block', [{ unitId: 'A4', quantity: 1 }]),
    rule: 'acknowledged',
    words: 'nothing of it',
  },
  {
    what: 'one of a number is put back on sale, and nothing happens',
    spoil: worked('/unblock', [{ unitId: 'A4', quantity: 1 }]),
    rule: 'acknowledged',
    words: 'nothing of it',
  },
  {
    what: 'a slot is given another title, and nothing happens',
    spoil: (h) => h.ask('operator', patch({ title: 'Othello' }, 16), 200, asItWas(h)),
    rule: 'acknowledged',
    words: 'at version 16: operator PATCH /slots/show',
  },
  {
    what: 'two are told of one event that it was theirs',
    spoil: (h) => {
      const half = { bookingId: 'show.z', customerId: 'zoe', claims: [claim('yard')], previousStatus: 'HELD', reason: null };
      hold(h, 'show.z', [claim('yard', 2)]);
      const { seconds } = h;
      h.log('show', 'SeatsReleased', half);
      const released = [{ unitId: 'yard', quantity: 1, reason: 'cancelled', at: at(seconds) }];
      const told = booking('show.z', 'zoe', h.version('show'), [toldClaim('yard')], seconds - 1, { released });
      for (const client of ['zoe', 'yan']) h.ask(client, post('/bookings/show.z/cancel', { units: ['yard'] }), 200, told);
    },
    rule: 'acknowledged',
    words: 'the log has nothing of it',
  },
  {
    what: 'a booking is made once and told to be made twice',
    spoil: (h) => {
      hold(h, 'show.z', CLAIMS_A3);
      const { request, answer } = h.records.at(-1)!;
      h.ask('zoe', { ...request, key: 'key-y' }, 201, answer!.body);
    },
    rule: 'acknowledged',
    words: 'the log has nothing of it',
  },
  {
    what: 'a change comes to more than was expected',
    spoil: (h) => {
      hold(h, 'show.z', CLAIMS_A3);
      const expiresAt = Date.parse(String(h.records.at(-1)!.answer!.body.expiresAt));
      const change = { bookingId: 'show.z', customerId: 'zoe', added: [claim('yard')], dropped: [], adjacent: false, expiresAt };
      h.log('show', 'BookingChanged', change);
      const both = [toldClaim('A3'), toldClaim('yard')];
      const told = booking('show.z', 'zoe', h.version('show'), both, h.seconds - 1, { adjacent: false });
      h.ask('zoe', post('/bookings/show.z/change', { add: ['yard'], expectedTotal: 4_500 }), 200, told);
    },
    rule: 'acknowledged',
    words: 'it costs 5000',
  },
  { what: 'a slot is changed otherwise than asked', spoil: patched({ title: 'Macbeth' }), rule: 'half', words: 'SlotChanged is not what' },
  {
    what: 'more of a slot is changed than was asked',
    spoil: patched({ title: 'Othello', salesUntil: 0 }),
    rule: 'half',
    words: 'SlotChanged is not what',
  },
  {
    what: 'only a part of what was asked of a slot is changed',
    spoil: patched({ title: 'Othello' }, { title: 'Othello', metadata: { season: '2027' } }),
    rule: 'half',
    words: 'SlotChanged is not what',
  },
];

function releasedOnce({ records }: MadeHistory): Json {
  return records.find(({ request }) => request.key === 'key-c')!.answer!.body;
}

/** The summary as it was told last. */
function asItWas({ records }: MadeHistory): Json {
  return records.find(({ request }) => request.path === '/slots/show/reopen')!.answer!.body;
}

function worked(deed: string, units: readonly unknown[]) {
  return (history: MadeHistory) => history.ask('operator', post(`/slots/show/units${deed}`, { units }), 200, asItWas(history));
}

/** Changes the slot by a request for another title, or for something else. */
function patched(changes: Json, asked: Json = { title: 'Othello' }) {
  return (history: MadeHistory) => {
    history.log('show', 'SlotChanged', { changes });
    history.lose('operator', patch(asked, 16));
  };
}
