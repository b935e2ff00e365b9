import { unitsAsked } from './asked.ts';
import { asTold } from './booking-account.ts';
import { stretchAsked } from './head-account.ts';
import type { Json } from './history.ts';
import { choiceFault } from './judge-choice.ts';
import { inputFault } from './judge-input.ts';
import { patchPastFault } from './judge-patch.ts';
import { takenFault } from './judge-taken.ts';
import { isNoSpan } from './opening-hours.ts';
import { isOver } from './past.ts';
import { misfit } from './reasons.ts';
import { type RefusalCase, unless, type Verdict } from './refusal-case.ts';
import { differenceOf } from './same.ts';

/** Judges a refusal by its code's own condition, and the booking that it tells of by the log. */
export function refusalFault(refusal: RefusalCase): Verdict {
  const { slot, problem } = refusal;
  const told = problem.booking as Json | undefined;
  if (told !== undefined) {
    const booking = slot.booked.byId.get(String(told.bookingId));
    if (booking === undefined) return 'it tells of a booking that was not there';
    const difference = differenceOf(asTold(booking, slot.opened.currency), told);
    if (difference !== null) return `it tells of the booking as it was not: ${difference}`;
  }
  return reasonFault(refusal);
}

function reasonFault(refusal: RefusalCase): Verdict {
  const { slot, asked, ifMatch, problem, earliest, latest } = refusal;
  const { head } = slot;
  const code = String(problem.code);
  const unfit = misfit(refusal, code);
  if (unfit !== null) return unfit;
  if (code === 'slot-not-found') return unless(head === null, 'there was the slot');
  if (code === 'booking-not-found') return unless(!slot.booked.byId.has(asked.bookingId ?? ''), 'there was the booking');
  if (head === null) return asked.deed === 'open' ? openingFault(refusal, code) : 'there was no slot';
  switch (code) {
    case 'slot-exists':
      return null;
    case 'slot-closed':
      return unless(head.status === 'CLOSED', `the slot was ${head.status}`);
    case 'slot-cancelled':
      return unless(head.status === 'CANCELLED', `the slot was ${head.status}`);
    case 'not-on-sale':
      return unless(earliest < (head.salesFrom ?? earliest) || latest >= (head.salesUntil ?? latest + 1), 'it was on sale');
    case 'stale-version':
      return unless(ifMatch !== slot.version && problem.currentVersion === slot.version, `the slot was at version ${slot.version}`);
    case 'already-confirmed':
    case 'already-released':
    case 'hold-expired':
    case 'hold-cap-reached':
      return settledFault(refusal, code);
    case 'span-required':
      return unless(stretchAsked(head, asked.body.span) === 'required', 'it named a span, or needed none');
    case 'span-invalid':
      return unless(isNoSpan(head, asked.deed, asked.body.span), 'the span fits the slot');
    case 'in-the-past':
      return asked.deed === 'patch' ? patchPastFault(refusal) : pastFault(refusal);
    case 'unknown-unit':
      return unless(namesUnknown(refusal), 'all units that it names were there');
    case 'seats-taken':
      return takenFault(refusal);
    case 'sold-out':
    case 'not-adjacent':
    case 'would-leave-orphan':
    case 'price-changed':
      return choiceFault(refusal, code);
    case 'invalid-input':
      return inputFault(refusal);
    case 'limit-exceeded':
      return asked.deed === 'book' || asked.deed === 'change' ? choiceFault(refusal, code) : undefined;
    default:
      return undefined;
  }
}

/** Why a slot could not be opened, before there is one. */
function openingFault({ asked: { body }, latest }: RefusalCase, code: string): Verdict {
  if (code !== 'in-the-past') return undefined;
  return unless(Date.parse(String(body.startsAt)) < latest, 'it was still to come');
}

function settledFault({ slot, asked, problem, latest }: RefusalCase, code: string): Verdict {
  const booking = slot.booked.byId.get(asked.bookingId ?? '');
  if (booking === undefined) return 'there was no such booking';
  const { status, expiresAt, maxExpiresAt, paymentReference } = booking;
  const was = `the booking was ${status}`;
  switch (code) {
    case 'already-confirmed': {
      const isSame = asked.deed === 'confirm' && paymentReference === asked.body.paymentReference;
      return unless(status === 'CONFIRMED' && !isSame, isSame ? `${was} by this very payment` : was);
    }
    case 'already-released':
      return unless(status === 'CANCELLED', was);
    case 'hold-expired':
      return unless(status === 'EXPIRED', was);
    default: {
      const isCapped = status === 'HELD' && expiresAt === maxExpiresAt && Date.parse(String(problem.maxExpiresAt)) === maxExpiresAt;
      return unless(isCapped && latest + Number(asked.body.seconds) * 1000 > maxExpiresAt, `${was} until ${expiresAt} of ${maxExpiresAt}`);
    }
  }
}

function pastFault({ slot, asked, latest }: RefusalCase): Verdict {
  const head = slot.opened;
  if (asked.deed !== 'book' && asked.deed !== 'change') return undefined;
  if (head.policy.acceptPast) return 'the slot accepts what is past';
  const stretch = slot.booked.byId.get(asked.bookingId ?? '')?.claims[0] ?? stretchAsked(head, asked.body.span);
  if (typeof stretch === 'string') return `its span was ${stretch}`;
  return unless(isOver(head, stretch, latest), 'it was still to come');
}

function namesUnknown({ slot, asked }: RefusalCase): boolean {
  const { body, bookingId } = asked;
  const own = new Set(slot.booked.byId.get(bookingId ?? '')?.claims.map(({ unitId }) => unitId));
  const lacks = (units: unknown, has: (unitId: string) => boolean) => unitsAsked(units).some(({ unitId }) => !has(unitId));
  const inSlot = (unitId: string) => slot.unit(unitId) !== undefined;
  const inBooking = (unitId: string) => own.has(unitId);
  return lacks(body.add, inSlot) || lacks(body.drop, inBooking) || lacks(body.units, bookingId === null ? inSlot : inBooking);
}
