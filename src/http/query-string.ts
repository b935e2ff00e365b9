import type { z } from 'zod';
import { instantOf } from '../commands/schemas/instants.ts';
import { compileSchema, jsonSchemaOf } from '../commands/schemas/validator.ts';
import { invalidInput, ProblemError, type RequestFault } from './problem.ts';
import { remembered } from './remembered.ts';

/** Reads a query string into the schema's input. @throws ProblemError with `invalid-input`, naming each parameter at fault. */
export type QueryReader<Input> = (query: string) => Input;

/**
 * Makes the reader of one route's query string. Unknown parameters and parameters sent twice are
 * refused; numbers and booleans are read where the schema has them.
 */
export function compileQuery<Schema extends z.ZodObject>(schema: Schema): QueryReader<z.input<Schema>> {
  const check = compileSchema(schema);
  const types = propertyTypes(jsonSchemaOf(schema));
  return remembered((query) => {
    const values: Record<string, unknown> = Object.create(null);
    for (const [name, text] of pairsOf(query)) {
      if (name in values) throw parameterFaults([{ parameter: name, message: 'must be sent once' }]);
      values[name] = typedValue(text, types.get(name) ?? 'string');
    }
    const validated = check(values, query.length);
    if (validated.kind === 'faulty') {
      throw parameterFaults(validated.faults.map((fault) => ({ parameter: nameOf(fault.pointer), message: fault.message })));
    }
    return validated.input;
  });
}

function propertyTypes(schema: Record<string, unknown>): ReadonlyMap<string, string> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, { readonly type?: string; readonly format?: string }>);
  return new Map(properties.map(([name, property]) => [name, property.format ?? property.type ?? 'string']));
}

function* pairsOf(query: string): Iterable<readonly [string, string]> {
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    yield [decode(name, 'query string'), decode(equals < 0 ? '' : pair.slice(equals + 1), name)];
  }
}

function decode(text: string, parameter: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw parameterFaults([{ parameter: parameter.slice(0, 128), message: 'must be percent-encoded UTF-8' }]);
  }
}

function typedValue(text: string, type: string): unknown {
  if (type === 'integer' && /^-?\d+$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  // A plus that was not percent-encoded arrives as a space: the offset's sign is the only place for one in an instant.
  if (type === 'date-time') return text.replace(/ (?=\d\d:\d\d$)/, '+');
  return text;
}

/** A filter's instants in epoch milliseconds. @throws ProblemError when they are the wrong way round. */
export function rangeOf(input: { readonly from?: string; readonly to?: string }): { readonly from?: number; readonly to?: number } {
  const from = input.from === undefined ? undefined : instantOf(input.from);
  const to = input.to === undefined ? undefined : instantOf(input.to);
  if (from !== undefined && to !== undefined && to <= from)
    throw parameterFaults([{ parameter: 'to', message: 'must be later than from' }]);
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function nameOf(pointer: string): string {
  return pointer.slice(1).replaceAll('~1', '/').replaceAll('~0', '~');
}

export function parameterFaults(faults: readonly RequestFault[]): ProblemError {
  return new ProblemError(invalidInput(faults));
}
