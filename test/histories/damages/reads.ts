import { booking, get, toldClaim } from '../made-history.ts';
import type { Damage } from './damage.ts';

/** Reads that are too old, or of what never was. */
export const READ_DAMAGES: readonly Damage[] = [
  {
    what: 'a read is older than the position that it named',
    spoil: (h) =>
      h.ask('erin', get('/bookings/show.z', h.records.at(-1)!.answer!.position!), 404, { code: 'booking-not-found' }, { version: 12 }),
    rule: 'read',
    words: 'it had only reached position 12',
  },
  {
    what: 'a seat map is not what its version was',
    spoil: (h) => h.respond(-4, { version: 13 }),
    rule: 'read',
    words: 'A4/status is "blocked", not "free"',
  },
  {
    what: 'a read tells a position whose events it does not have',
    spoil: (h) => h.respond(-2, { version: 13, counts: { capacity: 7, free: 4, held: 0, sold: 3, blocked: 0 } }),
    rule: 'read',
    words: 'tells position 14, but not of position 14',
  },
  {
    what: 'availability is not what its version was',
    spoil: (h) => h.respond(-3, { categories: [] }),
    rule: 'read',
    words: 'it tells of 0 categories',
  },
  {
    what: 'a summary is not what its version was',
    spoil: (h) => h.respond(-2, { status: 'CLOSED' }),
    rule: 'read',
    words: '/status is "CLOSED", not "OPEN"',
  },
  {
    what: 'a booking is read as it never was',
    spoil: (h) => h.respond(-1, { paymentReference: 'pay-z' }),
    rule: 'read',
    words: '/paymentReference is "pay-z"',
  },
  {
    what: 'a booking is read as it was before the position that the read tells',
    spoil: (h) => h.ask('alice', get('/bookings/show.a'), 200, booking('show.a', 'alice', 3, [toldClaim('A1'), toldClaim('A2')], 0)),
    rule: 'read',
    words: 'tells position 16, but not of position 4',
  },
];
