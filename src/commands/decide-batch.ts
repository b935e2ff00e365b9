import type { Booking } from '../domain/slot/booking.ts';
import type { CommandEnvelope, SlotCommand } from '../domain/slot/commands.ts';
import { type Decision, decide, mayLapse } from '../domain/slot/decide.ts';
import type { Outcome } from '../domain/slot/refusals.ts';
import type { SlotState } from '../domain/slot/state.ts';
import { type SlotSummary, summaryOf } from '../domain/slot/summary.ts';
import { MAX_APPEND_BYTES, MAX_EVENT_BYTES, type NewEvent } from '../eventstore/event-store.ts';
import type { CommandContext } from './command-service.ts';
import { toNewEvent } from './new-event.ts';

/** What a decided command comes back with. */
export interface Answer {
  readonly outcome: Outcome;
  /** The slot's version right after the decision. */
  readonly version: number;
  /** Log position of the event at that version. */
  readonly position: number;
  readonly booking: Booking | null;
  /** Only for commands on the slot itself. */
  readonly slot: SlotSummary | null;
  readonly currency: string | null;
}

/** A command that waits for its slot. */
export interface Waiting {
  readonly command: SlotCommand;
  readonly context: CommandContext;
  /** Epoch milliseconds of this process. */
  readonly since: number;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

interface Settled extends Omit<Answer, 'position'> {
  readonly waiting: Waiting;
}

/** Decisions that go into one append. */
export interface Batch {
  readonly versionBefore: number;
  readonly events: readonly NewEvent[];
  readonly settled: readonly Settled[];
  /** Commands that did not fit; they are decided after the append. */
  readonly postponed: readonly Waiting[];
}

/** Lapsed holds recorded in one go, so that a wave of them does not swell an append. */
const LAPSES_AT_ONCE = 100;

/** Who records that a hold ran out: nobody asked for it. */
const SYSTEM: Pick<CommandContext, 'actor' | 'correlationId'> = { actor: 'system', correlationId: 'lapse' };

/**
 * Decides commands in their order against a state that runs ahead of the log; the state's journal is
 * open. A command whose decision throws (a broken invariant) is rejected alone, its traces removed.
 */
export function decideBatch(state: SlotState, waiting: readonly Waiting[], now: number): Batch {
  const versionBefore = state.version;
  const events: NewEvent[] = [];
  const settled: Settled[] = [];
  let bytes = 0;
  for (const [index, one] of waiting.entries()) {
    while (mayLapse(state, now) && bytes < MAX_APPEND_BYTES / 2) {
      const lapsed = decide(state, envelope({ type: 'ReleaseExpired', limit: LAPSES_AT_ONCE }, now)).facts.map((fact) =>
        toNewEvent(fact, SYSTEM),
      );
      bytes += sizeOf(lapsed);
      events.push(...lapsed);
    }
    if (mayLapse(state, now)) return { versionBefore, events, settled, postponed: waiting.slice(index) };
    const mark = state.mark();
    const result = decideOne(state, one, now, mark);
    if (result === null) continue;
    const { decision, added } = result;
    const size = sizeOf(added);
    const largest = Math.max(0, ...added.map(({ data, metadata }) => Buffer.byteLength(data) + Buffer.byteLength(metadata)));
    if (largest > MAX_EVENT_BYTES || size > MAX_APPEND_BYTES) {
      state.rollbackTo(mark);
      const fault = { pointer: '', message: 'too much for one request: use a layout, or several requests while the slot is closed' };
      settled.push(answerOf(state, one, { kind: 'refused', refusal: { kind: 'limit-exceeded', limit: MAX_APPEND_BYTES, fault } }, now));
      continue;
    }
    if (bytes + size > MAX_APPEND_BYTES) {
      state.rollbackTo(mark);
      return { versionBefore, events, settled, postponed: waiting.slice(index) };
    }
    bytes += size;
    events.push(...added);
    settled.push(answerOf(state, one, decision.outcome, now));
  }
  return { versionBefore, events, settled, postponed: [] };
}

function decideOne(
  state: SlotState,
  one: Waiting,
  now: number,
  mark: number,
): { readonly decision: Decision; readonly added: readonly NewEvent[] } | null {
  const { commandId, commandHash, ifMatch } = one.context;
  try {
    const decision = decide(state, { command: one.command, now, commandId, commandHash, ifMatch });
    return { decision, added: decision.facts.map((fact) => toNewEvent(fact, one.context)) };
  } catch (error) {
    state.rollbackTo(mark);
    one.reject(error);
    return null;
  }
}

function envelope(command: SlotCommand, now: number): CommandEnvelope {
  return { command, now, commandId: null, commandHash: null, ifMatch: null };
}

function answerOf(state: SlotState, waiting: Waiting, outcome: Outcome, now: number): Settled {
  const { command } = waiting;
  const bookingId = outcome.kind === 'refused' ? null : outcome.bookingId;
  const aboutSlot = !('bookingId' in command) && outcome.kind !== 'refused';
  return {
    waiting,
    outcome,
    version: state.version,
    booking: bookingId === null ? null : (state.bookings.get(bookingId) ?? null),
    slot: aboutSlot && state.head !== null ? summaryOf(state, now) : null,
    currency: state.head?.currency ?? null,
  };
}

function sizeOf(events: readonly NewEvent[]): number {
  return events.reduce((sum, { data, metadata }) => sum + Buffer.byteLength(data) + Buffer.byteLength(metadata), 0);
}
