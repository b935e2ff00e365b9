/** A JSON Schema as zod writes it, as far as it is needed here. */
interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

export interface Spoiled {
  /** Where the bad string stands. */
  readonly pointer: string;
  readonly value: unknown;
}

/**
 * For every string that a schema has room for, whether value or key, one value that is valid but for
 * that string.
 */
export function* spoiledStrings(schema: JsonSchema, bad: string): Iterable<Spoiled> {
  for (const branch of schema.anyOf ?? schema.oneOf ?? []) yield* spoiledStrings(branch, bad);
  if (schema.type === 'string' && schema.const === undefined) yield { pointer: '', value: bad };
  if (schema.type === 'array' && schema.items !== undefined) {
    const others = Array.from({ length: Math.max(0, (schema.minItems ?? 0) - 1) }, () => validValue(schema.items as JsonSchema));
    for (const item of spoiledStrings(schema.items, bad)) yield { pointer: `/0${item.pointer}`, value: [item.value, ...others] };
  }
  if (schema.type !== 'object') return;
  const base = validObject(schema);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    for (const inner of spoiledStrings(property, bad))
      yield { pointer: `/${name}${inner.pointer}`, value: { ...base, [name]: inner.value } };
  }
  if (typeof schema.additionalProperties !== 'object') return;
  for (const inner of spoiledStrings(schema.additionalProperties, bad)) yield { pointer: `/k${inner.pointer}`, value: { k: inner.value } };
  yield { pointer: `/${bad}`, value: { [bad]: validValue(schema.additionalProperties) } };
}

const BY_FORMAT: Readonly<Record<string, string>> = { 'date-time': '2027-01-15T10:00:00Z', currency: 'GBP', 'time-zone': 'UTC' };

function validValue(schema: JsonSchema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [branch] = schema.anyOf ?? schema.oneOf ?? [];
  if (branch !== undefined) return validValue(branch);
  switch (schema.type) {
    case 'string':
      return BY_FORMAT[schema.format ?? ''] ?? (new RegExp(schema.pattern ?? '', 'u').test('x') ? 'x' : '10:00');
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => validValue(schema.items ?? {}));
    case 'object':
      return validObject(schema);
    case 'boolean':
      return true;
    default:
      return Math.max(schema.minimum ?? 1, 1);
  }
}

function validObject(schema: JsonSchema): Readonly<Record<string, unknown>> {
  const required = schema.required ?? [];
  return Object.fromEntries(required.map((name) => [name, validValue(schema.properties?.[name] ?? {})]));
}
