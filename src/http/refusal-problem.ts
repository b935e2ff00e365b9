import { formatInstant } from '../commands/schemas/instants.ts';
import type { Booking } from '../domain/slot/booking.ts';
import type { FieldFault, Refusal } from '../domain/slot/refusals.ts';
import { PROBLEMS, type Problem, type ProblemCode } from './problem.ts';
import { renderBooking } from './render-booking.ts';

/**
 * Turns what the command side refused into a problem.
 *
 * @param currency the slot's, for amounts; null when there is no slot.
 */
export function problemOfRefusal(refusal: Refusal, currency: string | null): Problem {
  const code = refusal.kind;
  switch (refusal.kind) {
    case 'slot-not-found':
    case 'booking-not-found':
    case 'slot-exists':
    case 'sold-out':
    case 'not-adjacent':
    case 'span-required':
    case 'idempotency-key-reused':
      return say(code, PROBLEMS[code].meaning);
    case 'seats-taken': {
      const names = refusal.unavailable.slice(0, 5).map((unit) => `${unit.unitId} is ${unit.status}`);
      const { unavailable, booking } = refusal;
      const members = booking === undefined ? { unavailable } : { unavailable, ...withBooking(booking, currency) };
      return say(code, `Not free: ${names.join(', ')}${unavailable.length > 5 ? ', …' : ''}.`, members);
    }
    case 'price-changed':
      return say(code, `The total is ${refusal.total}, not the expected ${refusal.expectedTotal}.`, {
        expectedTotal: refusal.expectedTotal,
        total: { amount: refusal.total, currency },
        ...withBooking(refusal.booking, currency),
      });
    case 'not-on-sale':
    case 'slot-closed':
    case 'slot-cancelled':
    case 'already-confirmed':
    case 'already-released':
    case 'hold-expired':
      return say(code, PROBLEMS[code].meaning, withBooking(refusal.booking, currency));
    case 'hold-cap-reached':
      return say(code, `The hold cannot live longer than ${formatInstant(refusal.maxExpiresAt)}.`, {
        maxExpiresAt: formatInstant(refusal.maxExpiresAt),
        ...withBooking(refusal.booking, currency),
      });
    case 'stale-version':
      return say(code, `The slot is at version ${refusal.currentVersion} now.`, { currentVersion: refusal.currentVersion });
    case 'unknown-unit':
    case 'span-invalid':
    case 'in-the-past':
    case 'invalid-input':
      return say(code, inWords(refusal.fault), { errors: [refusal.fault] });
    case 'limit-exceeded':
      return say(code, inWords(refusal.fault), { limit: refusal.limit, errors: [refusal.fault] });
    case 'would-leave-orphan':
      return say(code, `These would be left alone: ${refusal.orphans.join(', ')}.`, { orphans: refusal.orphans });
  }
}

function say(code: ProblemCode, detail: string, members: Readonly<Record<string, unknown>> = NO_MEMBERS): Problem {
  return { code, detail, members };
}

const NO_MEMBERS = {};

function inWords(fault: FieldFault): string {
  return `${fault.pointer === '' ? 'The request' : fault.pointer}: ${fault.message}.`;
}

function withBooking(booking: Booking | undefined, currency: string | null): Readonly<Record<string, unknown>> {
  return booking === undefined ? {} : { booking: renderBooking(booking, currency) };
}
