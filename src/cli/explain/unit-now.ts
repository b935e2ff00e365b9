import { extentOf, isOffered } from '../../domain/availability.ts';
import { type Profile, pieces, type Step, takenAt } from '../../domain/profile.ts';
import { occupiedSpan, wholeAxis } from '../../domain/resolve-span.ts';
import type { Booking } from '../../domain/slot/booking.ts';
import type { SlotSummary } from '../../domain/slot/summary.ts';
import { overlaps, type Span } from '../../domain/span.ts';
import { capacityOf, type Unit } from '../../domain/unit.ts';
import { spanInWords } from '../words.ts';
import type { Scene } from './sentences.ts';

/** Bookings that are named in one sentence; a hall of standing places has thousands. */
const MAX_NAMED = 20;

/** A booking that has some of the unit, with a hold that lasts or for good. */
interface Claimant {
  readonly bookingId: string;
  readonly customerId: string;
  readonly span: Span;
  readonly quantity: number;
  /** Epoch milliseconds; null once it is sold. */
  readonly heldUntil: number | null;
}

/** @param bookings of the slot at the instant, without holds that have run out by then. */
export function claimantsOf(unitId: string, bookings: Iterable<Booking>): readonly Claimant[] {
  const claimants: Claimant[] = [];
  for (const { bookingId, customerId, status, expiresAt, claims } of bookings) {
    if (status !== 'HELD' && status !== 'CONFIRMED') continue;
    for (const { unitId: id, quantity, from, to } of claims) {
      if (id !== unitId) continue;
      claimants.push({ bookingId, customerId, span: { from, to }, quantity, heldUntil: status === 'HELD' ? expiresAt : null });
    }
  }
  return claimants;
}

/**
 * Whether the unit is free at the instant, and why: a sentence for each part of the axis that differs. By the slot's
 * state, and not by the stories, which are only those of the newest events.
 *
 * @param taken what is taken of the unit over the axis, by bookings with their buffers and off sale.
 */
export function unitNow(
  {
    unit,
    summary,
    taken,
    claimants,
  }: { readonly unit: Unit | null; readonly summary: SlotSummary; readonly taken: Profile; readonly claimants: readonly Claimant[] },
  scene: Scene,
): readonly string[] {
  const when = `At ${scene.clock(scene.at)}`;
  if (unit === null) return [`${when} it is not part of the slot.`];
  const { axis } = scene;
  const span: Span = axis.type === 'time' ? { from: scene.at, to: scene.at + 1 } : wholeAxis(axis);
  const found = pieces(taken, span).map((piece) => {
    const where = axis.type === 'stops' ? spanInWords(axis, piece, scene.clock) : '';
    const here = claimants.filter((claimant) => overlaps(occupiedSpan(axis, claimant.span), piece));
    return `${when} it is${where} ${pieceInWords(unit, piece.step, here, scene)}`;
  });
  const doubts = [...saleDoubts(summary, scene), ...(isOffered(unit, extentOf(summary, span)) ? [] : ['it is not on offer then'])];
  return doubts.length === 0 ? found : [...found, `But nobody can book it then: ${doubts.join(', ')}.`];
}

function pieceInWords(unit: Unit, step: Step, here: readonly Claimant[], scene: Scene): string {
  const capacity = capacityOf(unit);
  const free = capacity - takenAt(step);
  const why = [
    ...here.slice(0, MAX_NAMED).map((claimant) => claimantInWords(claimant, scene)),
    ...(here.length > MAX_NAMED ? [`and ${here.length - MAX_NAMED} more bookings`] : []),
    ...(step.blocked > 0 ? [blockedInWords(step.blocked, capacity)] : []),
  ];
  const reasons = why.length === 0 ? '' : `: ${why.join(', ')}`;
  if (unit.capacity !== undefined) return `${free} of ${capacity} free${reasons}.`;
  return free > 0 ? 'free: nobody holds it, nobody has bought it, and it is on sale.' : `not free${reasons}.`;
}

function claimantInWords({ bookingId, customerId, quantity, heldUntil, span }: Claimant, { axis, clock, at }: Scene): string {
  const some = quantity > 1 ? `${quantity} ` : '';
  const buffer = axis.type === 'time' && span.to <= at ? ', now in the buffer behind it' : '';
  const how = heldUntil === null ? 'sold to' : `held until ${clock(heldUntil)} by`;
  return `${some}${how} ${customerId} (booking ${bookingId})${axis.type === 'time' ? spanInWords(axis, span, clock) : ''}${buffer}`;
}

function blockedInWords(blocked: number, capacity: number): string {
  return capacity > 1 ? `${blocked} off sale` : 'off sale';
}

/** What of the slot keeps everybody from booking, whatever the unit says. */
function saleDoubts({ status, salesFrom, salesUntil }: SlotSummary, { at, clock }: Scene): readonly string[] {
  return [
    ...(status === 'OPEN' ? [] : [`the slot is ${status === 'CLOSED' ? 'closed' : 'cancelled'}`]),
    ...(salesFrom !== null && at < salesFrom ? [`its sale begins at ${clock(salesFrom)}`] : []),
    ...(salesUntil !== null && at >= salesUntil ? [`its sale ended at ${clock(salesUntil)}`] : []),
  ];
}
