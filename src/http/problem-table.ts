import type { Refusal } from '../domain/slot/refusals.ts';

export interface ProblemEntry {
  readonly status: number;
  readonly title: string;
  /** What it means and what to do about it, for the docs page; also the detail where nothing better is known. */
  readonly meaning: string;
  /** Present when sending the same request again may help. */
  readonly retryAfterSeconds?: number;
}

/** What the command side refuses. The compiler keeps this complete. */
export const REFUSAL_PROBLEMS = {
  'slot-not-found': { status: 404, title: 'No such slot', meaning: 'There is no slot with this id.' },
  'booking-not-found': { status: 404, title: 'No such booking', meaning: 'There is no booking with this id.' },
  'slot-exists': { status: 409, title: 'Slot exists', meaning: 'There is a slot with this id already.' },
  'seats-taken': {
    status: 409,
    title: 'Units taken',
    meaning: 'Some of the units are not free over the span; `unavailable` names them and what they are.',
  },
  'sold-out': { status: 409, title: 'Sold out', meaning: 'Not enough units that fit are free over the span.' },
  'not-adjacent': { status: 409, title: 'Not adjacent', meaning: 'Enough units are free, but not side by side as demanded.' },
  'price-changed': { status: 409, title: 'Price changed', meaning: 'The total is not the one expected; `total` is what it costs now.' },
  'not-on-sale': { status: 409, title: 'Not on sale', meaning: 'The slot is outside its sales window.' },
  'slot-closed': { status: 409, title: 'Slot closed', meaning: 'The slot takes no new holds; existing ones can be confirmed.' },
  'slot-cancelled': { status: 409, title: 'Slot cancelled', meaning: 'The slot was cancelled, and its bookings with it.' },
  'already-confirmed': {
    status: 409,
    title: 'Already confirmed',
    meaning: 'The booking was confirmed before, with another payment or so that this cannot be done any more.',
  },
  'already-released': {
    status: 409,
    title: 'Already released',
    meaning: 'The booking was cancelled or changed, and no longer has what this needs.',
  },
  'hold-expired': { status: 410, title: 'Hold expired', meaning: 'The hold had lapsed; its units are free for others.' },
  'stale-version': {
    status: 412,
    title: 'Stale version',
    meaning: 'The slot has moved on from the version in If-Match; `currentVersion` is where it is.',
  },
  'unknown-unit': { status: 422, title: 'Unknown unit', meaning: 'The slot or the booking has no such unit.' },
  'limit-exceeded': {
    status: 422,
    title: 'Limit exceeded',
    meaning: 'More is asked for than the slot, or a booking, allows; `limit` is the most.',
  },
  'span-required': { status: 400, title: 'Span required', meaning: 'On the time axis a span is needed: from and to.' },
  'span-invalid': {
    status: 422,
    title: 'Span invalid',
    meaning: 'The span does not fit the slot: unknown or reversed stops, outside opening hours, or of the wrong kind.',
  },
  'in-the-past': { status: 422, title: 'In the past', meaning: 'It has begun already or is over.' },
  'invalid-input': {
    status: 400,
    title: 'Invalid input',
    meaning: 'Something in the request is not as it must be; `errors` lists what, by pointer, parameter or header.',
  },
  'would-leave-orphan': {
    status: 422,
    title: 'Would leave an orphan',
    meaning: 'The choice would leave a single seat alone, which the slot does not allow; `orphans` names them.',
  },
  'hold-cap-reached': { status: 422, title: 'Hold cap reached', meaning: 'The hold cannot live longer than `maxExpiresAt`.' },
  'idempotency-key-reused': { status: 422, title: 'Idempotency-Key reused', meaning: 'The key was used before with another body.' },
} as const satisfies Record<Refusal['kind'], ProblemEntry>;

/** What the edge itself answers. */
export const EDGE_PROBLEMS = {
  'malformed-json': { status: 400, title: 'Malformed JSON', meaning: 'The body is not JSON in UTF-8.' },
  'idempotency-key-required': {
    status: 400,
    title: 'Idempotency-Key required',
    meaning: 'A new booking needs an Idempotency-Key header, so that a retry cannot book twice.',
  },
  'malformed-request': { status: 400, title: 'Malformed request', meaning: 'What was sent is not HTTP.' },
  'stream-not-found': { status: 404, title: 'No such stream', meaning: 'There is no stream of events with this id.' },
  'not-found': { status: 404, title: 'Not found', meaning: 'There is nothing at this address.' },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    meaning: 'This address does not take the method; Allow lists those that it takes.',
  },
  'request-timeout': { status: 408, title: 'Request timeout', meaning: 'The request did not arrive in full in time.' },
  'body-too-large': { status: 413, title: 'Body too large', meaning: 'A body may have 1 MiB, a layout 16 MiB.' },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported media type',
    meaning: 'A body must be application/json in UTF-8, uncompressed; a PATCH may also be application/merge-patch+json.',
  },
  'precondition-required': {
    status: 428,
    title: 'Precondition required',
    meaning: 'This change needs If-Match with the version that it was made from.',
  },
  'headers-too-large': { status: 431, title: 'Headers too large', meaning: 'Address and headers together may have 16 KiB.' },
  'request-in-flight': {
    status: 409,
    title: 'Request in flight',
    meaning: 'The first request with this Idempotency-Key is still being worked on.',
    retryAfterSeconds: 1,
  },
  'too-much-contention': {
    status: 409,
    title: 'Too much contention',
    meaning: 'The slot could not be decided within the bounds; nothing was written.',
    retryAfterSeconds: 1,
  },
  'rate-limited': { status: 429, title: 'Rate limited', meaning: 'Too many requests.', retryAfterSeconds: 60 },
  'internal-error': {
    status: 500,
    title: 'Internal error',
    meaning: 'Something went wrong that should not have; it was logged under the instance.',
  },
  'view-behind': {
    status: 503,
    title: 'View behind',
    meaning: 'What was written is safe, but the view has not reached the position asked for in time.',
    retryAfterSeconds: 1,
  },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    meaning: 'The service cannot reach its store; nothing was written.',
    retryAfterSeconds: 2,
  },
  'outcome-unknown': {
    status: 503,
    title: 'Outcome unknown',
    meaning: 'The write may have happened or not: retry with the same Idempotency-Key.',
    retryAfterSeconds: 1,
  },
} as const satisfies Record<string, ProblemEntry>;
