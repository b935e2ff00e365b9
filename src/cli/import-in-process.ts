import { createHash, randomUUID } from 'node:crypto';
import type { CommandContext, CommandResult } from '../commands/command-service.ts';
import { layoutSchema } from '../commands/schemas/layouts.ts';
import { openSlotSchema } from '../commands/schemas/slots.ts';
import { toOpenSlot } from '../commands/schemas/to-slot.ts';
import { toLayoutContent } from '../commands/schemas/to-units.ts';
import { compileSchema } from '../commands/schemas/validator.ts';
import type { SlotCommand } from '../domain/slot/commands.ts';
import type { FieldFault, Refusal } from '../domain/slot/refusals.ts';
import { streamOfSlot } from '../eventstore/streams.ts';
import { InputError } from '../integrations/input-error.ts';
import type { Holdfast } from '../main.ts';
import { type ImportTarget, MAX_FIRST_EVENTS, type StepResult } from './import-target.ts';

const checkSlot = compileSchema(openSlotSchema);
const checkLayout = compileSchema(layoutSchema);

/** Imports straight into the data, through the same checks and commands as a request over HTTP. */
export function importInProcess(parts: Pick<Holdfast, 'audit' | 'commands' | 'close'>): ImportTarget {
  const { commands } = parts;
  const correlationId = randomUUID();
  const context = (commandId: string | null, body: unknown): CommandContext => ({
    commandId,
    commandHash: commandId === null ? null : createHash('sha256').update(JSON.stringify(body)).digest('hex'),
    ifMatch: null,
    actor: 'import',
    correlationId,
  });

  async function execute(step: string, slotId: string, command: SlotCommand): Promise<StepResult> {
    return stepResult(await commands.execute(slotId, command, context(`import ${step} ${slotId}`, command)));
  }

  return {
    async defineLayout(layout) {
      const checked = checkLayout(layout, Buffer.byteLength(JSON.stringify(layout)));
      if (checked.kind === 'faulty') throw new InputError(`the layout is refused: ${faultText(checked.faults)}`);
      const mapped = toLayoutContent(checked.input);
      if (mapped.kind === 'faulty') throw new InputError(`the layout is refused: ${faultText(mapped.faults)}`);
      return commands.defineLayout(mapped.value, context(null, layout));
    },
    async openSlot(slot) {
      const checked = checkSlot(slot, Buffer.byteLength(JSON.stringify(slot)));
      if (checked.kind === 'faulty') return { kind: 'refused', reason: faultText(checked.faults) };
      const mapped = toOpenSlot(checked.input, slot.slotId);
      if (mapped.kind === 'faulty') return { kind: 'refused', reason: faultText(mapped.faults) };
      return execute('open', slot.slotId, mapped.value);
    },
    blockUnits: (slotId, units, reason) =>
      execute(`block ${reason}`, slotId, { type: 'BlockUnits', units: units.map((unitId) => ({ unitId })), span: null, reason }),
    reopenSlot: (slotId) => execute('reopen', slotId, { type: 'ReopenSlot', reason: null }),
    async firstEvents(slotId) {
      const page = await parts.audit.streamEvents(streamOfSlot(slotId), 1, MAX_FIRST_EVENTS, true);
      return page === null ? { kind: 'unreadable', reason: 'it has no events' } : { kind: 'read', events: page.items };
    },
    close: () => parts.close(),
  };
}

function stepResult(result: CommandResult): StepResult {
  if (result.kind === 'accepted') return result.replayed ? { kind: 'present' } : { kind: 'done' };
  const { refusal } = result;
  // The key of this very step is bound: an earlier import did it, maybe with slightly other content.
  if (refusal.kind === 'idempotency-key-reused' || refusal.kind === 'slot-exists') return { kind: 'present' };
  return { kind: 'refused', reason: refusalText(refusal) };
}

function refusalText(refusal: Refusal): string {
  return 'fault' in refusal ? `${refusal.kind}: ${faultText([refusal.fault])}` : refusal.kind;
}

function faultText(faults: readonly FieldFault[]): string {
  return faults.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
}
