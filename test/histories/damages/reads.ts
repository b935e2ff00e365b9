import { booking, get, toldClaim } from '../made-history.ts';
import type { Damage } from './damage.ts';

/** Reads that are too old, or of what never was. */
export const READ_DAMAGES: readonly Damage[] = [
  {
    what: 'a read is older than the position that it named',
    spoil: (h) =>
      h.ask('erin', get('/bookings/show.z', h.records.at(-4)!.answer!.position!), 404, { code: 'booking-not-found' }, { version: 12 }),
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
  {
    what: 'a read tells no position',
    spoil: (h) => {
      const record = h.records.at(-2)!;
      h.records[h.records.length - 2] = { ...record, answer: { ...record.answer!, position: null } };
    },
    rule: 'read',
    words: 'it tells no position',
  },
  {
    what: 'a read tells an older version than its position',
    spoil: (h) => {
      const told = h.records.at(-2)!.answer!.body;
      h.ask('erin', get('/slots/show', h.records.at(-4)!.answer!.position!), 200, told, { version: 16, position: 14 });
    },
    rule: 'read',
    words: 'it tells version 14, and by its position version 16 of slot-show',
  },
  {
    what: 'a read tells a version that the log does not have',
    spoil: (h) => h.ask('erin', get('/slots/show'), 200, { ...h.records.at(-2)!.answer!.body, version: 17 }, { version: 17, position: 17 }),
    rule: 'read',
    words: 'the log has no version 17 of show',
  },
  {
    what: 'a booking is told not to be there by a read that stands behind it',
    spoil: (h) => h.ask('alice', get('/bookings/show.a'), 404, { code: 'booking-not-found' }),
    rule: 'read',
    words: 'it was there at position 3',
  },
];
