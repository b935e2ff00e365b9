import { jsonSchemaOf } from '../../src/commands/schemas/validator.ts';
import type { Route } from '../../src/http/exchange.ts';
import { BAD_BOOKING_WRITES, BAD_BOOKINGS } from './bad-booking-requests.ts';
import { BAD_MESSAGES, BAD_READS } from './bad-other-requests.ts';
import { type BadRequest, invalidAt, invalidParameter } from './bad-request.ts';
import { BAD_OPENINGS, BAD_SLOT_WRITES } from './bad-slot-requests.ts';
import { spoiledStrings } from './spoiled-strings.ts';

/** Every kind of bad request that somebody thought of. */
export const BAD_REQUESTS: readonly BadRequest[] = [
  ...BAD_OPENINGS,
  ...BAD_SLOT_WRITES,
  ...BAD_BOOKINGS,
  ...BAD_BOOKING_WRITES,
  ...BAD_READS,
  ...BAD_MESSAGES,
];

/** What PostgreSQL cannot store. */
const UNSTORABLE = { 'U+0000': 'a\u0000b', 'a lone high surrogate': 'a\ud800', 'a lone low surrogate': '\udc00b' } as const;

const PARAMETERS: Readonly<Record<string, string>> = {
  slotId: 'bad-show',
  bookingId: '{booking}',
  customerId: 'c-17',
  layoutId: 'x',
  streamId: 'slot-bad-show',
  unitId: 'A1',
  attemptId: 'x',
};

/** Each string of each body, each query parameter and each part of each path, with what cannot be stored. Made from the routes' own schemas. */
export function unstorableRequests(routes: readonly Route[]): readonly BadRequest[] {
  return routes.flatMap((route) => [...inBody(route), ...inQuery(route), ...inPath(route)]);
}

function inBody(route: Route): readonly BadRequest[] {
  const { bodySchema, method } = route;
  if (bodySchema === null) return [];
  const path = filled(route.path);
  const headers = { 'Idempotency-Key': 'bad', ...(method === 'PATCH' ? { 'If-Match': '*' } : {}) };
  return Object.entries(UNSTORABLE).flatMap(([kind, bad]) =>
    [...spoiledStrings(jsonSchemaOf(bodySchema), bad)].map(({ pointer, value }) => ({
      name: `${method} ${path}: ${kind} at ${JSON.stringify(pointer)}`,
      method,
      path,
      headers,
      body: value,
      ...invalidAt(pointer),
    })),
  );
}

function inQuery(route: Route): readonly BadRequest[] {
  if (route.method !== 'GET') return [];
  return Object.keys(route.querySchema.shape).flatMap((name) =>
    ['%00', '%ED%A0%80'].map((bad) => {
      const path = `${filled(route.path)}?${name}=${bad}`;
      return { name: `GET ${path}`, method: 'GET' as const, path, ...invalidParameter(name) };
    }),
  );
}

function inPath(route: Route): readonly BadRequest[] {
  return [...route.path.matchAll(/\{(\w+)\}/g)].flatMap(([part, name = '']) =>
    ['a%00b', '%ED%A0%80'].map((bad) => {
      const path = filled(route.path.replace(part, bad));
      const body = route.bodySchema === null ? {} : { body: {} };
      return { name: `${route.method} ${path}`, method: route.method, path, ...body, ...invalidParameter(name) };
    }),
  );
}

function filled(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARAMETERS[name] ?? name);
}
