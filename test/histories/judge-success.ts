import { type Asked, unitsAsked } from './asked.ts';
import { asTold, type BookingAccount } from './booking-account.ts';
import type { ClientRecord, Json } from './history.ts';
import { ownEventFault } from './judge-own-event.ts';
import { stretchOfOperator } from './offer.ts';
import { unless, type Verdict } from './refusal-case.ts';
import { differenceOf } from './same.ts';
import type { BestWish } from './seating.ts';
import type { SlotAccount } from './slot-account.ts';
import { summaryTold } from './summary.ts';
import type { Level, UnitData } from './unit-account.ts';

/**
 * What is wrong with a success, by the slot as it was at the version that the answer names: the log
 * has to have what was answered, and what was answered has to be what was asked for.
 *
 * @param earliest the earliest that it can have been on the clock that decided, epoch milliseconds.
 */
export function successFault(slot: SlotAccount, asked: Asked, record: ClientRecord, earliest: number): Verdict {
  if (slot.head === null) return 'the log has no such slot';
  return contentFault(slot, asked, record.answer?.body ?? {}, earliest) ?? ownEventFault(slot, asked, record);
}

function contentFault(slot: SlotAccount, asked: Asked, body: Json, earliest: number): Verdict {
  if (asked.deed !== 'book' && asked.bookingId === null) return differenceOf(summaryTold(slot), body) ?? workFault(slot, asked);
  const booking = slot.booked.byId.get(String(body.bookingId));
  if (booking === undefined) return 'the log has no such booking';
  const difference = differenceOf(asTold(booking, slot.opened.currency), body);
  if (difference !== null) return `the log has it otherwise: ${difference}`;
  return asked.deed === 'book' ? newBookingFault(slot, asked.body, booking) : changeFault(asked, booking, earliest);
}

/** What an operator was told to be done is done. */
function workFault(slot: SlotAccount, { deed, body }: Asked): Verdict {
  const { status } = slot.opened;
  const units = unitsAsked(body.units);
  const isOver = (unitId: string, holds: (level: Level, capacity: number) => boolean) => {
    const unit = slot.unit(unitId);
    const stretch = stretchOfOperator(slot.opened, body.span, slot.time);
    if (unit === undefined || typeof stretch === 'string') return false;
    return unit.levels(stretch.from, stretch.to).every((level) => holds(level, unit.capacity));
  };
  switch (deed) {
    case 'close':
      return unless(status === 'CLOSED', `it is ${status}`);
    case 'reopen':
      return unless(status === 'OPEN', `it is ${status}`);
    case 'cancel-slot':
      return unless(status === 'CANCELLED', `it is ${status}`);
    case 'add': {
      const missing = units.find(({ unitId }) => slot.unit(unitId) === undefined);
      return unless(missing === undefined, `it has no ${missing?.unitId}`);
    }
    case 'change-units': {
      const other = (body.units as readonly UnitData[]).find(({ unitId, price, capacity }) => {
        const unit = slot.unit(unitId);
        return unit === undefined || (price ?? unit.price) !== unit.price || (capacity ?? unit.capacity) !== unit.capacity;
      });
      return unless(other === undefined, `${other?.unitId} is otherwise`);
    }
    case 'block': {
      const open = units.find(({ unitId, quantity }) => !isOver(unitId, ({ blocked }, capacity) => blocked >= (quantity ?? capacity)));
      return unless(open === undefined, `${open?.unitId} is on sale`);
    }
    case 'unblock': {
      const shut = units.find(({ unitId, quantity }) => quantity === undefined && !isOver(unitId, ({ blocked }) => blocked === 0));
      return unless(shut === undefined, `${shut?.unitId} is blocked`);
    }
    default:
      return null;
  }
}

function newBookingFault(slot: SlotAccount, body: Json, booking: BookingAccount): Verdict {
  const { claims, customerId, reference, status, paymentReference } = booking;
  if (customerId !== body.customerId || reference !== (body.reference ?? null)) return 'it is the booking of somebody else';
  const confirm = body.confirm as { readonly paymentReference: string } | null | undefined;
  if (status !== (confirm ? 'CONFIRMED' : 'HELD')) return `it is ${status}`;
  if (confirm && paymentReference !== confirm.paymentReference) return `it was paid by ${paymentReference}`;
  const amount = claims.reduce((sum, claim) => sum + claim.amount, 0);
  if ((body.expectedTotal ?? amount) !== amount) return `it costs ${amount}`;
  const wish = body.bestAvailable as BestWish | undefined;
  if (wish === undefined) {
    const asked = unitsAsked(body.units).map(({ unitId, quantity = 1 }) => `${quantity} ${unitId}`);
    const has = claims.map(({ unitId, quantity }) => `${quantity} ${unitId}`);
    return unless(asked.sort().join() === has.sort().join(), `it has ${has.join(', ')}`);
  }
  const unitOf = (unitId: string) => slot.units.get(unitId)?.data;
  const count = claims.reduce((sum, { quantity }) => sum + quantity, 0);
  const accessible = claims.reduce((sum, { unitId, quantity }) => sum + (unitOf(unitId)?.accessible === true ? quantity : 0), 0);
  if (count !== wish.quantity || accessible !== (wish.accessible ?? 0)) return `it has ${count} units, ${accessible} of them accessible`;
  if (wish.adjacent === true && !booking.adjacent) return 'its units are not side by side';
  const other = claims.find(({ unitId }) => (wish.category ?? null) !== null && unitOf(unitId)?.category !== wish.category);
  return unless(other === undefined, `${other?.unitId} is of another category`);
}

function changeFault({ deed, body, bookingId }: Asked, booking: BookingAccount, earliest: number): Verdict {
  if (booking.bookingId !== bookingId) return 'it is another booking';
  const { status, claims, released, expiresAt, maxExpiresAt } = booking;
  const wasReleased = (reason: string, unitId: string) => released.some((one) => one.unitId === unitId && one.reason === reason);
  switch (deed) {
    case 'confirm':
      return unless(status === 'CONFIRMED' && booking.paymentReference === body.paymentReference, `it is ${status}`);
    case 'cancel': {
      const kept = unitsAsked(body.units).find(({ unitId }) => !wasReleased('cancelled', unitId));
      if (status === 'CANCELLED') return null;
      return body.units === undefined ? `it is ${status}` : unless(kept === undefined, `it still has all of ${kept?.unitId}`);
    }
    case 'extend-hold': {
      const wanted = Math.min(earliest + Number(body.seconds) * 1000, maxExpiresAt);
      return unless(status === 'HELD' && expiresAt >= wanted, `it is ${status} until ${expiresAt}, not ${wanted}`);
    }
    case 'change': {
      const amount = claims.reduce((sum, claim) => sum + claim.amount, 0);
      if ((body.expectedTotal ?? amount) !== amount) return `it costs ${amount}`;
      const missing = unitsAsked(body.add).find(({ unitId }) => !claims.some((claim) => claim.unitId === unitId));
      const kept = unitsAsked(body.drop).find(({ unitId }) => !wasReleased('changed', unitId));
      return unless(missing === undefined && kept === undefined, `it has no ${missing?.unitId}, or all of ${kept?.unitId}`);
    }
    default:
      return undefined;
  }
}
