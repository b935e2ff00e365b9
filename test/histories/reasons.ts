import { type Asked, type Deed, unitsAsked } from './asked.ts';
import type { RefusalCase } from './refusal-case.ts';

const OPERATORS: readonly Deed[] = ['patch', 'add', 'change-units', 'block', 'unblock', 'withdraw', 'close', 'reopen', 'cancel-slot'];
const BOOKINGS: readonly Deed[] = ['confirm', 'cancel', 'extend-hold', 'change'];
const EVERY: readonly Deed[] = ['open', 'book', ...OPERATORS, ...BOOKINGS];
const without = (deeds: readonly Deed[], ...others: readonly Deed[]) => deeds.filter((deed) => !others.includes(deed));

/** The deeds that each code may refuse. What is true of a slot or of a booking need not speak against a request. */
const MAY_REFUSE: Readonly<Record<string, readonly Deed[]>> = {
  'slot-not-found': without(EVERY, 'open'),
  'booking-not-found': BOOKINGS,
  'slot-exists': ['open'],
  // Holds that are there are confirmed, extended and given back whatever became of the sale.
  'slot-closed': ['book', 'change'],
  'not-on-sale': ['book', 'change'],
  // A slot is cancelled for good, and what is cancelled can be cancelled again.
  'slot-cancelled': without(EVERY, 'open', 'cancel', 'cancel-slot'),
  'stale-version': EVERY,
  'precondition-required': ['patch'],
  // What is paid can still be given back.
  'already-confirmed': without(BOOKINGS, 'cancel'),
  'already-released': without(BOOKINGS, 'cancel'),
  'hold-expired': BOOKINGS,
  'hold-cap-reached': ['extend-hold'],
  'span-required': ['book'],
  'span-invalid': ['book', 'block', 'unblock'],
  'in-the-past': ['open', 'patch', 'book', 'change'],
  'unknown-unit': ['change-units', 'block', 'unblock', 'withdraw', 'book', 'confirm', 'cancel', 'change'],
  'seats-taken': ['change-units', 'block', 'withdraw', 'book', 'change'],
  'sold-out': ['book'],
  'not-adjacent': ['book'],
  'would-leave-orphan': ['book', 'change'],
  'price-changed': ['book', 'change'],
  'limit-exceeded': ['open', 'patch', 'add', 'change-units', 'block', 'unblock', 'withdraw', 'book', 'change'],
  'invalid-input': EVERY,
};

/** Why a code is no reason to refuse the request, true or not; null when it may be one. */
export function misfit({ asked, ifMatch }: RefusalCase, code: string): string | null {
  if (MAY_REFUSE[code]?.includes(asked.deed) !== true) return `${code} is no reason to refuse a request to ${asked.deed}`;
  switch (code) {
    case 'stale-version':
      return ifMatch === undefined ? 'it named no version' : null;
    case 'precondition-required':
      return ifMatch === undefined ? null : 'it named a version';
    case 'price-changed':
      return (asked.body.expectedTotal ?? null) === null ? 'it expected no total' : null;
    case 'slot-closed':
    case 'not-on-sale':
    case 'in-the-past':
      return givesUpAlone(asked) ? 'it only gives units up' : null;
    default:
      return null;
  }
}

/** A change that takes nothing is no hold: it is possible whenever the booking is held. */
function givesUpAlone({ deed, body }: Asked): boolean {
  return deed === 'change' && unitsAsked(body.add).length === 0;
}
