import type { CommandContext, CommandResult, CommandService } from '../../src/commands/command-service.ts';
import type { Mapped } from '../../src/commands/schemas/mapped.ts';
import {
  toCancelBooking,
  toChangeBooking,
  toConfirmBooking,
  toExtendHold,
  toRequestBooking,
} from '../../src/commands/schemas/to-booking.ts';
import { toOpenSlot } from '../../src/commands/schemas/to-slot.ts';
import { toSlotChanges } from '../../src/commands/schemas/to-slot-changes.ts';
import { toAddUnits, toBlockUnits, toChangeUnits, toUnblockUnits, toWithdrawUnits } from '../../src/commands/schemas/to-units.ts';
import type { SlotCommand } from '../../src/domain/slot/commands.ts';
import { encodePosition } from '../../src/http/position.ts';
import { PROBLEMS, type Problem } from '../../src/http/problem.ts';
import { problemOfRefusal } from '../../src/http/refusal-problem.ts';
import { renderSummary } from '../../src/http/render.ts';
import { renderBooking } from '../../src/http/render-booking.ts';
import { problemOfError } from '../../src/http/thrown.ts';
import type { ClientAnswer, ClientRequest } from '../histories/history.ts';

/**
 * What stands between clients and the command side: makes commands of requests and answers of what
 * became of them, by the very code that the HTTP edge uses, without HTTP.
 */
export async function serve(commands: CommandService, request: ClientRequest, makeId: () => string): Promise<ClientAnswer> {
  try {
    const { slotId, command } = commandOf(request, makeId);
    const makesNew = command.type === 'RequestBooking' || command.type === 'OpenSlot';
    return answerOf(await commands.execute(slotId, command, contextOf(request)), makesNew ? 201 : 200);
  } catch (error) {
    const problem = problemOfError(error);
    const detail = problem.code === 'internal-error' ? { stack: (error as Error).stack } : {};
    return { status: PROBLEMS[problem.code].status, body: { code: problem.code, ...detail }, position: null };
  }
}

interface Addressed {
  readonly slotId: string;
  readonly command: SlotCommand;
}

function commandOf({ method, path, body = {} }: ClientRequest, makeId: () => string): Addressed {
  const [, kind, id, ...deed] = path.split('/');
  if (kind === 'bookings') return { slotId: id!.split('.')[0]!, command: onBooking(deed.join('/'), id!, body) };
  if (id === undefined) return { slotId: String(body.slotId), command: demand(toOpenSlot(body as never, String(body.slotId))) };
  if (method === 'PATCH') return { slotId: id, command: { type: 'ChangeSlot', changes: toSlotChanges(body as never) } };
  if (deed[0] !== 'bookings') return { slotId: id, command: onSlot(deed.join('/'), body) };
  const command = demand(toRequestBooking(body as never, id));
  return { slotId: id, command: { ...command, bookingId: `${id}.${makeId()}` } };
}

function onBooking(deed: string, bookingId: string, body: object): SlotCommand {
  const make = { confirm: toConfirmBooking, cancel: toCancelBooking, 'extend-hold': toExtendHold, change: toChangeBooking }[deed];
  if (make === undefined) throw new Error(`nobody can ${deed} a booking`);
  return demand(make(body as never, bookingId) as Mapped<SlotCommand>);
}

function onSlot(deed: string, body: object): SlotCommand {
  switch (deed) {
    case 'close':
      return { type: 'CloseSlot', reason: null };
    case 'reopen':
      return { type: 'ReopenSlot', reason: null };
    case 'cancel':
      return { type: 'CancelSlot', reason: null };
  }
  const make = {
    units: toAddUnits,
    'units/change': toChangeUnits,
    'units/block': toBlockUnits,
    'units/unblock': toUnblockUnits,
    'units/withdraw': toWithdrawUnits,
  }[deed];
  if (make === undefined) throw new Error(`nobody can ${deed} a slot`);
  return demand(make(body as never) as Mapped<SlotCommand>);
}

/** The simulated clients send no request that the schemas would refuse. */
function demand<Value>(made: Mapped<Value>): Value {
  if (made.kind === 'faulty') throw new Error(`a request has faults: ${JSON.stringify(made.faults)}`);
  return made.value;
}

function contextOf({ method, path, key, body, ifMatch }: ClientRequest): CommandContext {
  return {
    commandId: key === undefined ? null : JSON.stringify([method, path, key]),
    commandHash: key === undefined ? null : JSON.stringify(body ?? null),
    ifMatch: ifMatch ?? null,
    actor: 'anonymous',
    correlationId: 'simulated',
  };
}

function answerOf(result: CommandResult, status: number): ClientAnswer {
  const position = encodePosition(result.place);
  if (result.kind === 'refused') return { ...problemAnswer(problemOfRefusal(result.refusal, result.currency)), position };
  const { booking, slot, replayed } = result;
  const body = booking !== null ? renderBooking(booking, result.currency) : slot !== null ? renderSummary(slot) : {};
  return { status, body, position, replayed };
}

function problemAnswer({ code, members = {} }: Problem): Omit<ClientAnswer, 'position'> {
  return { status: PROBLEMS[code].status, body: { code, ...members } };
}
