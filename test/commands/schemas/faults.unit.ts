import { expect } from 'chai';
import type { z } from 'zod';
import { requestBookingSchema } from '../../../src/commands/schemas/bookings.ts';
import { patchSlotSchema } from '../../../src/commands/schemas/slots.ts';
import { compileSchema } from '../../../src/commands/schemas/validator.ts';
import type { FieldFault } from '../../../src/domain/slot/refusals.ts';

/** The faults of a body that is small enough for all of them to be looked for. */
function faultsIn(schema: z.ZodType, body: unknown): readonly FieldFault[] {
  const validated = compileSchema(schema)(body, 16_100);
  if (validated.kind === 'valid') throw new Error('Expected faults, was valid.');
  return validated.faults;
}

const wanting = (units: readonly unknown[]) => faultsIn(requestBookingSchema, { customerId: 'c', units });

describe('the faults of a value that may have several forms', () => {
  it('are those of the form that was meant, or that it has none of them', () => {
    expect(wanting(['A1', 5, '', {}, { unitId: 'A2', quantity: 0, row: 'A' }])).to.deep.equal([
      { pointer: '/units/1', message: 'must be a string or an object, got 5' },
      { pointer: '/units/2', message: 'must be 1 to 128 printable characters, got ""' },
      { pointer: '/units/3/unitId', message: 'is required' },
      { pointer: '/units/4/row', message: 'is not a known field' },
      { pointer: '/units/4/quantity', message: 'must be at least 1, got 0' },
    ]);
  });

  it('are told of each item, also of one whose number begins with the number of another', () => {
    const units = Array.from({ length: 12 }, (_, index): unknown => `A${index}`);
    units[1] = 5;
    units[10] = '';
    expect(wanting(units)).to.deep.equal([
      { pointer: '/units/1', message: 'must be a string or an object, got 5' },
      { pointer: '/units/10', message: 'must be 1 to 128 printable characters, got ""' },
    ]);
  });

  it('are told of each key, also of one whose name goes on where the name of another ends', () => {
    expect(faultsIn(patchSlotSchema, { metadata: { season2: '\u0000', season: true } })).to.deep.equal([
      { pointer: '/metadata/season2', message: 'must be 0 to 500 characters, without U+0000 and lone surrogates, got "\\u0000"' },
      { pointer: '/metadata/season', message: 'must be a string or null, got true' },
    ]);
  });

  it('are found in a body full of them without holding up everybody else', () => {
    for (const [item, count, message] of [
      ['', 5_000, 'must be 1 to 128 printable characters, got ""'],
      [1, 8_000, 'must be a string or an object, got 1'],
    ] as const) {
      const units = new Array<unknown>(count).fill(item);
      const started = process.cpuUsage();
      const faults = wanting(units);
      expect(process.cpuUsage(started).user, 'microseconds of computing').to.be.below(1_500_000);
      expect(faults).to.deep.equal([
        { pointer: '/units', message: `must have at most 1000 items, got a list of ${count}` },
        ...units.slice(0, 19).map((_, index) => ({ pointer: `/units/${index}`, message })),
      ]);
    }
  });
});
