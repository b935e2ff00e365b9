import { at, bookingRequest, claim } from '../made-history.ts';
import { CLAIMS_A3, type Damage, hold } from './damage.ts';

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
];
