import type { z } from 'zod';
import {
  bookingIdSchema,
  customerIdSchema,
  layoutIdSchema,
  printable,
  slotIdSchema,
  streamIdSchema,
  unitIdSchema,
} from '../commands/schemas/text.ts';
import { compileSchema } from '../commands/schemas/validator.ts';
import type { PathParameters } from './exchange.ts';
import { parameterFaults } from './query-string.ts';
import { remembered } from './remembered.ts';

/** Every parameter that may stand in a path. */
export const PATH_PARAMETERS: Readonly<Record<string, z.ZodString>> = {
  slotId: slotIdSchema,
  bookingId: bookingIdSchema,
  customerId: customerIdSchema,
  layoutId: layoutIdSchema,
  streamId: streamIdSchema,
  unitId: unitIdSchema,
  attemptId: printable(64),
  name: printable(64),
};

const checks = new Map(Object.entries(PATH_PARAMETERS).map(([name, schema]) => [name, compileSchema(schema)]));

export interface PathMatcher {
  /** What `fits` tests, without capture groups: Express would decode what they catch, and say less of what is wrong with it. */
  readonly pattern: RegExp;
  /** True when the path is of this form, whatever its parameters say. */
  fits(path: string): boolean;
  /** @throws ProblemError naming the first parameter that is not as it must be. */
  parametersOf(path: string): PathParameters;
}

/** @param template such as `/api/v1/slots/{slotId}`. */
export function compilePath(template: string): PathMatcher {
  const names = parameterNames(template);
  const formWith = (part: string) => new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, part)}/?$`);
  const pattern = formWith('[^/]+');
  const form = formWith('([^/]+)');
  return {
    pattern,
    fits: (path) => pattern.test(path),
    parametersOf: remembered((path) => {
      const parts = form.exec(path)?.slice(1) ?? [];
      const values = new Map(names.map((name, index) => [name, parameter(name, parts[index] ?? '')]));
      return (name) => {
        const value = values.get(name);
        if (value === undefined) throw new Error(`The path ${template} has no parameter ${name}.`);
        return value;
      };
    }),
  };
}

export function parameterNames(template: string): readonly string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
}

function parameter(name: string, part: string): string {
  let value: string;
  try {
    value = decodeURIComponent(part);
  } catch {
    throw parameterFaults([{ parameter: name, message: 'must be percent-encoded UTF-8' }]);
  }
  const validated = checks.get(name)?.(value, 0);
  if (validated?.kind === 'faulty') {
    throw parameterFaults(validated.faults.map((fault) => ({ parameter: name, message: fault.message })));
  }
  return value;
}
