import { at, bookingRequest, post, toldClaim } from '../made-history.ts';
import type { Damage } from './damage.ts';

/** Successes that the log does not bear out. */
export const ANSWER_DAMAGES: readonly Damage[] = [
  {
    what: 'an answered booking is not in the log',
    spoil: (h) => h.forget(2, 3, 4),
    rule: 'acknowledged',
    words: 'the log has no such booking',
  },
  {
    what: 'an answer names a version that the log does not have',
    spoil: (h) => h.events.splice(15),
    rule: 'acknowledged',
    words: 'the log has no version 16 of show',
  },
  {
    what: 'a booking is answered with other units',
    spoil: (h) => h.respond(0, { claims: [toldClaim('A1'), toldClaim('A3')] }),
    rule: 'acknowledged',
    words: '/claims/1/unitId is "A3", not "A2"',
  },
  {
    what: 'a hold is answered with another end',
    spoil: (h) => h.respond(0, { expiresAt: at(700) }),
    rule: 'acknowledged',
    words: '/expiresAt is',
  },
  {
    what: 'a confirmation is answered that was none',
    spoil: (h) => h.respond(2, { status: 'HELD' }),
    rule: 'acknowledged',
    words: '/status is "HELD", not "CONFIRMED"',
  },
  {
    what: "an operator's answer has wrong counts",
    spoil: (h) => h.respond(-8, { counts: { capacity: 7, free: 4, held: 0, sold: 3, blocked: 0 } }),
    rule: 'acknowledged',
    words: '/counts/free is 4, not 3',
  },
  {
    what: 'an answer stands at another position than its event',
    spoil: (h) => h.ask('operator', post('/slots/show/reopen', {}), 200, { slotId: 'show', version: 15 }, { version: 15, position: 16 }),
    rule: 'acknowledged',
    words: 'version 15 of show is not at position 16',
  },
  {
    what: 'somebody is told of the booking of somebody else',
    spoil: (h) => h.ask('zoe', bookingRequest('show.z', 'zoe', { units: ['yard'] }), 201, h.records[8]!.answer!.body),
    rule: 'acknowledged',
    words: 'it is the booking of somebody else',
  },
];
