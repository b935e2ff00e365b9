import { unitsAsked } from './asked.ts';
import type { BookingAccount } from './booking-account.ts';
import type { Json } from './history.ts';
import type { BestWish } from './seating.ts';
import type { SlotAccount } from './slot-account.ts';

/** What is wrong with what a hold took, by the selection that stands in the log with it; null when it is what was asked for. */
export function selectionFault(slot: SlotAccount, asked: Json, { claims, adjacent }: BookingAccount): string | null {
  if (asked.kind === 'units') {
    const named = unitsAsked(asked.units).map(({ unitId, quantity = 1 }) => `${quantity} ${unitId}`);
    const has = claims.map(({ unitId, quantity }) => `${quantity} ${unitId}`);
    return named.sort().join() === has.sort().join() ? null : `it has ${has.join(', ')}, not ${named.join(', ')}`;
  }
  const wish = asked as unknown as BestWish;
  const sum = (some: typeof claims) => some.reduce((all, { quantity }) => all + quantity, 0);
  const unitOf = (unitId: string) => slot.units.get(unitId)?.data;
  const [count, accessible] = [sum(claims), sum(claims.filter(({ unitId }) => unitOf(unitId)?.accessible === true))];
  if (count !== wish.quantity || accessible !== (wish.accessible ?? 0)) return `it has ${count} units, ${accessible} of them accessible`;
  if (wish.adjacent === true && !adjacent) return 'its units are not side by side';
  const other = claims.find(({ unitId }) => (wish.category ?? null) !== null && unitOf(unitId)?.category !== wish.category);
  return other === undefined ? null : `${other.unitId} is of another category`;
}
