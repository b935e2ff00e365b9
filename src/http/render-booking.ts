import { formatInstant } from '../commands/schemas/instants.ts';
import type { SpanRequest } from '../domain/axis.ts';
import type { Booking } from '../domain/slot/booking.ts';
import type { Claim } from '../domain/slot/events.ts';

/** Makes the JSON of bookings. Instants become RFC 3339; `expiresAt` stays what it was when the hold ended, whatever came then. */
export function renderBooking(booking: Booking, currency: string | null): Readonly<Record<string, unknown>> {
  const span = booking.span === null ? null : renderSpan(booking.span);
  return {
    bookingId: booking.bookingId,
    slotId: booking.slotId,
    customerId: booking.customerId,
    status: booking.status,
    version: booking.version,
    adjacent: booking.adjacent,
    claims: booking.claims.map((claim) => renderClaim(claim, span)),
    released: booking.released.map(({ unitId, quantity, reason, at }) => ({ unitId, quantity, reason, at: formatInstant(at) })),
    total: { amount: booking.claims.reduce((sum, claim) => sum + claim.amount, 0), currency },
    requestedAt: formatInstant(booking.requestedAt),
    expiresAt: formatInstant(booking.expiresAt),
    maxExpiresAt: formatInstant(booking.maxExpiresAt),
    confirmedAt: booking.confirmedAt === null ? null : formatInstant(booking.confirmedAt),
    paymentReference: booking.paymentReference,
    reference: booking.reference,
    metadata: booking.metadata,
  };
}

function renderClaim(claim: Claim, span: RenderedSpan | null): Readonly<Record<string, unknown>> {
  const { unitId, quantity, price, amount } = claim;
  return { unitId, quantity, price, amount, ...(span === null ? {} : { span }) };
}

type RenderedSpan = { readonly fromStop: string; readonly toStop: string } | { readonly from: string; readonly to: string };

export function renderSpan(span: SpanRequest): RenderedSpan {
  return 'fromStop' in span
    ? { fromStop: span.fromStop, toStop: span.toStop }
    : { from: formatInstant(span.from), to: formatInstant(span.to) };
}
