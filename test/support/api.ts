/** What a service answered, as a client sees it. */
export interface Reply<Body = Json> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export type Json = Readonly<Record<string, unknown>>;

export interface BookingBody {
  readonly bookingId: string;
  readonly slotId: string;
  readonly customerId: string;
  readonly status: string;
  readonly version: number;
  readonly claims: readonly { readonly unitId: string; readonly quantity: number }[];
  readonly released: readonly { readonly unitId: string; readonly quantity: number; readonly reason: string }[];
  readonly expiresAt: string;
  readonly requestedAt: string;
}

/** A problem; those about a booking carry it. */
export interface ProblemBody {
  readonly code: string;
  readonly detail: string;
  readonly retryAfterSeconds?: number;
  readonly booking?: BookingBody;
}

export interface Request {
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly body?: unknown;
  /** The Idempotency-Key. */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Asks a service for a path below `/api/v1`, or for one outside of it that starts with two slashes.
 *
 * @throws TypeError when the connection broke before the answer was read.
 */
export async function ask<Body = Json>(url: string, path: string, request: Request = {}): Promise<Reply<Body>> {
  const { body, key, headers = {}, method = body === undefined ? 'GET' : 'POST' } = request;
  const response = await fetch(path.startsWith('//') ? url + path.slice(1) : `${url}/api/v1${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}

/** The same, for an answer that must have this status: another one is an error that tells the whole of it. */
export async function demand<Body = Json>(status: number, url: string, path: string, request: Request = {}): Promise<Reply<Body>> {
  const reply = await ask<Body>(url, path, request);
  if (reply.status !== status) {
    throw new Error(`${request.method ?? ''} ${path} was answered with ${reply.status}, not ${status}: ${JSON.stringify(reply.body)}`);
  }
  return reply;
}

const DAY_MS = 24 * 3_600_000;

/** A show tomorrow with seats `<row>-<number>` and, beside them, a standing area `yard` of the capacity given. */
export function show(
  slotId: string,
  size: { readonly rows?: number; readonly seatsPerRow?: number; readonly yard?: number },
  policy: object = {},
) {
  const { rows = 0, seatsPerRow = 0, yard = 0 } = size;
  const seats = Array.from({ length: rows * seatsPerRow }, (_, index) => {
    const row = String(Math.floor(index / seatsPerRow) + 1);
    const number = String((index % seatsPerRow) + 1);
    return { unitId: `${row}-${number}`, row, number, category: 'seat', price: 1_000 };
  });
  const standing = yard === 0 ? [] : [{ unitId: 'yard', category: 'standing', price: 500, capacity: yard }];
  const startsAt = new Date(Date.now() + DAY_MS).toISOString();
  return { slotId, category: 'theatre', title: slotId, startsAt, currency: 'GBP', units: [...seats, ...standing], policy };
}
