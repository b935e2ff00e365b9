import type { Rule } from '../history.ts';
import { booking, bookingRequest, claim, held, type MadeHistory, requested, toldClaim } from '../made-history.ts';

/** One kind of damage to a history that was right, and the fault by which it must be found. */
export interface Damage {
  readonly what: string;
  readonly spoil: (history: MadeHistory) => void;
  readonly rule: Rule;
  readonly words: string;
}

export const CLAIMS_A3 = [claim('A3')];
export const A3_HELD = { code: 'seats-taken', unavailable: [{ unitId: 'A3', status: 'held' }] };

/** Another hold at the end of the log, asked for and answered. */
export function hold(history: MadeHistory, bookingId: string, claims: readonly ReturnType<typeof claim>[]): void {
  const units = claims.map(({ unitId, quantity }) => ({ unitId, quantity }));
  history.log('show', 'BookingRequested', requested(bookingId, 'zoe', claims));
  history.log('show', 'SeatsHeld', held(bookingId, 'zoe', claims, history.seconds));
  const told = claims.map(({ unitId, quantity }) => toldClaim(String(unitId), Number(quantity)));
  history.ask(
    'zoe',
    bookingRequest(bookingId, 'zoe', { units }),
    201,
    booking(bookingId, 'zoe', history.version('show'), told, history.seconds),
  );
}

/** Asks for something that is refused. */
export const refusedWith = (wish: object, body: { readonly code: string }) => (history: MadeHistory) =>
  history.ask('zoe', bookingRequest('show.z', 'zoe', { ...wish }), 409, body);
