import { claim, opened, T0 } from '../made-history.ts';
import { CLAIMS_A3, type Damage, hold } from './damage.ts';

/** Events that cannot follow each other, or that sell what there is not. */
export const LOG_DAMAGES: readonly Damage[] = [
  { what: 'an event is missing', spoil: (h) => h.events.splice(7, 1), rule: 'log', words: 'position 9 follows position 7' },
  {
    what: 'an event is there twice',
    spoil: (h) => h.spoil(12, { eventId: 'event-11' }),
    rule: 'log',
    words: 'event-11 is in the log twice',
  },
  { what: 'a version is missing', spoil: (h) => h.spoil(16, { version: 17 }), rule: 'log', words: 'version 17 follows version 15' },
  { what: 'stream time runs ahead of the clock', spoil: (h) => h.spoil(4, { recordedAt: T0 }), rule: 'log', words: 'is 2000 ms ahead' },
  { what: 'stream time runs backwards', spoil: (h) => h.spoil(4, { at: T0 - 5 }), rule: 'log', words: 'runs backwards by 5 ms' },
  {
    what: 'an event has no name that is known',
    spoil: (h) => h.spoil(14, { type: 'UnitsBorrowed' }),
    rule: 'log',
    words: 'UnitsBorrowed is no event',
  },
  { what: 'a sold seat is sold again', spoil: (h) => hold(h, 'show.z', [claim('A1')]), rule: 'capacity', words: '2 of 1 of unit A1' },
  { what: 'a blocked seat is sold', spoil: (h) => hold(h, 'show.z', [claim('A4')]), rule: 'capacity', words: '2 of 1 of unit A4' },
  {
    what: 'more places are sold than there are',
    spoil: (h) => hold(h, 'show.z', [claim('yard', 3)]),
    rule: 'capacity',
    words: '4 of 3 of unit yard',
  },
  {
    what: 'a unit is sold that there is not',
    spoil: (h) => hold(h, 'show.z', [claim('Z9')]),
    rule: 'capacity',
    words: 'there is no unit Z9',
  },
  {
    what: 'a sold seat is blocked',
    spoil: (h) => h.log('show', 'UnitsBlocked', { blocks: [{ unitId: 'A1', quantity: 1, from: 0, to: 1 }], reason: null }),
    rule: 'capacity',
    words: '2 of 1 of unit A1',
  },
  {
    what: 'a sold seat is withdrawn',
    spoil: (h) => h.log('show', 'UnitsWithdrawn', { units: [{ unitId: 'A1', quantity: 1 }], reason: null }),
    rule: 'capacity',
    words: '1 of 0 of unit A1',
  },
  {
    what: 'a booking is confirmed twice',
    spoil: (h) => h.log('show', 'BookingConfirmed', h.events[3]!.data),
    rule: 'log',
    words: 'BookingConfirmed of show.a, which is CONFIRMED',
  },
  {
    what: 'a booking gives back what it does not have',
    spoil: (h) => h.spoil(8, { data: { ...h.events[7]!.data, claims: [claim('yard', 3)] } }),
    rule: 'log',
    words: 'show.b gives back what it does not have',
  },
  {
    what: 'a booking that is cancelled keeps something',
    spoil: (h) => h.spoil(13, { data: { ...h.events[12]!.data, claims: CLAIMS_A3 } }),
    rule: 'log',
    words: 'does not give everything back',
  },
  { what: 'a hold lapses too early', spoil: (h) => h.spoil(13, { at: T0 + 900_000 }), rule: 'log', words: 'lapses 11000 ms too early' },
  {
    what: 'a hold is used at the instant of its end',
    spoil: (h) => h.spoil(12, { at: T0 + 911_000 }),
    rule: 'log',
    words: 'whose hold was over 0 ms before',
  },
  {
    what: 'a hold is extended beyond its cap',
    spoil: (h) => h.spoil(11, { data: { ...h.events[10]!.data, expiresAt: T0 + 1_810_000 } }),
    rule: 'log',
    words: 'extended the wrong way',
  },
  {
    what: 'a closed slot sells',
    spoil: (h) => {
      h.log('show', 'SlotClosed', { reason: null });
      hold(h, 'show.z', CLAIMS_A3);
    },
    rule: 'log',
    words: 'takes units of a slot that is CLOSED',
  },
  {
    what: 'a slot sells after its sales have ended',
    spoil: (h) => {
      h.log('show', 'SlotChanged', { changes: { salesUntil: T0 + 900_000 } });
      hold(h, 'show.z', CLAIMS_A3);
    },
    rule: 'log',
    words: 'outside the sales window',
  },
  {
    what: 'a seat is sold when the show is over',
    spoil: (h) => {
      h.seconds = 30 * 86_400;
      hold(h, 'show.z', CLAIMS_A3);
    },
    rule: 'log',
    words: 'takes units of what is over',
  },
  {
    what: 'a booking has more units than the slot lets it',
    spoil: (h) => {
      h.log('show', 'SlotChanged', { changes: { policy: { ...(opened().policy as object), maxUnitsPerBooking: 1 } } });
      hold(h, 'show.z', [claim('yard', 2)]);
    },
    rule: 'log',
    words: 'more than the slot allows',
  },
  {
    what: 'a slot comes back from its cancellation',
    spoil: (h) => {
      h.log('show', 'SlotCancelled', { reason: null });
      h.log('show', 'SlotReopened', { reason: null });
    },
    rule: 'log',
    words: 'had been cancelled',
  },
];
