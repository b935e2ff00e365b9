import { at, bookingRequest, claim, held, post, requested } from '../made-history.ts';
import { A3_HELD, CLAIMS_A3, type Damage, hold } from './damage.ts';

/** Keys that meant more than one thing. */
export const KEY_DAMAGES: readonly Damage[] = [
  {
    what: 'one key is answered in two ways',
    spoil: (h) => h.ask('carol', h.records[10]!.request, 201, { ...h.records[10]!.answer!.body, expiresAt: at(1) }, { version: 10 }),
    rule: 'key',
    words: 'one key was answered in two ways',
  },
  {
    what: 'one key did two things',
    spoil: (h) => {
      hold(h, 'show.z', CLAIMS_A3);
      hold(h, 'show.y', [claim('yard')]);
      const last = h.records.at(-1)!;
      h.records[h.records.length - 1] = { ...last, request: { ...last.request, key: 'key-show.z' } };
    },
    rule: 'key',
    words: 'one key did two things',
  },
  {
    what: "one key's command is in the log twice",
    spoil: (h) => h.log('show', 'CommandAcknowledged', { onBooking: null }, 'command-c'),
    rule: 'key',
    words: 'the command of version 8 is done a second time',
  },
  {
    what: 'a key is told to be used that was not',
    spoil: (h) => h.ask('zoe', bookingRequest('show.z', 'zoe', { units: ['A3'] }), 422, { code: 'idempotency-key-reused' }),
    rule: 'key',
    words: 'had not been used for anything else',
  },
  {
    what: 'a key is told to be in flight that was not',
    spoil: (h) => h.ask('zoe', bookingRequest('show.z', 'zoe', { units: ['A3'] }), 409, { code: 'request-in-flight' }),
    rule: 'key',
    words: 'nobody else was using the key',
  },
  {
    what: 'what a key booked is refused for its own hold',
    spoil: (h) => {
      hold(h, 'show.z', CLAIMS_A3);
      h.ask('zoe', h.records.at(-1)!.request, 409, A3_HELD);
    },
    rule: 'key',
    words: 'what the key had done was refused',
  },
  {
    what: 'what a key booked is refused for its own hold, its answer having been lost',
    spoil: (h) => {
      const request = bookingRequest('show.z', 'zoe', { units: ['A3'] });
      h.log('show', 'BookingRequested', requested('show.z', 'zoe', CLAIMS_A3), 'command-z');
      h.log('show', 'SeatsHeld', held('show.z', 'zoe', CLAIMS_A3, h.seconds), 'command-z');
      h.lose('zoe', request);
      h.ask('zoe', request, 409, A3_HELD);
    },
    rule: 'key',
    words: 'what the key had done was refused',
  },
  {
    what: 'a part that a key gave back is missed when it comes again, its answer having been lost',
    spoil: (h) => {
      const request = post('/bookings/show.a/cancel', { units: ['A1'] }, 'key-z');
      const data = { bookingId: 'show.a', customerId: 'alice', claims: [claim('A1')], previousStatus: 'CONFIRMED', reason: null };
      h.log('show', 'SeatsReleased', data, 'command-z');
      h.lose('alice', request);
      h.ask('alice', request, 422, { code: 'unknown-unit' });
    },
    rule: 'key',
    words: 'what the key had done was refused',
  },
  {
    what: 'a key that did something else is decided afresh',
    spoil: (h) => {
      hold(h, 'show.z', CLAIMS_A3);
      const { request } = h.records.at(-1)!;
      const taken = { code: 'seats-taken', unavailable: [{ unitId: 'A1', status: 'sold' }] };
      h.ask('zoe', { ...request, body: { ...request.body, units: ['A1'] } }, 409, taken);
    },
    rule: 'key',
    words: 'the key had done something else, and that was not said',
  },
  {
    what: 'a key is told to be used for something else that did just this',
    spoil: (h) => {
      hold(h, 'show.z', CLAIMS_A3);
      const { request } = h.records.at(-1)!;
      h.lose('zoe', { ...request, body: { ...request.body, units: ['A1'] } });
      h.ask('zoe', request, 422, { code: 'idempotency-key-reused' });
    },
    rule: 'key',
    words: 'what the key had done was refused',
  },
];
