import { partAsked, unitsAsked } from './asked.ts';
import type { BookingAccount } from './booking-account.ts';
import { stretchOfOperator } from './offer.ts';
import { type RefusalCase, unless, type Verdict } from './refusal-case.ts';

interface Named {
  readonly unitId: string;
  readonly quantity?: number | undefined;
}

/** `invalid-input` to what has the right form: something that it names cannot be meant, as the slot or the booking is. */
export function inputFault(refusal: RefusalCase): Verdict {
  const { slot, asked } = refusal;
  const { deed, body } = asked;
  const booking = slot.booked.byId.get(asked.bookingId ?? '');
  const units = unitsAsked(body.units);
  const justified = (isWrong: boolean) => unless(isWrong, 'nothing was wrong with the request');
  switch (deed) {
    case 'book':
      return justified(isTwice(units) || units.some((unit) => isBeyond(refusal, unit)));
    case 'confirm':
    case 'cancel':
      return justified(booking !== undefined && (isTwice(units) || units.some((unit) => isMoreThanHeld(booking, unit))));
    case 'change':
      return justified(booking !== undefined && isWrongChange(refusal, booking));
    case 'add':
      return justified(isTwice(units) || units.some(({ unitId }) => slot.unit(unitId) !== undefined));
    case 'change-units':
      return justified(
        isTwice(units) || (body.units as readonly (Named & { capacity?: number })[]).some((one) => isSeatSized(refusal, one)),
      );
    case 'block':
    case 'withdraw':
      return justified(isTwice(units) || units.some((unit) => isBeyond(refusal, unit)));
    case 'unblock':
      return justified(isTwice(units) || units.some((unit) => isBeyond(refusal, unit) || isMoreThanBlocked(refusal, unit)));
    default:
      return undefined;
  }
}

function isTwice(units: readonly Named[]): boolean {
  return new Set(units.map(({ unitId }) => unitId)).size < units.length;
}

/** More of a unit than there is of it. */
function isBeyond({ slot }: RefusalCase, { unitId, quantity = 1 }: Named): boolean {
  const unit = slot.unit(unitId);
  return unit !== undefined && quantity > unit.capacity;
}

/** More of a unit than the booking has; by its id alone it is what the booking has. */
function isMoreThanHeld({ claims }: BookingAccount, { unitId, quantity = 0 }: Named): boolean {
  const claim = claims.find((one) => one.unitId === unitId);
  return claim !== undefined && quantity > claim.quantity;
}

/** What is to be on sale again has to be blocked over the whole span, which may begin as late as the decision. */
function isMoreThanBlocked({ slot, asked, earliest }: RefusalCase, { unitId, quantity = 0 }: Named): boolean {
  const stretch = stretchOfOperator(slot.opened, asked.body.span, earliest);
  if (typeof stretch === 'string') return false;
  const levels = slot.unit(unitId)?.levels(stretch.from, stretch.to) ?? [];
  return levels.some(({ blocked }) => quantity > blocked);
}

/** A number of places, for what is one seat. */
function isSeatSized({ slot }: RefusalCase, { unitId, capacity }: { readonly unitId: string; readonly capacity?: number }): boolean {
  return capacity !== undefined && slot.unit(unitId)?.isQuantity === false;
}

/** A seat that the booking has and keeps cannot come, and not everything can go. */
function isWrongChange(refusal: RefusalCase, booking: BookingAccount): boolean {
  const { slot, asked } = refusal;
  const [add, drop] = [unitsAsked(asked.body.add), partAsked(asked.body.drop, booking.claims)];
  const dropped = new Map(drop.map(({ unitId, quantity }) => [unitId, quantity]));
  const isKept = (unitId: string) => booking.claims.some((claim) => claim.unitId === unitId) && !dropped.has(unitId);
  const isEmptied = add.length === 0 && booking.claims.every(({ unitId, quantity }) => (dropped.get(unitId) ?? 0) >= quantity);
  return (
    isTwice(add) ||
    isTwice(drop) ||
    isEmptied ||
    drop.some((unit) => isMoreThanHeld(booking, unit)) ||
    add.some((unit) => isBeyond(refusal, unit) || (isKept(unit.unitId) && slot.unit(unit.unitId)?.isQuantity === false))
  );
}
