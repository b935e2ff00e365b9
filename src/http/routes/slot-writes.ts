import { v7 } from 'uuid';
import type { CommandContext, CommandResult, CommandService } from '../../commands/command-service.ts';
import { openSlotSchema, type PatchSlotInput, patchSlotSchema, reasonOnlySchema } from '../../commands/schemas/slots.ts';
import { toOpenSlot } from '../../commands/schemas/to-slot.ts';
import { toSlotChanges } from '../../commands/schemas/to-slot-changes.ts';
import { toAddUnits, toBlockUnits, toChangeUnits, toUnblockUnits, toWithdrawUnits } from '../../commands/schemas/to-units.ts';
import { addUnitsSchema, blockUnitsSchema, changeUnitsSchema, withdrawUnitsSchema } from '../../commands/schemas/units.ts';
import type { SlotCommand } from '../../domain/slot/commands.ts';
import { BODY_LIMIT_BYTES, type BodyRule } from '../body.ts';
import type { Answer, Exchange, Route } from '../exchange.ts';
import { ifMatchOf } from '../headers.ts';
import type { LatestWrites } from '../latest-writes.ts';
import { ProblemError, plainProblem } from '../problem.ts';
import { problemOfRefusal } from '../refusal-problem.ts';
import { renderSummary, slotTag } from '../render.ts';
import type { KeyedAnswers } from './keyed-answers.ts';
import { problemAnswer, SLOT_CACHE } from './reading.ts';
import { demand, replayHeader, type Write, writeRoute } from './writing.ts';

const SLOT = '/api/v1/slots/{slotId}';
const NEEDS_BODY: BodyRule = { limit: BODY_LIMIT_BYTES, mayBeAbsent: false };
const MAY_HAVE_BODY: BodyRule = { limit: BODY_LIMIT_BYTES, mayBeAbsent: true };

interface Parts {
  readonly commands: CommandService;
  /** Where what is written is noted by the slots' references. */
  readonly writes: LatestWrites;
  readonly keyed: KeyedAnswers;
}

/** What operators do to slots. Every answer is the summary. */
export function slotWriteRoutes({ commands, writes, keyed }: Parts): readonly Route[] {
  const run = async (exchange: Exchange, slotId: string, command: SlotCommand, context: CommandContext, status = 200) =>
    slotAnswer(exchange, noted(await commands.execute(slotId, command, context)), status);
  const onSlot = <Input>(make: (input: Input) => SlotCommand) => {
    return ({ exchange, input, context }: Write<Input>) => run(exchange, exchange.parameters('slotId'), make(input), context);
  };
  const patched = onSlot((input: PatchSlotInput): SlotCommand => ({ type: 'ChangeSlot', changes: toSlotChanges(input) }));

  return [
    writeRoute({
      path: '/api/v1/slots',
      body: openSlotSchema,
      rule: NEEDS_BODY,
      answer: ({ exchange, input, context }) => {
        const slotId = input.slotId ?? newSlotId(context);
        const command = demand(toOpenSlot(input, slotId));
        return keyed.opening({ exchange, context }, slotId, () => run(exchange, slotId, command, context, 201));
      },
    }),
    writeRoute({
      method: 'PATCH',
      path: SLOT,
      body: patchSlotSchema,
      rule: { ...NEEDS_BODY, alsoAccepts: MERGE_PATCH },
      answer: (write) => {
        if (ifMatchOf(write.exchange.request).kind === 'absent') throw new ProblemError(plainProblem('precondition-required'));
        return patched(write);
      },
    }),
    writeRoute({ path: `${SLOT}/units`, body: addUnitsSchema, rule: NEEDS_BODY, answer: onSlot((input) => demand(toAddUnits(input))) }),
    writeRoute({
      path: `${SLOT}/units/change`,
      body: changeUnitsSchema,
      rule: NEEDS_BODY,
      answer: onSlot((input) => demand(toChangeUnits(input))),
    }),
    writeRoute({
      path: `${SLOT}/units/block`,
      body: blockUnitsSchema,
      rule: NEEDS_BODY,
      answer: onSlot((input) => demand(toBlockUnits(input))),
    }),
    writeRoute({
      path: `${SLOT}/units/unblock`,
      body: blockUnitsSchema,
      rule: NEEDS_BODY,
      answer: onSlot((input) => demand(toUnblockUnits(input))),
    }),
    writeRoute({
      path: `${SLOT}/units/withdraw`,
      body: withdrawUnitsSchema,
      rule: NEEDS_BODY,
      answer: onSlot((input) => demand(toWithdrawUnits(input))),
    }),
    ...(['Close', 'Reopen', 'Cancel'] as const).map((deed) =>
      writeRoute({
        path: `${SLOT}/${deed.toLowerCase()}`,
        body: reasonOnlySchema,
        rule: MAY_HAVE_BODY,
        answer: onSlot((input) => ({ type: `${deed}Slot`, reason: input.reason ?? null })),
      }),
    ),
  ];

  function noted(result: CommandResult): CommandResult {
    const reference = result.kind === 'accepted' ? (result.slot?.reference ?? null) : null;
    if (reference !== null) writes.note(reference, result.place.position);
    return result;
  }
}

const MERGE_PATCH = 'application/merge-patch+json';

/** With a key the id comes from it, so that a retry opens the same slot again. */
function newSlotId(context: CommandContext): string {
  return context.commandId === null ? v7() : `s-${context.commandId.slice(0, 24)}`;
}

function slotAnswer(exchange: Exchange, result: CommandResult, status: number): Answer {
  const { place } = result;
  if (result.kind === 'refused') return problemAnswer(exchange, problemOfRefusal(result.refusal, result.currency), place);
  const { slot } = result;
  if (slot === null) throw new Error('A command on a slot was accepted without its summary.');
  const location: Readonly<Record<string, string>> = status === 201 ? { Location: `/api/v1/slots/${slot.slotId}` } : {};
  return {
    status,
    headers: { ...SLOT_CACHE, ...location, ETag: slotTag(slot), ...replayHeader(result) },
    body: renderSummary(slot),
    place,
  };
}
