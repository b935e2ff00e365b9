import type { CommandEnvelope, SlotCommand } from './commands.ts';
import { decideChangeBooking } from './decide-change.ts';
import { decideRequest } from './decide-request.ts';
import { decideCancel, decideConfirm, decideExtend } from './decide-settlement.ts';
import { decideOpen, decidePatch, decideStatus } from './decide-slot.ts';
import { decideAddUnits, decideBlock, decideChangeUnits, decideUnblock, decideWithdraw } from './decide-units.ts';
import type { SlotEvent } from './events.ts';
import { evolve, type SlotFact } from './evolve.ts';
import type { Outcome, Refusal } from './refusals.ts';
import type { Ruling } from './ruling.ts';
import type { SlotState } from './state.ts';

/** What a decision adds to the stream, and what the asker learns. */
export interface Decision {
  /** A refused command may still have facts: holds that were found to have lapsed. */
  readonly facts: readonly SlotFact[];
  readonly outcome: Outcome;
}

/**
 * Decides one command against the state and leaves the state as the decision's facts make it.
 *
 * The order is that of the contract: a command that was accepted before is answered as then; then
 * the version that the client insists on; then the rules. Holds that have lapsed by now are free,
 * and their release is recorded with whatever is decided next, so that nobody waits for a sweeper.
 */
export function decide(state: SlotState, envelope: CommandEnvelope): Decision {
  const { command, commandId, ifMatch } = envelope;
  const known = commandId === null ? undefined : state.commands.get(commandId);
  if (known !== undefined) {
    if (known.hash !== envelope.commandHash) return refused([], { kind: 'idempotency-key-reused' });
    return { facts: [], outcome: { kind: 'replayed', version: known.version, bookingId: known.bookingId } };
  }
  const seenVersion = state.version;
  const now = Math.max(envelope.now, state.lastEventAt);
  const limit = command.type === 'ReleaseExpired' ? command.limit : Number.POSITIVE_INFINITY;
  const lapsed = lapse(state, now, limit);
  if (ifMatch !== null && ifMatch !== seenVersion && state.head !== null) {
    return refused(lapsed, { kind: 'stale-version', currentVersion: seenVersion });
  }
  const ruling = rule(state, command, now);
  if (ruling.kind === 'refused') return refused(lapsed, ruling.refusal);
  const { commandHash } = envelope;
  const facts = bound(state, ruling, commandId).map((event) => ({ event, at: now, commandId, commandHash }));
  for (const fact of facts) evolve(state, fact);
  return {
    facts: [...lapsed, ...facts],
    outcome: { kind: 'accepted', bookingId: ruling.bookingId ?? null, ...(ruling.repeated && { repeated: true }) },
  };
}

/**
 * A success binds its key for good, so that a repeat is known also when the first time found nothing
 * to change. A booking that has ended needs none: whoever asks again is answered the same for ever.
 */
function bound(
  state: SlotState,
  { events, bookingId }: Extract<Ruling, { kind: 'events' }>,
  commandId: string | null,
): readonly SlotEvent[] {
  if (commandId === null || events.length > 0) return events;
  if (bookingId === undefined) return [{ type: 'CommandAcknowledged', onBooking: null }];
  const status = state.bookings.get(bookingId)?.status;
  return status === 'HELD' || status === 'CONFIRMED' ? [{ type: 'CommandAcknowledged', onBooking: bookingId }] : [];
}

function rule(state: SlotState, command: SlotCommand, now: number): Ruling {
  if (command.type === 'OpenSlot') return decideOpen(state, command, now);
  if (state.head === null) return { kind: 'refused', refusal: { kind: 'slot-not-found' } };
  switch (command.type) {
    case 'AddUnits':
      return decideAddUnits(state, command);
    case 'ChangeUnits':
      return decideChangeUnits(state, command, now);
    case 'BlockUnits':
      return decideBlock(state, command, now);
    case 'UnblockUnits':
      return decideUnblock(state, command, now);
    case 'WithdrawUnits':
      return decideWithdraw(state, command, now);
    case 'ChangeSlot':
      return decidePatch(state, command, now);
    case 'CloseSlot':
    case 'ReopenSlot':
    case 'CancelSlot':
      return decideStatus(state, command);
    case 'RequestBooking':
      return decideRequest(state, command, now);
    case 'ChangeBooking':
      return decideChangeBooking(state, command, now);
    case 'ConfirmBooking':
      return decideConfirm(state, command);
    case 'CancelBooking':
      return decideCancel(state, command);
    case 'ExtendHold':
      return decideExtend(state, command, now);
    case 'ReleaseExpired':
      return { kind: 'events', events: [] };
    case 'ReleaseCancelled':
      return { kind: 'events', events: cancellations(state, command.limit) };
    default:
      return command satisfies never;
  }
}

/** Whether a hold may have lapsed by the instant. */
export function mayLapse(state: SlotState, now: number): boolean {
  return state.expiries.nextAt <= now;
}

/** Records that holds have run out: a hold is alive while now < expiresAt. */
function lapse(state: SlotState, now: number, limit: number): SlotFact[] {
  const facts: SlotFact[] = [];
  while (state.expiries.nextAt <= now && facts.length < limit) {
    const due = state.expiries.take();
    const booking = due === undefined ? undefined : state.bookings.get(due.bookingId);
    if (booking?.status !== 'HELD' || booking.expiresAt !== due?.expiresAt) continue;
    const { bookingId, customerId, claims, expiresAt } = booking;
    const fact: SlotFact = {
      event: { type: 'BookingExpired', bookingId, customerId, claims, expiresAt },
      at: now,
      commandId: null,
      commandHash: null,
    };
    evolve(state, fact);
    facts.push(fact);
  }
  return facts;
}

function cancellations(state: SlotState, limit: number): SlotEvent[] {
  if (state.head?.status !== 'CANCELLED') return [];
  const events: SlotEvent[] = [];
  for (const booking of state.bookings.values()) {
    if (events.length >= limit) break;
    if (booking.status !== 'HELD' && booking.status !== 'CONFIRMED') continue;
    const { bookingId, customerId, claims, status } = booking;
    events.push({ type: 'BookingCancelled', bookingId, customerId, claims, previousStatus: status, reason: 'slot-cancelled' });
  }
  return events;
}

function refused(facts: readonly SlotFact[], refusal: Refusal): Decision {
  return { facts, outcome: { kind: 'refused', refusal } };
}
