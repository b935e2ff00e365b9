import type { Booking } from '../domain/slot/booking.ts';
import type { CommandEnvelope, SlotCommand } from '../domain/slot/commands.ts';
import { decide, mayLapse } from '../domain/slot/decide.ts';
import type { Outcome } from '../domain/slot/refusals.ts';
import type { SlotState } from '../domain/slot/state.ts';
import { type SlotSummary, summaryOf } from '../domain/slot/summary.ts';
import { MAX_APPEND_BYTES, MAX_EVENT_BYTES, type NewEvent } from '../eventstore/event-store.ts';
import type { CommandContext } from './command-service.ts';
import { toNewEvents } from './new-event.ts';

/** What a decided command comes back with. */
export interface Answer {
  readonly outcome: Outcome;
  /** The slot's version right after the decision. */
  readonly version: number;
  /** Log position of the event at that version. */
  readonly position: number;
  /** The booking that the command is about; null for a request that was refused, and when the state has none of this id. */
  readonly booking: Booking | null;
  /** Only for commands on the slot itself. */
  readonly slot: SlotSummary | null;
  readonly currency: string | null;
  /** Whether the state has let go of anything yet: only then can the log have a booking that the state does not. */
  readonly hasForgotten: boolean;
}

/** A command that waits for its slot. */
export interface Waiting {
  readonly command: SlotCommand;
  readonly context: CommandContext;
  /** Milliseconds of this process's steady clock, which nobody sets. */
  readonly since: number;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

interface Settled {
  readonly waiting: Waiting;
  /** Its position is filled in when the log has told it. */
  readonly answer: { -readonly [Property in keyof Answer]: Answer[Property] };
}

/** Decisions that go into one append. */
export interface Batch {
  readonly versionBefore: number;
  readonly events: readonly NewEvent[];
  readonly settled: readonly Settled[];
  /** Commands whose decision threw (a broken invariant): rejected when the others are answered, since on another state they may succeed. */
  readonly failed: readonly { readonly waiting: Waiting; readonly error: unknown }[];
  /** Commands that did not fit, or for which no time was left; they are decided after the append. */
  readonly postponed: readonly Waiting[];
}

/**
 * Milliseconds after which a batch begins no further decision: nothing else runs in this process meanwhile,
 * and on the locked way every other slot waits too, until the database ends the transaction after two seconds.
 */
export const MAX_DECIDING = 25;

/** Bytes of lapsed holds in one append: behind them there is still room for the largest event. */
const MAX_LAPSED_BYTES = MAX_APPEND_BYTES - MAX_EVENT_BYTES;

/** Who records that a hold ran out: nobody asked for it. */
const SYSTEM: Pick<CommandContext, 'actor' | 'correlationId'> = { actor: 'system', correlationId: 'lapse' };

/**
 * Decides commands in their order against a state that runs ahead of the log; the state's journal is
 * open. A command whose decision throws fails alone, its traces removed.
 * However long the first one takes, it is decided.
 */
export function decideBatch(state: SlotState, waiting: readonly Waiting[], clock: number): Batch {
  const batch = { versionBefore: state.version, events: [] as NewEvent[], settled: [] as Settled[], failed: [] as Failed[] };
  // Stream time, which the rules go by: this instance's clock may be behind the one that wrote last.
  const now = Math.max(clock, state.lastEventAt);
  const begun = performance.now();
  let bytes = 0;
  for (const [index, one] of waiting.entries()) {
    if (index > 0 && performance.now() - begun >= MAX_DECIDING) return { ...batch, postponed: waiting.slice(index) };
    const versionSeen = state.version;
    bytes += recordLapses(state, now, MAX_LAPSED_BYTES - bytes, batch.events);
    if (mayLapse(state, now)) return { ...batch, postponed: waiting.slice(index) };
    const mark = state.mark();
    // The lapses are this decision's own doing: who named the version before them has seen all there was to see.
    const ifMatch = one.context.ifMatch === versionSeen ? state.version : one.context.ifMatch;
    const result = decideOne(state, one, now, ifMatch);
    if (result.kind === 'failed') {
      state.rollbackTo(mark);
      batch.failed.push({ waiting: one, error: result.error });
      continue;
    }
    const { outcome, added } = result;
    const sizes = added.map(sizeOf);
    const size = sum(sizes);
    if (size > MAX_APPEND_BYTES || sizes.some((one) => one > MAX_EVENT_BYTES)) {
      state.rollbackTo(mark);
      const fault = { pointer: '', message: 'too much for one request: use a layout, or several requests while the slot is closed' };
      batch.settled.push(
        answerOf(state, one, { kind: 'refused', refusal: { kind: 'limit-exceeded', limit: MAX_APPEND_BYTES, fault } }, now),
      );
      continue;
    }
    if (bytes + size > MAX_APPEND_BYTES) {
      state.rollbackTo(mark);
      return { ...batch, postponed: waiting.slice(index) };
    }
    bytes += size;
    batch.events.push(...added);
    batch.settled.push(answerOf(state, one, outcome, now));
  }
  return { ...batch, postponed: [] };
}

type Failed = Batch['failed'][number];

/** Adds lapsed holds, one by one because a hold of hundreds of units is large, until the bytes are used up. Returns their bytes. */
function recordLapses(state: SlotState, now: number, maxBytes: number, events: NewEvent[]): number {
  let bytes = 0;
  while (mayLapse(state, now) && bytes < maxBytes) {
    const lapsed = toNewEvents(decide(state, envelope({ type: 'ReleaseExpired', limit: 1 }, now)).facts, SYSTEM);
    bytes += sum(lapsed.map(sizeOf));
    events.push(...lapsed);
  }
  return bytes;
}

type Decided =
  | { readonly kind: 'decided'; readonly outcome: Outcome; readonly added: readonly NewEvent[] }
  | { readonly kind: 'failed'; readonly error: unknown };

function decideOne(state: SlotState, { command, context }: Waiting, now: number, ifMatch: number | null): Decided {
  try {
    const { outcome, facts } = decide(state, new Envelope(command, context, now, ifMatch));
    return { kind: 'decided', outcome, added: toNewEvents(facts, context) };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

/** A class for the sake of the hash, which the context works out when it is asked for. */
class Envelope implements CommandEnvelope {
  readonly command: SlotCommand;
  readonly now: number;
  readonly commandId: string | null;
  readonly ifMatch: number | null;
  private readonly context: CommandContext;

  constructor(command: SlotCommand, context: CommandContext, now: number, ifMatch: number | null) {
    this.command = command;
    this.context = context;
    this.now = now;
    this.commandId = context.commandId;
    this.ifMatch = ifMatch;
  }

  get commandHash(): string | null {
    return this.context.commandHash;
  }
}

function envelope(command: SlotCommand, now: number): CommandEnvelope {
  return { command, now, commandId: null, commandHash: null, ifMatch: null };
}

function answerOf(state: SlotState, waiting: Waiting, outcome: Outcome, now: number): Settled {
  const { command } = waiting;
  const bookingId = outcome.kind === 'refused' ? existingBooking(command) : outcome.bookingId;
  const aboutSlot = !('bookingId' in command) && outcome.kind !== 'refused';
  const answer = {
    outcome,
    version: state.version,
    position: 0,
    booking: bookingId === null ? null : (state.bookings.get(bookingId) ?? null),
    slot: aboutSlot && state.head !== null ? summaryOf(state, now) : null,
    currency: state.head?.currency ?? null,
    hasForgotten: state.oldestRetirement > 0,
  };
  return { waiting, answer };
}

/** The booking that the command names; null when it makes a new one, or is about the slot. */
function existingBooking(command: SlotCommand): string | null {
  return command.type !== 'RequestBooking' && 'bookingId' in command ? command.bookingId : null;
}

function sizeOf({ data, metadata }: NewEvent): number {
  return Buffer.byteLength(data) + Buffer.byteLength(metadata);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
