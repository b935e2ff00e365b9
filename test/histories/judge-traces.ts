import { askedBy, type Deed, isSuccess, isUnknown, keyOf } from './asked.ts';
import { type ClientRecord, type History, inWords, type LoggedEvent, type Tell } from './history.ts';
import { BookingEnds, REMEMBERED_MS } from './key-life.ts';
import { differenceOf } from './same.ts';
import { grouped, type Timeline } from './timeline.ts';

/** Which request an event about a booking comes from. */
const ASKED_BY: Readonly<Record<string, Deed>> = {
  HoldExtended: 'extend-hold',
  BookingChanged: 'change',
  BookingConfirmed: 'confirm',
  SeatsReleased: 'cancel',
  BookingCancelled: 'cancel',
};

/**
 * Holds what the log has against what was asked, answered or not: nothing is done that nobody asked
 * for or that was refused, nothing more often than it was asked for, and nothing half.
 */
export function judgeTraces({ records, clientSkewMs }: History, timeline: Timeline, tell: Tell): void {
  const asked = new Map<string, ClientRecord[]>();
  /** Slots of which somebody asked for a booking without giving it a name of its own. */
  const nameless = new Set<string>();
  const mayBeDone = new Map<string, number>();
  for (const record of records) {
    const { deed, slotId, body, bookingId } = askedBy(record);
    if (deed === 'book') {
      if (typeof body.reference === 'string') grouped(asked, body.reference).push(record);
      else nameless.add(slotId);
    }
    const isOpen = isSuccess(record) || isUnknown(record);
    if (bookingId !== null && isOpen) mayBeDone.set(`${deed} ${bookingId}`, (mayBeDone.get(`${deed} ${bookingId}`) ?? 0) + 1);
  }
  const ends = new BookingEnds();
  for (const stream of timeline.streams.values()) {
    let isCancelled = false;
    for (const [index, event] of stream.entries()) {
      ends.take(event);
      if (event.type === 'SlotCancelled') isCancelled = true;
      if (event.type === 'BookingRequested') judgeRequest(event, stream.slice(index + 1, index + 3), stream[index - 1]);
      else if (!isCancelled || event.data.reason !== 'slot-cancelled') judgeDeed(event, stream[index - 1]);
    }
  }

  function judgeRequest(event: LoggedEvent, next: readonly LoggedEvent[], before: LoggedEvent | undefined): void {
    const { reference, bookingId, customerId, asked: selection } = event.data as { readonly [field: string]: unknown };
    if (typeof reference !== 'string') {
      // Requests without a name of their own cannot be told apart.
      if (!nameless.has(event.streamId.slice('slot-'.length)))
        tell('log', `${bookingId} has no reference, and every request for one of its slot's bookings had`);
      return;
    }
    const tries = asked.get(reference) ?? [];
    const [first] = tries;
    if (first === undefined) return void tell('log', `${bookingId} of reference ${reference} was never asked for`);
    // A key that was forgotten may be used anew.
    const times = ends.ofReference(reference).filter((made) => ends.endOf(made) + REMEMBERED_MS > (before?.at ?? 0)).length;
    if (times > new Set(tries.map((one) => keyOf(one) ?? one)).size) tell('key', `${bookingId} is booked a second time: ${inWords(first)}`);
    if (!tries.some((one) => isSuccess(one) || isUnknown(one))) tell('half', `${bookingId} was refused, and yet booked: ${inWords(first)}`);
    if (tries.every(({ startedAt }) => startedAt - clientSkewMs > event.recordedAt))
      tell('log', `${bookingId} was booked before it was asked for`);
    const has = { customerId, ...(selection as object) };
    const asFor = tries.map(({ request: { body = {} } }) => differenceOf({ customerId: body.customerId, ...selectionOf(body) }, has));
    if (!asFor.includes(null)) tell('log', `${bookingId} is not what was asked for: ${asFor[0]}: ${inWords(first)}`);
    const body = (tries[asFor.indexOf(null)] ?? first).request.body ?? {};
    const { paymentReference } = (body.confirm ?? {}) as { readonly paymentReference?: string };
    const [held, confirmed] = next;
    const isWhole = confirmed?.data.paymentReference === paymentReference && confirmed?.position === (held?.position ?? 0) + 1;
    if (paymentReference !== undefined && !isWhole) tell('half', `${bookingId} was held, but not confirmed with it: ${inWords(first)}`);
  }

  function judgeDeed({ type, data }: LoggedEvent, before: LoggedEvent | undefined): void {
    const deed = ASKED_BY[type];
    if (deed === undefined) return;
    const { bookingId } = data;
    // Held and confirmed by one request.
    if (
      type === 'BookingConfirmed' &&
      before?.type === 'SeatsHeld' &&
      before.data.bookingId === bookingId &&
      !mayBeDone.has(`confirm ${bookingId}`)
    )
      return;
    const left = mayBeDone.get(`${deed} ${bookingId}`) ?? 0;
    if (left === 0) tell('half', `${type} of ${bookingId}: nobody asked for it, or not so often, or it was refused`);
    else mayBeDone.set(`${deed} ${bookingId}`, left - 1);
  }
}

function selectionOf(body: { readonly [field: string]: unknown }) {
  if (body.bestAvailable !== undefined) return { kind: 'bestAvailable', ...(body.bestAvailable as object) };
  const units = (body.units as readonly (string | { readonly unitId: string; readonly quantity?: number })[]).map((unit) =>
    typeof unit === 'string' ? { unitId: unit, quantity: 1 } : { unitId: unit.unitId, quantity: unit.quantity ?? 1 },
  );
  return { kind: 'units', units };
}
