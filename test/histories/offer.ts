import { type Asked, partAsked } from './asked.ts';
import { type HeadAccount, isOffered, type Stretch, stretchAsked, stretchToCome, takesPlace, withBuffer } from './head-account.ts';
import type { SlotAccount } from './slot-account.ts';
import { total, type UnitAccount } from './unit-account.ts';

const HOUR = 3_600_000;

/** A slot's units over the stretch that a request is about. */
export interface Offer {
  readonly slot: SlotAccount;
  readonly stretch: Stretch;
  /** With the buffer behind it. */
  readonly occupied: Stretch;
  /** Places that can be had over all of it, with what the same request gives back. */
  readonly freeOf: (unit: UnitAccount) => number;
}

/** The offer over what a customer asks for, or why there is none. */
export function offerTo({ deed, bookingId, body }: Asked, slot: SlotAccount): Offer | string {
  const head = slot.opened;
  if (deed === 'book') {
    const stretch = stretchAsked(head, body.span);
    return typeof stretch === 'string' ? `its span was ${stretch}` : offerOver(slot, stretch);
  }
  const claims = slot.booked.byId.get(bookingId ?? '')?.claims ?? [];
  const [claim] = claims;
  if (deed !== 'change' || claim === undefined) return `a request to ${deed} takes no units`;
  const givenBack = new Map(partAsked(body.drop, claims).map(({ unitId, quantity }) => [unitId, quantity]));
  return offerOver(slot, { from: claim.from, to: claim.to }, givenBack);
}

export function offerOver(slot: SlotAccount, stretch: Stretch, givenBack: ReadonlyMap<string, number> = new Map()): Offer {
  const head = slot.opened;
  const occupied = withBuffer(head, stretch);
  const when = takesPlace(head, stretch);
  const freeOf = (unit: UnitAccount) => {
    const free = isOffered(unit.data, when) ? Math.max(0, unit.capacity - unit.most(occupied.from, occupied.to, total)) : 0;
    return free + (givenBack.get(unit.data.unitId) ?? 0);
  };
  return { slot, stretch, occupied, freeOf };
}

/** Where operators' work lies: the span that they name, or all that is to come. Opening hours and buffers bind customers alone. */
export function stretchOfOperator(head: HeadAccount, span: unknown, now: number): Stretch | string {
  if (span === undefined || span === null) return stretchToCome(head, now);
  return stretchAsked(head, span);
}

/** What so much of a unit costs over a stretch, in minor units. */
export function amountOf({ price = 0, data: { priceBasis } }: UnitAccount, { from, to }: Stretch, quantity: number): number {
  const steps = { claim: 1, stop: to - from, hour: Math.ceil((to - from) / HOUR), day: Math.ceil((to - from) / (24 * HOUR)) };
  return price * steps[priceBasis ?? 'claim'] * quantity;
}
