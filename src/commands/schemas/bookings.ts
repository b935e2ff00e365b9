import { z } from 'zod';
import { MAX_CAPACITY, quantitySchema, totalSchema } from './numbers.ts';
import { spanSchema } from './spans.ts';
import { categorySchema, customerIdSchema, metadataSchema, paymentReferenceSchema, reasonSchema, referenceSchema } from './text.ts';
import { MAX_SELECTED_UNITS, unitQuantitySchema } from './units.ts';

const bestAvailableSchema = z.strictObject({
  quantity: quantitySchema,
  category: categorySchema.nullable().exactOptional(),
  adjacent: z.boolean().nullable().exactOptional().meta({ description: 'true demands, absent prefers, false does not care' }),
  accessible: z.int().min(0).max(MAX_CAPACITY).exactOptional().meta({ description: 'how many of the units must be accessible' }),
});

const wantedUnitsSchema = z.array(unitQuantitySchema).min(1).max(MAX_SELECTED_UNITS);
const WANTED = { description: 'without a quantity: one of the unit' };
const BOOKED = { description: 'without a quantity: all that the booking has of the unit' };

export const requestBookingSchema = z.strictObject({
  customerId: customerIdSchema,
  units: wantedUnitsSchema.exactOptional().meta(WANTED),
  bestAvailable: bestAvailableSchema.exactOptional(),
  span: spanSchema.nullable().exactOptional(),
  expectedTotal: totalSchema.nullable().exactOptional(),
  confirm: z.strictObject({ paymentReference: paymentReferenceSchema }).nullable().exactOptional(),
  reference: referenceSchema.nullable().exactOptional(),
  metadata: metadataSchema.exactOptional(),
});

export const confirmBookingSchema = z.strictObject({
  paymentReference: paymentReferenceSchema,
  units: wantedUnitsSchema.exactOptional().meta(BOOKED),
});

export const cancelBookingSchema = z.strictObject({
  reason: reasonSchema.nullable().exactOptional(),
  units: wantedUnitsSchema.exactOptional().meta(BOOKED),
});

export const extendHoldSchema = z.strictObject({
  seconds: z
    .int()
    .min(1)
    .max(7 * 24 * 3600)
    .meta({ description: 'from now' }),
});

export const changeBookingSchema = z.strictObject({
  add: z.array(unitQuantitySchema).max(MAX_SELECTED_UNITS).exactOptional().meta(WANTED),
  drop: z.array(unitQuantitySchema).max(MAX_SELECTED_UNITS).exactOptional().meta(BOOKED),
  expectedTotal: totalSchema.nullable().exactOptional(),
});

export type RequestBookingInput = z.input<typeof requestBookingSchema>;
export type ConfirmBookingInput = z.input<typeof confirmBookingSchema>;
export type CancelBookingInput = z.input<typeof cancelBookingSchema>;
export type ExtendHoldInput = z.input<typeof extendHoldSchema>;
export type ChangeBookingInput = z.input<typeof changeBookingSchema>;
