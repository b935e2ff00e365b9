import type { AxisData, Stretch } from './head-account.ts';
import type { Json, LoggedEvent } from './history.ts';

/** A part of a booking as the log has it. */
export interface ClaimData {
  readonly unitId: string;
  readonly quantity: number;
  readonly from: number;
  readonly to: number;
  readonly price: number;
  readonly amount: number;
}

export type BookingStatus = 'HELD' | 'CONFIRMED' | 'CANCELLED' | 'EXPIRED';

/** A booking as the log's events make it. */
export interface BookingAccount {
  readonly bookingId: string;
  readonly slotId: string;
  readonly customerId: string;
  readonly reference: string | null;
  readonly metadata: unknown;
  readonly axis: AxisData;
  /** Where all of its claims lie. */
  readonly stretch: Stretch;
  readonly requestedAt: number;
  readonly maxExpiresAt: number;
  status: BookingStatus;
  version: number;
  adjacent: boolean;
  claims: readonly ClaimData[];
  released: readonly { readonly unitId: string; readonly quantity: number; readonly reason: string; readonly at: number }[];
  expiresAt: number;
  confirmedAt: number | null;
  paymentReference: string | null;
}

/** A booking begins with two events: what was asked, and what was held. */
export function bookingOf(slotId: string, axis: AxisData, requested: LoggedEvent, held: LoggedEvent): BookingAccount {
  const { customerId, reference, from, to, personal } = requested.data as Json & { readonly personal?: Json };
  const { bookingId, claims, adjacent, requestedAt, expiresAt, maxExpiresAt } = held.data;
  return {
    bookingId: bookingId as string,
    slotId,
    customerId: customerId as string,
    reference: (reference ?? null) as string | null,
    metadata: personal?.metadata ?? {},
    axis,
    stretch: { from: from as number, to: to as number },
    requestedAt: requestedAt as number,
    maxExpiresAt: maxExpiresAt as number,
    status: 'HELD',
    version: held.version,
    adjacent: adjacent as boolean,
    claims: claims as readonly ClaimData[],
    released: [],
    expiresAt: expiresAt as number,
    confirmedAt: null,
    paymentReference: null,
  };
}

/** The claims without these; null when some of these are not among them. */
export function less(claims: readonly ClaimData[], gone: readonly ClaimData[]): readonly ClaimData[] | null {
  const left = new Map(claims.map((claim) => [claim.unitId, claim]));
  for (const { unitId, quantity } of gone) {
    const claim = left.get(unitId);
    if (claim === undefined || claim.quantity < quantity) return null;
    left.set(unitId, {
      ...claim,
      quantity: claim.quantity - quantity,
      amount: (claim.amount / claim.quantity) * (claim.quantity - quantity),
    });
  }
  return [...left.values()].filter(({ quantity }) => quantity > 0);
}

/** The claims with these; more of a unit that is there joins it. */
export function more(claims: readonly ClaimData[], added: readonly ClaimData[]): readonly ClaimData[] {
  const all = new Map(claims.map((claim) => [claim.unitId, claim]));
  for (const claim of added) {
    const known = all.get(claim.unitId);
    const joined =
      known === undefined ? claim : { ...known, quantity: known.quantity + claim.quantity, amount: known.amount + claim.amount };
    all.set(claim.unitId, joined);
  }
  return [...all.values()];
}

/** The booking as the contract says that it is told. */
export function asTold(booking: BookingAccount, currency: string): Json {
  const { claims, released, axis, stretch: _stretch, requestedAt, expiresAt, maxExpiresAt, confirmedAt, ...rest } = booking;
  return {
    ...rest,
    claims: claims.map(({ unitId, quantity, price, amount, ...at }) => ({ unitId, quantity, price, amount, ...spanTold(axis, at) })),
    released: released.map(({ at, ...what }) => ({ ...what, at: instant(at) })),
    total: { amount: claims.reduce((sum, { amount }) => sum + amount, 0), currency },
    requestedAt: instant(requestedAt),
    expiresAt: instant(expiresAt),
    maxExpiresAt: instant(maxExpiresAt),
    confirmedAt: confirmedAt === null ? null : instant(confirmedAt),
  };
}

/** Where a claim lies is told by its own ends, and not by what was asked for; of a whole slot there is nothing to tell. */
function spanTold(axis: AxisData, { from, to }: Stretch): Json {
  switch (axis.type) {
    case 'whole':
      return {};
    case 'stops':
      return { span: { fromStop: axis.stops[from]?.stopId, toStop: axis.stops[to]?.stopId } };
    case 'time':
      return { span: { from: instant(from), to: instant(to) } };
  }
}

/** RFC 3339 in `Z`, a fraction only when it is not zero. */
export function instant(milliseconds: unknown): string {
  return new Date(milliseconds as number).toISOString().replace('.000Z', 'Z');
}
