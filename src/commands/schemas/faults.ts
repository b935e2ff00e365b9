import type { ErrorObject } from 'ajv/dist/2020.js';
import type { FieldFault } from '../../domain/slot/refusals.ts';
import { meaningOfPattern } from './text.ts';

/** More faults than this in one answer help nobody. */
export const MAX_FAULTS = 20;
/** A small body can have tens of thousands of errors, a field no more than a handful: these are plenty for MAX_FAULTS faults. */
const MAX_ERRORS = 2_000;
/** An unknown field may have a name as long as the body; so much of it is told. */
const MAX_NAME_CHARACTERS = 128;

/** Turns what ajv found (with `verbose`) into at most MAX_FAULTS faults, one for each field, in the order of the schema. */
export function faultsOf(errors: readonly ErrorObject[]): readonly FieldFault[] {
  const faults = new Map<string, FieldFault>();
  for (const error of withoutOtherBranches(errors.slice(0, MAX_ERRORS))) {
    const fault = faultOf(error);
    if (!faults.has(fault.pointer)) faults.set(fault.pointer, fault);
    if (faults.size === MAX_FAULTS) break;
  }
  return [...faults.values()];
}

/** A pointer's next part, escaped as RFC 6901 says. */
export function pointerPart(name: string | number): string {
  return `/${String(name).slice(0, MAX_NAME_CHARACTERS).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Says in a few words what was sent, so that the client finds it. */
export function describe(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))}…` : JSON.stringify(value);
}

/**
 * A value that fits none of several forms gets an error from each of them, and behind these one of the union that
 * they are forms of. Each error is looked at once for every union around it.
 */
function withoutOtherBranches(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const told: ErrorObject[] = [];
  for (const error of errors) {
    let first = told.length;
    while (first > 0 && isOfBranch(told[first - 1] as ErrorObject, error)) first -= 1;
    for (const one of isUnion(error) ? meantBy(error, told.splice(first)) : [error]) told.push(one);
  }
  return told;
}

function isUnion(error: ErrorObject): boolean {
  return error.keyword === 'anyOf' || error.keyword === 'oneOf';
}

/** Whether a form of the union found the error, in the very value that the union is about. */
function isOfBranch(error: ErrorObject, union: ErrorObject): boolean {
  return (
    isUnion(union) &&
    error.schemaPath.startsWith(`${union.schemaPath}/`) &&
    (error.instancePath === union.instancePath || error.instancePath.startsWith(`${union.instancePath}/`))
  );
}

/**
 * The errors of the form that the client most likely meant: the one of the right JSON type with the fewest errors.
 * Where no form has the right type the union itself speaks.
 */
function meantBy(union: ErrorObject, errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const branches = new Map<string, ErrorObject[]>();
  for (const error of errors) {
    const branch = error.schemaPath.slice(union.schemaPath.length + 1).split('/', 1)[0] ?? '';
    const found = branches.get(branch);
    if (found === undefined) branches.set(branch, [error]);
    else found.push(error);
  }
  const ofRightType = [...branches.values()].filter((branch) => !branch.some((error) => isWrongType(error, union)));
  return ofRightType.toSorted((a, b) => a.length - b.length)[0] ?? [union];
}

function isWrongType(error: ErrorObject, union: ErrorObject): boolean {
  return error.keyword === 'type' && error.instancePath === union.instancePath;
}

function faultOf(error: ErrorObject): FieldFault {
  // An error about a key is told of the key, not of the object that has it.
  const at = error.instancePath + (error.propertyName === undefined ? '' : pointerPart(error.propertyName));
  const params: Readonly<Record<string, unknown>> = error.params;
  const got = `got ${describe(error.data)}`;
  const limit = String(params.limit);
  switch (error.keyword) {
    case 'required':
      return { pointer: at + pointerPart(String(params.missingProperty)), message: 'is required' };
    case 'additionalProperties':
      return { pointer: at + pointerPart(String(params.additionalProperty)), message: 'is not a known field' };
    case 'propertyNames':
      return { pointer: at + pointerPart(String(params.propertyName)), message: 'is no allowed key' };
    case 'type':
      return { pointer: at, message: `must be ${typeName(params.type)}, ${got}` };
    case 'anyOf':
    case 'oneOf':
      return { pointer: at, message: `must be ${branchTypes(error.schema)}, ${got}` };
    case 'discriminator':
      return { pointer: at + pointerPart(String(params.tag)), message: tagMessage(error.parentSchema, params.tagValue) };
    case 'enum':
      return { pointer: at, message: `must be one of ${list(params.allowedValues)}, ${got}` };
    case 'const':
      return { pointer: at, message: `must be ${JSON.stringify(params.allowedValue)}, ${got}` };
    case 'minimum':
      return { pointer: at, message: `must be at least ${limit}, ${got}` };
    case 'maximum':
      return { pointer: at, message: `must be at most ${limit}, ${got}` };
    case 'minLength':
    case 'maxLength':
    case 'pattern':
    case 'format':
      return { pointer: at, message: `must be ${textMeaning(error)}, ${got}` };
    case 'minItems':
      return { pointer: at, message: `must have at least ${limit} items, ${got}` };
    case 'maxItems':
      return { pointer: at, message: `must have at most ${limit} items, ${got}` };
    case 'maxProperties':
      return { pointer: at, message: `must have at most ${limit} keys` };
    default:
      return { pointer: at, message: error.message ?? 'is not allowed' };
  }
}

function tagMessage(schema: unknown, got: unknown): string {
  const tags = JSON.stringify(schema).match(/(?<="const":)"[^"]*"/g) ?? [];
  return got === undefined ? 'is required' : `must be one of ${tags.join(', ')}, got ${describe(got)}`;
}

function textMeaning(error: ErrorObject): string {
  const schema: Readonly<Record<string, unknown>> = error.parentSchema ?? {};
  const pattern = schema.pattern;
  const meaning = typeof pattern === 'string' ? meaningOfPattern(pattern) : undefined;
  return meaning ?? String(schema.description ?? schema.format ?? 'of another form');
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

function typeName(type: unknown): string {
  return (Array.isArray(type) ? type : [type]).map((name) => TYPE_NAMES[String(name)] ?? String(name)).join(' or ');
}

function branchTypes(schema: unknown): string {
  const branches: readonly unknown[] = Array.isArray(schema) ? schema : [];
  const types = branches.map((branch) => (typeof branch === 'object' && branch !== null && 'type' in branch ? branch.type : 'object'));
  return typeName([...new Set(types)]);
}

function list(values: unknown): string {
  return (Array.isArray(values) ? values : [values]).map((value) => JSON.stringify(value)).join(', ');
}
