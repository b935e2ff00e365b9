/** A booking service as its tutorials have it: rows of seats with a status, rows of bookings. What its variants share. */

export interface HoldRequest {
  readonly customerId: string;
  readonly units: readonly string[];
}

export interface BookingRow {
  readonly booking_id: string;
  readonly show_id: string;
  readonly customer_id: string;
  readonly status: string;
  readonly seat_ids: readonly string[];
  readonly total: number;
  readonly requested_at: Date;
  readonly expires_at: Date;
  readonly confirmed_at: Date | null;
  readonly payment_reference: string | null;
}

/** A value to answer with, under a status. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** One way of holding seats. Everything else is the same for all of them, but for those who count free seats as they hold them. */
export interface Desk {
  hold(showId: string, request: HoldRequest): Promise<Reply>;
  confirm(bookingId: string, paymentReference: string): Promise<Reply>;
  availability(showId: string): Promise<Reply>;
  seats(showId: string): Promise<Reply>;
}

const MAX_SEATS = 10;

/** The request in a parsed body; null when it is none. */
export function holdRequestIn(body: unknown): HoldRequest | null {
  if (typeof body !== 'object' || body === null || !('customerId' in body) || !('units' in body)) return null;
  const { customerId, units } = body;
  if (typeof customerId !== 'string' || customerId === '' || !Array.isArray(units) || units.length === 0 || units.length > MAX_SEATS)
    return null;
  return units.every((unit: unknown) => typeof unit === 'string') ? { customerId, units } : null;
}

export function paymentReferenceIn(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('paymentReference' in body)) return null;
  return typeof body.paymentReference === 'string' ? body.paymentReference : null;
}

export function held(booking: BookingRow): Reply {
  return { status: 201, body: rendered(booking) };
}

export function confirmed(booking: BookingRow): Reply {
  return { status: 200, body: rendered(booking) };
}

export function refused(status: number, code: string): Reply {
  return { status, body: { title: code, status, code } };
}

function rendered(booking: BookingRow): unknown {
  return {
    bookingId: booking.booking_id,
    slotId: booking.show_id,
    customerId: booking.customer_id,
    status: booking.status,
    claims: booking.seat_ids.map((unitId) => ({ unitId, quantity: 1 })),
    total: { amount: booking.total, currency: 'GBP' },
    requestedAt: booking.requested_at.toISOString(),
    expiresAt: booking.expires_at.toISOString(),
    confirmedAt: booking.confirmed_at?.toISOString() ?? null,
    paymentReference: booking.payment_reference,
  };
}
