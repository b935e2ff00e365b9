import { expect } from 'chai';
import { layoutSchema } from '../../src/commands/schemas/layouts.ts';
import { openSlotSchema } from '../../src/commands/schemas/slots.ts';
import { toOpenSlot } from '../../src/commands/schemas/to-slot.ts';
import { toLayoutContent } from '../../src/commands/schemas/to-units.ts';
import { compileSchema } from '../../src/commands/schemas/validator.ts';
import type { OpenSlot } from '../../src/domain/slot/commands.ts';

const checkSlot = compileSchema(openSlotSchema);
const checkLayout = compileSchema(layoutSchema);

/** Expects that `POST /slots` would take the body, and answers the command that comes of it. */
export function expectSlotBody(body: { readonly slotId: string }): OpenSlot {
  const checked = checkSlot(body, Buffer.byteLength(JSON.stringify(body)));
  if (checked.kind !== 'valid') throw new Error(`${body.slotId}: ${JSON.stringify(checked.faults)}`);
  const mapped = toOpenSlot(checked.input, body.slotId);
  if (mapped.kind !== 'mapped') throw new Error(`${body.slotId}: ${JSON.stringify(mapped.faults)}`);
  return mapped.value;
}

/** Expects that `POST /layouts` would take the body. */
export function expectLayoutBody(body: unknown): void {
  const checked = checkLayout(body, Buffer.byteLength(JSON.stringify(body)));
  if (checked.kind !== 'valid') throw new Error(JSON.stringify(checked.faults));
  expect(toLayoutContent(checked.input).kind).to.equal('mapped');
}
