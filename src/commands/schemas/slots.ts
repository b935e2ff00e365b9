import { z } from 'zod';
import { currencySchema, instantSchema, timeOfDaySchema, timeZoneSchema } from './instants.ts';
import { priceSchema } from './numbers.ts';
import {
  categorySchema,
  freeText,
  layoutIdSchema,
  metadataSchema,
  objectKey,
  printable,
  reasonSchema,
  referenceSchema,
  slotIdSchema,
  stopIdSchema,
} from './text.ts';
import { MAX_INLINE_UNITS, unitSchema } from './units.ts';

/** A week: no hold and no buffer needs to be longer. */
const WEEK_SECONDS = 7 * 24 * 3600;

const venueSchema = z.strictObject({
  venueId: printable(128).exactOptional(),
  name: freeText(200).exactOptional(),
  city: freeText(200).exactOptional(),
});

const policyShape = {
  holdSeconds: z.int().min(1).max(WEEK_SECONDS).exactOptional().meta({ description: 'default 600' }),
  maxHoldSeconds: z.int().min(1).max(WEEK_SECONDS).exactOptional().meta({ description: 'default 1800, at least holdSeconds' }),
  maxUnitsPerBooking: z.int().min(1).max(500).exactOptional().meta({ description: 'default 10' }),
  orphanSeats: z.enum(['allow', 'avoid', 'forbid']).exactOptional().meta({ description: 'default "allow"' }),
  acceptPast: z.boolean().exactOptional().meta({ description: 'default false; for importers of old feeds' }),
};

const stopSchema = z.strictObject({
  stopId: stopIdSchema,
  name: freeText(200).exactOptional(),
  arrivesAt: instantSchema.exactOptional(),
  departsAt: instantSchema.exactOptional(),
});

const openingSchema = z.strictObject({
  days: z
    .array(z.enum(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']))
    .min(1)
    .max(7),
  from: timeOfDaySchema,
  to: timeOfDaySchema,
});

const axisSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('whole') }),
    z.strictObject({ type: z.literal('stops'), stops: z.array(stopSchema).min(2).max(500) }),
    z.strictObject({
      type: z.literal('time'),
      opening: z.array(openingSchema).max(50).exactOptional().meta({ description: 'absent: always open' }),
      bufferMinutes: z.int().min(0).max(10_080).exactOptional().meta({ description: 'default 0' }),
    }),
  ])
  // Without the type a discriminator lets everything pass that is no object.
  .meta({ type: 'object', discriminator: { propertyName: 'type' } });

const describedShape = {
  startsAt: instantSchema.nullable().exactOptional(),
  endsAt: instantSchema.nullable().exactOptional(),
  salesFrom: instantSchema.nullable().exactOptional(),
  salesUntil: instantSchema.nullable().exactOptional(),
  reference: referenceSchema.nullable().exactOptional(),
};

export const openSlotSchema = z.strictObject({
  slotId: slotIdSchema.exactOptional(),
  category: categorySchema,
  title: freeText(300),
  venue: venueSchema.nullable().exactOptional(),
  ...describedShape,
  timeZone: timeZoneSchema.exactOptional(),
  currency: currencySchema,
  status: z.enum(['OPEN', 'CLOSED']).exactOptional(),
  metadata: metadataSchema.exactOptional(),
  axis: axisSchema.exactOptional(),
  units: z.array(unitSchema).max(MAX_INLINE_UNITS).exactOptional(),
  layoutId: layoutIdSchema.exactOptional(),
  prices: z.record(objectKey(64), priceSchema).exactOptional(),
  policy: z.strictObject(policyShape).exactOptional(),
});

/** JSON merge patch (RFC 7396): what is absent stays, null removes. */
export const patchSlotSchema = z.strictObject({
  title: freeText(300).exactOptional(),
  venue: z
    .strictObject({
      venueId: printable(128).nullable().exactOptional(),
      name: freeText(200).nullable().exactOptional(),
      city: freeText(200).nullable().exactOptional(),
    })
    .nullable()
    .exactOptional(),
  ...describedShape,
  policy: z.strictObject(policyShape).exactOptional(),
  metadata: z.record(metadataSchema.keyType, metadataSchema.valueType.nullable()).meta({ maxProperties: 100 }).nullable().exactOptional(),
});

export const reasonOnlySchema = z.strictObject({ reason: reasonSchema.nullable().exactOptional() });

export type OpenSlotInput = z.input<typeof openSlotSchema>;
export type PatchSlotInput = z.input<typeof patchSlotSchema>;
export type AxisInput = z.input<typeof axisSchema>;
export type ReasonOnlyInput = z.input<typeof reasonOnlySchema>;
