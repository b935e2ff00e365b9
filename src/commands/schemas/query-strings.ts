import { z } from 'zod';
import { instantSchema } from './instants.ts';
import { MAX_CAPACITY } from './numbers.ts';
import {
  categorySchema,
  customerIdSchema,
  freeText,
  patterned,
  printable,
  referenceSchema,
  slotIdSchema,
  stopIdSchema,
  unitIdSchema,
} from './text.ts';

/** Query parameters once numbers and booleans are read from their text. */

const cursorSchema = patterned('^[A-Za-z0-9_=-]{1,1000}$', 'a cursor that this list gave out').exactOptional();
const positionSchema = patterned('^[A-Za-z0-9_-]{1,400}$', 'a position that this service gave out').exactOptional();
const limitSchema = z.int().min(1).max(200).exactOptional().meta({ description: 'default 50' });
const codeSchema = patterned('^[a-z-]{1,64}$', 'a code in kebab-case');
const typesSchema = patterned('^[A-Za-z]{1,64}(?:,[A-Za-z]{1,64}){0,19}$', 'up to 20 event types, parted by commas');

const page = { limit: limitSchema, cursor: cursorSchema };
const range = { from: instantSchema.exactOptional(), to: instantSchema.exactOptional() };

export const noQuerySchema = z.strictObject({});

export const slotsQuerySchema = z.strictObject({
  text: freeText(200).exactOptional().meta({
    description: 'words of title, place and city in any order, the last one may be a beginning; best match first unless sort is given',
  }),
  category: categorySchema.exactOptional(),
  venueId: printable(128).exactOptional(),
  city: freeText(200).exactOptional(),
  ...range,
  minFree: z.int().min(0).max(MAX_CAPACITY).exactOptional(),
  status: z.enum(['OPEN', 'CLOSED', 'CANCELLED']).exactOptional().meta({ description: 'default OPEN' }),
  reference: referenceSchema.exactOptional(),
  sort: z.enum(['startsAt', 'price', 'free']).exactOptional(),
  ...page,
});

export const spanQuerySchema = z.strictObject({ fromStop: stopIdSchema.exactOptional(), toStop: stopIdSchema.exactOptional(), ...range });

/** A span, and the position that a stream of changes goes on from. */
export const liveQuerySchema = spanQuerySchema.extend({ after: positionSchema });

const bookingStatusSchema = z.enum(['HELD', 'CONFIRMED', 'IN_PROGRESS', 'COMPLETED', 'EXPIRED', 'CANCELLED', 'FAILED']);

export const bookingsQuerySchema = z.strictObject({
  slotId: slotIdSchema.exactOptional(),
  customerId: customerIdSchema.exactOptional(),
  reference: referenceSchema.exactOptional(),
  unitId: unitIdSchema.exactOptional(),
  status: bookingStatusSchema.exactOptional(),
  ...range,
  ...page,
});

export const customerBookingsQuerySchema = z.strictObject({ status: bookingStatusSchema.exactOptional(), ...page });

export const auditEventsQuerySchema = z.strictObject({
  after: positionSchema,
  type: typesSchema.exactOptional(),
  ...range,
  limit: limitSchema,
  upcast: z.boolean().exactOptional().meta({ description: 'true: data in the newest form instead of as stored' }),
});

export const streamEventsQuerySchema = z.strictObject({
  fromVersion: z.int().min(1).max(Number.MAX_SAFE_INTEGER).exactOptional(),
  limit: limitSchema,
  upcast: z.boolean().exactOptional(),
});

export const slotAsOfQuerySchema = z.strictObject({
  version: z.int().min(1).max(Number.MAX_SAFE_INTEGER).exactOptional(),
  at: instantSchema.exactOptional(),
});

export const unitAsOfQuerySchema = z.strictObject({ at: instantSchema.exactOptional() });

export const attemptsQuerySchema = z.strictObject({
  slotId: slotIdSchema.exactOptional(),
  customerId: customerIdSchema.exactOptional(),
  unitId: unitIdSchema.exactOptional(),
  code: codeSchema.exactOptional(),
  ...range,
  ...page,
});
