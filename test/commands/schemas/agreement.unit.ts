import { expect } from 'chai';
import fc from 'fast-check';
import type { z } from 'zod';
import * as bookings from '../../../src/commands/schemas/bookings.ts';
import { layoutSchema } from '../../../src/commands/schemas/layouts.ts';
import * as queryStrings from '../../../src/commands/schemas/query-strings.ts';
import { openSlotSchema, patchSlotSchema, reasonOnlySchema } from '../../../src/commands/schemas/slots.ts';
import * as units from '../../../src/commands/schemas/units.ts';
import { compileSchema, jsonSchemaOf } from '../../../src/commands/schemas/validator.ts';

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  openSlotSchema,
  patchSlotSchema,
  reasonOnlySchema,
  layoutSchema,
  addUnitsSchema: units.addUnitsSchema,
  changeUnitsSchema: units.changeUnitsSchema,
  blockUnitsSchema: units.blockUnitsSchema,
  withdrawUnitsSchema: units.withdrawUnitsSchema,
  requestBookingSchema: bookings.requestBookingSchema,
  confirmBookingSchema: bookings.confirmBookingSchema,
  cancelBookingSchema: bookings.cancelBookingSchema,
  extendHoldSchema: bookings.extendHoldSchema,
  changeBookingSchema: bookings.changeBookingSchema,
  slotsQuerySchema: queryStrings.slotsQuerySchema,
  spanQuerySchema: queryStrings.spanQuerySchema,
  bookingsQuerySchema: queryStrings.bookingsQuerySchema,
  auditEventsQuerySchema: queryStrings.auditEventsQuerySchema,
  attemptsQuerySchema: queryStrings.attemptsQuerySchema,
};

interface JsonSchema {
  readonly type?: string;
  readonly pattern?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

const CANDIDATES = [
  ...['A1', 'k', 'limit-exceeded', 'SeatsHeld', '10:00', '24:00', '24:01', '', 'a\u0000', '\ud800', 'a\u200bb', 'line\nbreak', '__proto__'],
  ...['😀'.repeat(64), '😀'.repeat(128), 'x'.repeat(40), 'x'.repeat(64), 'x'.repeat(65), 'x'.repeat(300), 'x'.repeat(501)],
];
const BY_FORMAT: Readonly<Record<string, readonly string[]>> = {
  'date-time': ['2027-01-15T19:30:00Z', '2027-01-15t19:30:00.5+01:00'],
  currency: ['GBP', 'JPY'],
  'time-zone': ['UTC', 'Europe/London'],
};
const text = fc.oneof(
  fc.constantFrom(...CANDIDATES, 'gbp', '2027-02-30T00:00:00Z', 'Mars/Olympus'),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

/** A string that the schema takes. */
function rightText({ pattern, format }: JsonSchema): fc.Arbitrary<string> {
  const taken = BY_FORMAT[format ?? ''] ?? CANDIDATES.filter((candidate) => new RegExp(pattern ?? '', 'u').test(candidate));
  return taken.length === 0 ? text : fc.constantFrom(...taken);
}

const junk = fc.oneof(text, fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 2 ** 53, 1e300, [], {}, [[]], { unitId: 1 }));

/** Values that are mostly right, so that a disagreement deep inside is reached, and wrong here and there. */
function valueFor(schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: rightFor(schema), weight: 30 }, { arbitrary: junk, weight: 1 });
}

function rightFor(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) return fc.oneof(...branches.map(valueFor));
  switch (schema.type) {
    case 'string':
      return rightText(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valueFor(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: 3 });
    case 'object':
      return objectFor(schema);
    default:
      return fc.oneof(
        { arbitrary: fc.constantFrom(schema.minimum ?? 0, schema.maximum ?? 1), weight: 9 },
        { arbitrary: fc.constantFrom((schema.minimum ?? 0) - 1, (schema.maximum ?? 0) + 1, 0.5), weight: 1 },
      );
  }
}

function objectFor(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (typeof schema.additionalProperties === 'object') {
    const value = valueFor(schema.additionalProperties);
    // Objects from JSON may have a key __proto__; those made by spreading do as well.
    const many = fc.constant(Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'v'])));
    const few = fc.dictionary(fc.constantFrom(...CANDIDATES), value, { maxKeys: 2 });
    return fc.oneof({ arbitrary: fc.record({ k: value }), weight: 20 }, { arbitrary: few, weight: 3 }, { arbitrary: many, weight: 1 });
  }
  const properties = Object.entries(schema.properties ?? {});
  const known = fc.record(Object.fromEntries(properties.map(([name, property]) => [name, valueFor(property)])), {
    requiredKeys: [...(schema.required ?? [])],
  });
  return fc.oneof({ arbitrary: known, weight: 30 }, { arbitrary: known.map((value) => ({ ...value, extra: 1 })), weight: 1 });
}

describe('a schema of what clients may send', () => {
  for (const [name, schema] of Object.entries(SCHEMAS)) {
    it(`means the same to zod and to the compiled check: ${name}`, () => {
      const check = compileSchema(schema);
      const seen = { valid: 0, faulty: 0 };
      fc.assert(
        fc.property(valueFor(jsonSchemaOf(schema)), (value) => {
          // What arrives has been JSON: no undefined, no -0.
          const sent = JSON.stringify(value);
          const arrived: unknown = JSON.parse(sent);
          const { kind } = check(arrived, 0);
          seen[kind] += 1;
          // Zod passes over a key __proto__; the compiled check refuses it, since it could not be kept.
          const isRight = schema.safeParse(arrived).success && !sent.includes('"__proto__":');
          expect(kind, sent).to.equal(isRight ? 'valid' : 'faulty');
        }),
        { numRuns: 300 },
      );
      expect(seen.valid, 'valid values').to.be.above(0);
      expect(seen.faulty, 'faulty values').to.be.above(0);
    });
  }

  it('gives every fault a pointer and a message, for small and for large bodies', () => {
    const check = compileSchema(openSlotSchema);
    fc.assert(
      fc.property(valueFor(jsonSchemaOf(openSlotSchema)), fc.constantFrom(0, 1_000_000), (value, bytes) => {
        const validated = check(JSON.parse(JSON.stringify(value)), bytes);
        if (validated.kind === 'valid') return;
        expect(validated.faults).to.have.length.within(1, 20);
        for (const { pointer, message } of validated.faults) {
          expect(pointer === '' || pointer.startsWith('/')).to.equal(true);
          expect(message).to.match(/^(must|is) /);
        }
      }),
      { numRuns: 300 },
    );
  });
});
