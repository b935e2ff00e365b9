import type { SlotCommand } from '../domain/slot/commands.ts';
import type { Outcome, Refusal } from '../domain/slot/refusals.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { LayoutReader } from '../eventstore/layout-reader.ts';
import { streamOfSlot } from '../eventstore/streams.ts';
import { askedIn, type BookingCommand } from './asked.ts';
import type { Attempt, AttemptRecorder } from './attempts.ts';
import type { CommandContext, CommandResult, CommandService, LogPlace } from './command-service.ts';
import type { Answer } from './decide-batch.ts';
import { LayoutWriter } from './layout-writer.ts';
import { SlotLoader } from './slot-loader.ts';
import { SlotQueues } from './slot-queues.ts';
import { StreamReplays } from './stream-replays.ts';

export interface CommandServiceParts {
  readonly store: EventStore;
  readonly attempts: AttemptRecorder;
  /** Bytes that the states of idle slots may take; see MAX_CACHED_BYTES. */
  readonly maxCachedBytes?: number;
}

/** The command side put together: every command goes through the queue of its slot. */
export function createCommandService({ store, attempts, maxCachedBytes }: CommandServiceParts): CommandService {
  const layouts = new LayoutReader(store);
  const layoutWriter = new LayoutWriter(store);
  const loader = new SlotLoader(store, layouts);
  const queues = new SlotQueues(store, loader, maxCachedBytes);
  const replays = new StreamReplays(loader);

  function execute(slotId: string, command: SlotCommand, context: CommandContext): Promise<CommandResult> {
    if (command.type !== 'OpenSlot' || command.layoutId === null) return decide(slotId, command, context);
    return openOn(command.layoutId, slotId, command, context);
  }

  async function openOn(layoutId: string, slotId: string, command: SlotCommand, context: CommandContext): Promise<CommandResult> {
    // The command may wait for its turn, while others load layouts.
    const result = await layouts.whileLoaded(layoutId, () => decide(slotId, command, context));
    if (result !== null) return result;
    const fault = { pointer: '/layoutId', message: 'there is no such layout' };
    return { kind: 'refused', refusal: { kind: 'invalid-input', fault }, place: nowhere(slotId), currency: null, attemptId: null };
  }

  async function decide(slotId: string, command: SlotCommand, context: CommandContext): Promise<CommandResult> {
    const answer = await queues.of(slotId).decide(command, context);
    const place = { position: answer.position, streamId: streamOfSlot(slotId), version: answer.version };
    switch (answer.outcome.kind) {
      case 'accepted':
        return accepted(answer, place);
      case 'replayed':
        return replayed(slotId, answer.outcome, answer, place);
      case 'refused':
        return refused(slotId, command, context, answer, place);
    }
  }

  function accepted({ outcome, booking, slot, currency }: Answer, place: LogPlace): CommandResult {
    return {
      kind: 'accepted',
      replayed: outcome.kind === 'accepted' && outcome.repeated === true,
      place,
      booking,
      slot,
      currency: currency as string,
    };
  }

  /** The answer that was given when the command was accepted: the slot's stream tells, up to that version. */
  async function replayed(
    slotId: string,
    outcome: Extract<Outcome, { kind: 'replayed' }>,
    answer: Answer,
    place: LogPlace,
  ): Promise<CommandResult> {
    const { version, bookingId } = outcome;
    const currency = answer.currency as string;
    if (answer.booking?.version === version)
      return { kind: 'accepted', replayed: true, place: { ...place, version }, booking: answer.booking, slot: null, currency };
    const { position, booking, slot } = await replays.moment(slotId, version, bookingId);
    return { kind: 'accepted', replayed: true, place: { ...place, version, position }, booking, slot, currency };
  }

  async function refused(
    slotId: string,
    command: SlotCommand,
    context: CommandContext,
    answer: Answer,
    place: LogPlace,
  ): Promise<CommandResult> {
    const { refusal } = answer.outcome as Extract<Outcome, { kind: 'refused' }>;
    if (!isAboutBooking(command)) return { kind: 'refused', refusal, place, currency: answer.currency, attemptId: null };
    let reason = refusal;
    if (command.type !== 'RequestBooking') {
      if (refusal.kind === 'slot-not-found') reason = { kind: 'booking-not-found' };
      const mayBeInLog = refusal.kind === 'booking-not-found' && answer.hasForgotten;
      const forgotten = mayBeInLog ? await replays.booking(slotId, command.bookingId) : null;
      if (forgotten !== null && command.type === 'CancelBooking' && forgotten.status === 'CANCELLED')
        return accepted({ ...answer, booking: forgotten }, place);
      if (forgotten !== null) reason = { kind: forgotten.status === 'EXPIRED' ? 'hold-expired' : 'already-released', booking: forgotten };
    }
    const attemptId = attempts.record(
      new CommandAttempt(slotId, command, reason, answer.booking?.customerId ?? null, place.version, context),
    );
    return { kind: 'refused', refusal: reason, place, currency: answer.currency, attemptId };
  }

  return { execute, defineLayout: (content, context) => layoutWriter.define(content, context) };
}

function isAboutBooking(command: SlotCommand): command is BookingCommand {
  return 'bookingId' in command;
}

/** A command that was refused. What it takes to write down is made when it is: in a rush many are only counted. */
class CommandAttempt implements Attempt {
  readonly slotId: string;
  readonly code: string;
  readonly slotVersion: number;
  readonly actor: string;
  readonly correlationId: string;
  private readonly command: BookingCommand;
  private readonly refusal: Refusal;
  /** Of the booking, as the state knows it. */
  private readonly knownCustomer: string | null;

  constructor(
    slotId: string,
    command: BookingCommand,
    refusal: Refusal,
    knownCustomer: string | null,
    slotVersion: number,
    context: CommandContext,
  ) {
    this.slotId = slotId;
    this.code = refusal.kind;
    this.slotVersion = slotVersion;
    this.actor = context.actor;
    this.correlationId = context.correlationId;
    this.command = command;
    this.refusal = refusal;
    this.knownCustomer = knownCustomer;
  }

  get bookingId(): string | null {
    return this.command.type === 'RequestBooking' ? null : this.command.bookingId;
  }

  get customerId(): string | null {
    const { command, refusal, knownCustomer } = this;
    if (command.type === 'RequestBooking') return command.customerId;
    // A booking that the state has forgotten is known from the refusal alone.
    return knownCustomer ?? ('booking' in refusal ? refusal.booking?.customerId : undefined) ?? null;
  }

  get unitIds(): readonly string[] {
    return unitsNamedBy(this.command);
  }

  get asked(): string {
    return askedIn(this.command);
  }
}

function unitsNamedBy(command: BookingCommand): readonly string[] {
  switch (command.type) {
    case 'RequestBooking':
      return command.selection.kind === 'units' ? command.selection.units.map((unit) => unit.unitId) : [];
    case 'ChangeBooking':
      return [...command.add, ...command.drop].map((unit) => unit.unitId);
    case 'ConfirmBooking':
    case 'CancelBooking':
      return (command.units ?? []).map((unit) => unit.unitId);
    case 'ExtendHold':
      return [];
  }
}

function nowhere(slotId: string): LogPlace {
  return { position: 0, streamId: streamOfSlot(slotId), version: 0 };
}
