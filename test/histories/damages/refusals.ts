import { at, bookingRequest, post } from '../made-history.ts';
import { CLAIMS_A3, type Damage, hold, refusedWith } from './damage.ts';

/** Refusals of what could be had, and refusals that rest on what was no longer so. */
export const REFUSAL_DAMAGES: readonly Damage[] = [
  {
    what: 'a free seat is refused',
    spoil: refusedWith({ units: ['A3'] }, { code: 'seats-taken', unavailable: [{ unitId: 'A3', status: 'held' }] } as never),
    rule: 'refusal',
    words: 'A3 was free',
  },
  {
    what: 'a seat is told to be what it is not',
    spoil: refusedWith({ units: ['A1'] }, { code: 'seats-taken', unavailable: [{ unitId: 'A1', status: 'held' }] } as never),
    rule: 'refusal',
    words: 'A1 was sold, not held',
  },
  {
    what: 'a refusal is silent about a seat',
    spoil: refusedWith({ units: ['A1', 'A4'] }, { code: 'seats-taken', unavailable: [{ unitId: 'A1', status: 'sold' }] } as never),
    rule: 'refusal',
    words: 'A4 was not free either',
  },
  {
    what: 'enough is free for what is sold out',
    spoil: refusedWith({ bestAvailable: { quantity: 2, category: 'standing' } }, { code: 'sold-out' }),
    rule: 'refusal',
    words: '2 and 0 accessible were free',
  },
  {
    what: 'there are units side by side that are told not to be',
    spoil: refusedWith({ bestAvailable: { quantity: 2, adjacent: true } }, { code: 'not-adjacent' }),
    rule: 'refusal',
    words: 'enough of them side by side',
  },
  {
    what: 'an open slot is told to be closed',
    spoil: refusedWith({ units: ['A3'] }, { code: 'slot-closed' }),
    rule: 'refusal',
    words: 'the slot was OPEN',
  },
  {
    what: 'an open slot is told to be cancelled',
    spoil: refusedWith({ units: ['A3'] }, { code: 'slot-cancelled' }),
    rule: 'refusal',
    words: 'the slot was OPEN',
  },
  {
    what: 'a slot on sale is told not to be',
    spoil: refusedWith({ units: ['A3'] }, { code: 'not-on-sale' }),
    rule: 'refusal',
    words: 'it was on sale',
  },
  {
    what: 'what is to come is told to be over',
    spoil: refusedWith({ units: ['A3'] }, { code: 'in-the-past' }),
    rule: 'refusal',
    words: 'it was still to come',
  },
  {
    what: 'a known unit is told to be unknown',
    spoil: refusedWith({ units: ['A3'] }, { code: 'unknown-unit' }),
    rule: 'refusal',
    words: 'all units that it names were there',
  },
  {
    what: 'few units are told to be too many',
    spoil: refusedWith({ units: ['A3'] }, { code: 'limit-exceeded', limit: 4 } as never),
    rule: 'refusal',
    words: '1 of at most 4',
  },
  {
    what: 'the price that was expected is told to have changed',
    spoil: refusedWith({ units: ['A3'], expectedTotal: 4500 }, { code: 'price-changed', total: { amount: 4500 } } as never),
    rule: 'refusal',
    words: 'the price that was expected',
  },
  {
    what: 'the price is told wrongly',
    spoil: refusedWith({ units: ['A3'], expectedTotal: 4000 }, { code: 'price-changed', total: { amount: 4600 } } as never),
    rule: 'refusal',
    words: 'the total was 4500, not 4600',
  },
  {
    what: 'no orphan would be left',
    spoil: refusedWith({ units: ['A3'] }, { code: 'would-leave-orphan', orphans: ['A4'] } as never),
    rule: 'refusal',
    words: 'does not forbid it',
  },
  {
    what: 'a slot that is there is told not to be',
    spoil: refusedWith({ units: ['A3'] }, { code: 'slot-not-found' }),
    rule: 'refusal',
    words: 'there was the slot',
  },
  {
    what: 'a span is demanded where there is none',
    spoil: refusedWith({ units: ['A3'] }, { code: 'span-required' }),
    rule: 'refusal',
    words: 'needed none',
  },
  {
    what: 'a span that fits is told not to',
    spoil: refusedWith({ units: ['A3'] }, { code: 'span-invalid' }),
    rule: 'refusal',
    words: 'the span fits',
  },
  {
    what: 'a booking that is there is told not to be',
    spoil: (h) => h.ask('alice', post('/bookings/show.a/cancel', {}), 404, { code: 'booking-not-found' }),
    rule: 'refusal',
    words: 'there was the booking',
  },
  {
    what: 'a booking that was paid is told to have lapsed',
    spoil: (h) => h.ask('alice', post('/bookings/show.a/cancel', {}), 410, { code: 'hold-expired' }),
    rule: 'refusal',
    words: 'the booking was CONFIRMED',
  },
  {
    what: 'a booking that lapsed is told to be cancelled',
    spoil: (h) => h.ask('carol', post('/bookings/show.c/extend-hold', { seconds: 60 }), 409, { code: 'already-released' }),
    rule: 'refusal',
    words: 'the booking was EXPIRED',
  },
  {
    what: 'the same payment is told to be another',
    spoil: (h) => h.ask('alice', post('/bookings/show.a/confirm', { paymentReference: 'pay-a' }), 409, { code: 'already-confirmed' }),
    rule: 'refusal',
    words: 'by this very payment',
  },
  {
    what: 'a cap is told of that was not reached',
    spoil: (h) => {
      hold(h, 'show.z', CLAIMS_A3);
      h.ask('zoe', post('/bookings/show.z/extend-hold', { seconds: 60 }), 422, { code: 'hold-cap-reached', maxExpiresAt: at(2_000) });
    },
    rule: 'refusal',
    words: 'the booking was HELD until',
  },
  {
    what: 'a refusal tells of a booking as it is not',
    spoil: (h) => h.respond(13, { booking: { ...(h.records[13]!.answer!.body.booking as object), status: 'CANCELLED' } }),
    rule: 'refusal',
    words: 'it tells of the booking as it was not: /status',
  },
  {
    what: 'the version in If-Match was the right one',
    spoil: (h) => h.ask('operator', { ...post('/slots/show/close', {}), ifMatch: 16 }, 412, { code: 'stale-version', currentVersion: 16 }),
    rule: 'refusal',
    words: 'the slot was at version 16',
  },
  {
    what: 'a refusal rests on a version that was out of date before it was asked for',
    spoil: (h) => h.ask('zoe', bookingRequest('show.z', 'zoe', { units: ['A3'] }), 409, { code: 'slot-closed' }, { version: 15 }),
    rule: 'refusal',
    words: 'decided on version 15, though version 16 was known',
  },
  {
    what: 'a hold that had lapsed long ago stands in the way',
    spoil: (h) => {
      hold(h, 'show.z', CLAIMS_A3);
      h.seconds += 700;
      h.ask('yan', bookingRequest('show.y', 'yan', { units: ['A3'] }), 409, {
        code: 'seats-taken',
        unavailable: [{ unitId: 'A3', status: 'held' }],
      });
    },
    rule: 'refusal',
    words: 'A3 was free',
  },
  {
    what: 'the service failed',
    spoil: (h) => h.ask('zoe', bookingRequest('show.z', 'zoe', { units: ['A3'] }), 500, { code: 'internal-error' }),
    rule: 'refusal',
    words: 'the service failed',
  },
  {
    what: 'nothing is wrong with what is told to be invalid',
    spoil: refusedWith({ units: ['A3', { unitId: 'yard', quantity: 2 }] }, { code: 'invalid-input' }),
    rule: 'refusal',
    words: 'nothing was wrong with the request',
  },
];
