import { OpenAPIRegistry, OpenApiGeneratorV31, type ResponseConfig, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { jsonSchemaOf } from '../commands/schemas/validator.ts';
import { problemAnswer } from './answer-schemas.ts';
import { EXAMPLES } from './examples.ts';
import type { Route } from './exchange.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import { PATH_PARAMETERS, parameterNames } from './path.ts';
import { PROBLEMS, type ProblemCode } from './problem.ts';

const WRITE_PROBLEMS: readonly ProblemCode[] = [
  'malformed-json',
  'invalid-input',
  'body-too-large',
  'unsupported-media-type',
  'idempotency-key-reused',
  'request-in-flight',
  'too-much-contention',
  'unavailable',
  'outcome-unknown',
];
const READ_PROBLEMS: readonly ProblemCode[] = ['invalid-input', 'view-behind', 'unavailable'];

const header = (description: string) => z.string().meta({ description });

const READ_HEADERS = {
  'Holdfast-Position': header('a position answered before: the read waits until its view is there').optional(),
  Prefer: header('wait=<seconds>: how long a read that has to wait may do so, 2 by default, 10 at most').optional(),
};
const TAG_HEADERS = { 'If-None-Match': header('an ETag answered before: 304 when nothing has changed').optional() };
const STREAM_HEADERS = {
  'Last-Event-ID': header('id of the last event that was read: what came after it is told; wins over `after`').optional(),
};
const WRITE_HEADERS = {
  'Idempotency-Key': header('1-255 printable characters; the same key again gets the same answer').optional(),
  'If-Match': header('an ETag of the slot: the write is refused when the slot has moved on').optional(),
};
const REQUIRED_HEADERS: Readonly<Record<string, Readonly<Record<string, z.ZodString>>>> = {
  'POST /api/v1/slots/{slotId}/bookings': {
    'Idempotency-Key': header('1-255 printable characters; the same key again gets the same answer'),
  },
  'PATCH /api/v1/slots/{slotId}': { 'If-Match': header('the ETag of the slot that the patch was made from') },
};

const ANSWER_HEADERS = z.object({
  'Holdfast-Position': header('opaque: what the answer reflects of the log'),
  ETag: header('"<version>" of the slot, with a suffix where the clock changes what is told').optional(),
});
const WRITE_ANSWER_HEADERS = ANSWER_HEADERS.extend({
  'Idempotent-Replay': header('true: the answer is the one that was given to this key before').optional(),
});

/** Makes the OpenAPI 3.1 document from the routes, so that it cannot say anything else than what is checked. */
export function createOpenApi(routes: readonly Route[]): object {
  const registry = new OpenAPIRegistry();
  for (const route of routes) registry.registerPath(pathOf(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Holdfast',
      version: '1',
      description: 'An event-sourced booking engine that never sells one thing twice. All problem codes: [/docs/problems](/docs/problems).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
  });
}

function pathOf(route: Route): RouteConfig {
  const id = `${route.method} ${route.path}`;
  const operation = OPERATIONS[id];
  if (operation === undefined) throw new Error(`The route ${id} is not described.`);
  const isRead = route.method === 'GET';
  const headers = {
    ...(isRead ? READ_HEADERS : WRITE_HEADERS),
    ...(operation.tagged && TAG_HEADERS),
    ...(operation.streamed && STREAM_HEADERS),
    ...REQUIRED_HEADERS[id],
  };
  const success = {
    description: operation.summary,
    headers: isRead ? ANSWER_HEADERS : WRITE_ANSWER_HEADERS,
    content: { [operation.streamed ? 'text/event-stream' : 'application/json']: { schema: operation.answer } },
  };
  const names = parameterNames(route.path);
  return {
    method: isRead ? 'get' : route.method === 'POST' ? 'post' : 'patch',
    path: route.path,
    summary: operation.summary,
    operationId: operationId(route),
    tags: [route.path.split('/')[3] ?? ''],
    request: {
      ...(names.length === 0
        ? {}
        : { params: z.object(Object.fromEntries(names.map((name) => [name, PATH_PARAMETERS[name] ?? z.string()]))) }),
      headers: z.object(headers),
      ...(route.bodySchema === null ? {} : { body: bodyOf(id, route, route.bodySchema) }),
    },
    parameters: queryParametersOf(route),
    responses: {
      ...(operation.mayExist && { 200: { ...success, description: 'It was there already' } }),
      [String(operation.status ?? 200)]: success,
      ...(operation.streamed && { 204: { description: 'The slot is over: there is nothing to come back for', headers: ANSWER_HEADERS } }),
      ...(operation.tagged && { 304: { description: 'Nothing has changed since the ETag of If-None-Match', headers: ANSWER_HEADERS } }),
      ...problemsOf(operation, isRead ? READ_PROBLEMS : WRITE_PROBLEMS),
    },
  };
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
  readonly required?: readonly string[];
}

// Requests are described by the very schemas that they are checked by. The generator's own would not do: it takes for
// required what may be absent but never undefined.

function queryParametersOf({ querySchema }: Route): NonNullable<RouteConfig['parameters']> {
  const { properties = {}, required = [] } = jsonSchemaOf(querySchema) as ObjectSchema;
  return Object.entries(properties).map(([name, schema]) => {
    const { description } = schema;
    return { name, in: 'query', required: required.includes(name), ...(description === undefined ? {} : { description }), schema };
  });
}

function bodyOf(id: string, { method, bodyMayBeAbsent }: Route, schema: z.ZodType) {
  const examples = EXAMPLES[id];
  const content = { schema: jsonSchemaOf(schema), ...(examples === undefined ? {} : { examples }) };
  const isPatch = method === 'PATCH';
  return {
    required: !bodyMayBeAbsent,
    content: { 'application/json': content, ...(isPatch && { 'application/merge-patch+json': content }) },
  };
}

function problemsOf(operation: Operation, common: readonly ProblemCode[]): Readonly<Record<string, ResponseConfig>> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set([...common, ...operation.problems])) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, codes]) => [String(status), problemResponse(codes)]));
}

function problemResponse(codes: readonly ProblemCode[]): ResponseConfig {
  const examples = Object.fromEntries(
    codes.map((code) => {
      const { status, title, meaning, retryAfterSeconds } = PROBLEMS[code];
      const value = { type: `/docs/problems#${code}`, title, status, detail: meaning, instance: 'urn:uuid:…', code };
      return [code, { value: retryAfterSeconds === undefined ? value : { ...value, retryAfterSeconds } }];
    }),
  );
  return { description: codes.join(', '), content: { 'application/problem+json': { schema: problemAnswer, examples } } };
}

/** `POST /api/v1/slots/{slotId}/units/block` is `postSlotsBySlotIdUnitsBlock`. */
function operationId(route: Route): string {
  const words = route.path
    .replace('/api/v1/', '')
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => `by-${name}`)
    .split(/[/-]/);
  return route.method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
