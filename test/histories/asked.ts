import { placeOf } from './audit.ts';
import type { ClientRecord, Json } from './history.ts';

/** What a request is about, read from its address. */
export interface Asked {
  readonly deed: Deed;
  readonly slotId: string;
  /** Null for requests on the slot and for a booking that is yet to be. */
  readonly bookingId: string | null;
  readonly body: Json;
}

export type Deed =
  | 'open'
  | 'patch'
  | 'add'
  | 'change-units'
  | 'block'
  | 'unblock'
  | 'withdraw'
  | 'close'
  | 'reopen'
  | 'cancel-slot'
  | 'book'
  | 'confirm'
  | 'cancel'
  | 'extend-hold'
  | 'change'
  | 'read-slot'
  | 'read-seats'
  | 'read-availability'
  | 'read-booking'
  | 'other';

const ON_SLOT: Readonly<Record<string, Deed>> = {
  'GET ': 'read-slot',
  'GET /seats': 'read-seats',
  'GET /availability': 'read-availability',
  'PATCH ': 'patch',
  'POST /units': 'add',
  'POST /units/change': 'change-units',
  'POST /units/block': 'block',
  'POST /units/unblock': 'unblock',
  'POST /units/withdraw': 'withdraw',
  'POST /close': 'close',
  'POST /reopen': 'reopen',
  'POST /cancel': 'cancel-slot',
  'POST /bookings': 'book',
};

const ON_BOOKING: Readonly<Record<string, Deed>> = {
  'GET ': 'read-booking',
  'POST /confirm': 'confirm',
  'POST /cancel': 'cancel',
  'POST /extend-hold': 'extend-hold',
  'POST /change': 'change',
};

export function askedBy({ request, answer }: ClientRecord): Asked {
  const { method, body = {} } = request;
  const [path = ''] = request.path.split('?');
  const [, kind, id, rest = ''] = /^\/(slots|bookings)(?:\/([^/]+))?(\/.*)?$/.exec(path) ?? [];
  if (kind === 'slots' && id !== undefined)
    return { deed: ON_SLOT[`${method} ${rest}`] ?? 'other', slotId: decodeURIComponent(id), bookingId: null, body };
  if (kind === 'slots' && method === 'POST') {
    return { deed: 'open', slotId: String(body.slotId ?? answer?.body.slotId ?? ''), bookingId: null, body };
  }
  if (kind === 'bookings' && id !== undefined) {
    const bookingId = decodeURIComponent(id);
    return { deed: ON_BOOKING[`${method} ${rest}`] ?? 'other', slotId: bookingId.split('.')[0] ?? '', bookingId, body };
  }
  return { deed: 'other', slotId: '', bookingId: null, body };
}

export function isRead({ deed }: Asked): boolean {
  return deed.startsWith('read-');
}

/** Units as requests name them; without a quantity one is meant where a booking gets them, and all of it where operators work. */
export function unitsAsked(units: unknown): readonly { readonly unitId: string; readonly quantity: number | undefined }[] {
  return ((units ?? []) as readonly (string | { readonly unitId: string; readonly quantity?: number })[]).map((unit) =>
    typeof unit === 'string' ? { unitId: unit, quantity: undefined } : { unitId: unit.unitId, quantity: unit.quantity },
  );
}

/** Units as requests name them that a booking has: without a quantity all that it has of one. */
export function partAsked(
  units: unknown,
  claims: readonly { readonly unitId: string; readonly quantity: number }[],
): readonly { readonly unitId: string; readonly quantity: number }[] {
  return unitsAsked(units).map(({ unitId, quantity }) => ({
    unitId,
    quantity: quantity ?? claims.find((claim) => claim.unitId === unitId)?.quantity ?? 0,
  }));
}

/** The stream version that an answer names; null when it names none, or another stream's. */
export function versionTold({ answer }: ClientRecord, slotId: string): number | null {
  const place = placeOf(answer?.position ?? null);
  return place?.streamId === `slot-${slotId}` ? place.version : null;
}

/** Answers that say nothing about what was asked for: the same request may be sent again. */
export const TRY_AGAIN: ReadonlySet<unknown> = new Set([
  'too-much-contention',
  'unavailable',
  'outcome-unknown',
  'view-behind',
  'rate-limited',
]);

/** What the idempotency key is scoped to. */
export function keyOf({ request: { method, path, key } }: ClientRecord): string | null {
  return key === undefined ? null : JSON.stringify([method, path, key]);
}

/** Whether an answer says that the request was done. */
export function isSuccess({ answer }: ClientRecord): boolean {
  return answer !== null && answer.status >= 200 && answer.status < 300;
}

/** Whether nobody can say from the answer if the request was done. */
export function isUnknown({ answer }: ClientRecord): boolean {
  return answer === null || (answer.status >= 500 && answer.body.code !== 'unavailable');
}
