import { expect } from 'chai';
import type { Attempt } from '../../src/commands/attempts.ts';
import type { CommandContext, CommandResult, CommandService } from '../../src/commands/command-service.ts';
import { createCommandService } from '../../src/commands/service.ts';
import type { Booking } from '../../src/domain/slot/booking.ts';
import type { OpenSlot, SlotCommand } from '../../src/domain/slot/commands.ts';
import type { Refusal } from '../../src/domain/slot/refusals.ts';
import type { EventStore, RecordedEvent } from '../../src/eventstore/event-store.ts';
import { MAX_READ_EVENTS } from '../../src/eventstore/event-store.ts';
import { openSlot } from './slot-builders.ts';

/** A request without a key, unless the changes give one. */
export function context(changes: Partial<CommandContext> = {}): CommandContext {
  return { commandId: null, commandHash: null, ifMatch: null, actor: 'tester', correlationId: 'test', ...changes };
}

/** A request with an idempotency key, whose body is told by its hash. */
export function keyed(commandId: string, commandHash = 'body'): CommandContext {
  return context({ commandId, commandHash });
}

/** One instance of the command side, with the refused attempts that it has taken down. */
export interface CommandSide extends CommandService {
  readonly attempts: readonly Attempt[];
  /** Executes without a key. */
  ask(slotId: string, command: SlotCommand): Promise<CommandResult>;
  /** Opens a slot, with the units of `openSlot` unless told otherwise. */
  open(slotId: string, more?: Partial<OpenSlot>): Promise<CommandResult>;
}

export function commandSide(store: EventStore, options: { readonly maxCachedBytes?: number } = {}): CommandSide {
  const attempts: Attempt[] = [];
  const record = (attempt: Attempt) => {
    // As a recorder does: some members are made when they are read.
    const { slotId, bookingId, customerId, unitIds, code, asked, slotVersion, actor, correlationId } = attempt;
    attempts.push({ slotId, bookingId, customerId, unitIds, code, asked, slotVersion, actor, correlationId });
    return `attempt-${attempts.length}`;
  };
  const service = createCommandService({ store, attempts: { record }, ...options });
  return {
    ...service,
    attempts,
    ask: (slotId, command) => service.execute(slotId, command, context()),
    open: async (slotId, more = {}) => acceptedOf(await service.execute(slotId, openSlot({ slotId, ...more }), context())),
  };
}

export type Accepted = Extract<CommandResult, { kind: 'accepted' }>;
export type Refused = Extract<CommandResult, { kind: 'refused' }>;

export function acceptedOf(result: CommandResult): Accepted {
  if (result.kind === 'refused') throw new Error(`Expected to be accepted, was refused: ${JSON.stringify(result.refusal)}`);
  return result;
}

export function bookingOf(result: CommandResult): Booking {
  const { booking } = acceptedOf(result);
  if (booking === null) throw new Error('Expected the answer to have a booking.');
  return booking;
}

export function refusalOf(result: CommandResult): Refusal {
  expect(result.kind).to.equal('refused');
  return (result as Refused).refusal;
}

/** What the promise was rejected with; fails when it was not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    (value) => {
      throw new Error(`Expected a rejection, got ${JSON.stringify(value)}`);
    },
    (error: Error) => error,
  );
}

/** The whole stream of a slot. */
export async function eventsOf(store: EventStore, slotId: string): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (;;) {
    const page = await store.readStream(`slot-${slotId}`, events.length + 1, MAX_READ_EVENTS);
    events.push(...page);
    if (page.length < MAX_READ_EVENTS) return events;
  }
}

export async function typesOf(store: EventStore, slotId: string): Promise<readonly string[]> {
  return (await eventsOf(store, slotId)).map((event) => event.type);
}

/** Whether the promise is settled once everything that can run now has run. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  promise.then(note, note);
  // A decision on a memory store takes a turn for its batch and microtasks; a few turns are plenty.
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  return settled;
}
