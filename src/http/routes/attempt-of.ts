import { type Attempt, MAX_ASKED_CHARACTERS } from '../../commands/attempts.ts';
import { customerIdSchema, unitIdSchema } from '../../commands/schemas/text.ts';
import { compileSchema } from '../../commands/schemas/validator.ts';
import type { JsonBody } from '../body.ts';
import { CALLER } from '../edge.ts';
import type { Exchange } from '../exchange.ts';

const checkCustomerId = compileSchema(customerIdSchema);
const checkUnitId = compileSchema(unitIdSchema);
/** So many of the named units are kept for looking up; `asked` has more. */
const MAX_UNIT_IDS = 100;

/**
 * Takes down what was asked in a request that the edge refused, as far as it can be read: such a body
 * may hold anything.
 *
 * @param body null when not even JSON arrived.
 */
export function attemptOf(
  exchange: Exchange,
  code: string,
  body: JsonBody | null,
  slotId: string | null,
  bookingId: string | null,
): Attempt {
  const asked = isRecord(body?.value) ? body.value : {};
  const customerId = checkCustomerId(asked.customerId, 0);
  return {
    slotId,
    bookingId,
    customerId: customerId.kind === 'valid' ? customerId.input : null,
    unitIds: unitIdsOf([asked.units, asked.add, asked.drop]),
    code,
    asked: textOf(body),
    slotVersion: null,
    actor: CALLER,
    correlationId: exchange.correlationId,
  };
}

function unitIdsOf(lists: readonly unknown[]): readonly string[] {
  const units = lists.flatMap((list) => (Array.isArray(list) ? list.slice(0, MAX_UNIT_IDS) : []));
  const unitIds = units.flatMap((unit: unknown) => {
    const unitId = checkUnitId(isRecord(unit) ? unit.unitId : unit, 0);
    return unitId.kind === 'valid' ? [unitId.input] : [];
  });
  return [...new Set(unitIds)].slice(0, MAX_UNIT_IDS);
}

/** A body of many times the size that is kept is not written out only to be cut; one nested without end cannot be. */
function textOf(body: JsonBody | null): string | null {
  if (body === null) return null;
  if (body.bytes > MAX_ASKED_CHARACTERS) return `"a body of ${body.bytes} bytes"`;
  return JSON.stringify(body.value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
