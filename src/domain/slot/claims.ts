import type { Claim } from './events.ts';

/** Claims less the quantities of others; what falls to nothing is gone. */
export function without(claims: readonly Claim[], gone: readonly Claim[]): readonly Claim[] {
  const left: Claim[] = [];
  for (const claim of claims) {
    const quantity = claim.quantity - gone.reduce((sum, other) => (other.unitId === claim.unitId ? sum + other.quantity : sum), 0);
    if (quantity > 0) left.push({ ...claim, quantity, amount: (claim.amount / claim.quantity) * quantity });
  }
  return left;
}

/** Claims with others added; more of the same unit joins the claim that is there. */
export function joined(claims: readonly Claim[], added: readonly Claim[]): readonly Claim[] {
  const result = claims.map((claim) => {
    const more = added.find((other) => other.unitId === claim.unitId);
    return more === undefined ? claim : { ...claim, quantity: claim.quantity + more.quantity, amount: claim.amount + more.amount };
  });
  return [...result, ...added.filter((claim) => !claims.some((other) => other.unitId === claim.unitId))];
}
