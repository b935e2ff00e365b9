import { z } from 'zod';
import { instantSchema } from './instants.ts';
import { coordinateSchema, MAX_CAPACITY, priceSchema, quantitySchema } from './numbers.ts';
import { spanSchema } from './spans.ts';
import { categorySchema, metadataSchema, printable, reasonSchema, referenceSchema, unitIdSchema } from './text.ts';

/** A layout may name so many units; its body may have 16 MiB. */
export const MAX_LAYOUT_UNITS = 100_000;
/** More units than this in one call do not fit into one append; larger venues are layouts or come in several calls. */
export const MAX_INLINE_UNITS = 10_000;
/** The most units that one call can move: with the longest ids they still fit into one event. */
export const MAX_SELECTED_UNITS = 1_000;

const capacitySchema = z.int().min(1).max(MAX_CAPACITY).meta({ description: 'makes it a quantity unit; absent for a numbered unit' });

const unitShape = {
  unitId: unitIdSchema,
  category: categorySchema.exactOptional().meta({ description: 'default "standard"' }),
  priceBasis: z.enum(['claim', 'stop', 'hour', 'day']).exactOptional(),
  capacity: capacitySchema.exactOptional(),
  section: printable(64).exactOptional(),
  row: printable(64).exactOptional(),
  number: printable(32).exactOptional(),
  x: coordinateSchema.exactOptional(),
  y: coordinateSchema.exactOptional(),
  accessible: z.boolean().exactOptional(),
  gapAfter: z.boolean().exactOptional(),
  availableFrom: instantSchema.exactOptional(),
  availableUntil: instantSchema.exactOptional(),
  reference: referenceSchema.exactOptional(),
  metadata: metadataSchema.exactOptional(),
};

/** A unit inside a slot must have a price: nothing is sold for nothing by accident. */
export const unitSchema = z.strictObject({ ...unitShape, price: priceSchema });
/** In a layout the price may be left to the slot. */
export const layoutUnitSchema = z.strictObject({ ...unitShape, price: priceSchema.exactOptional() });

/** `"A1"`, or so many of a quantity unit. How many an id alone is, whoever takes it says. */
export const unitQuantitySchema = z.union([
  unitIdSchema,
  z.strictObject({ unitId: unitIdSchema, quantity: quantitySchema.exactOptional() }),
]);

export const addUnitsSchema = z.strictObject({ units: z.array(unitSchema).min(1).max(MAX_INLINE_UNITS) });

export const changeUnitsSchema = z.strictObject({
  units: z
    .array(
      z.strictObject({
        unitId: unitIdSchema,
        price: priceSchema.exactOptional(),
        category: categorySchema.exactOptional(),
        capacity: capacitySchema.exactOptional(),
      }),
    )
    .min(1)
    .max(MAX_SELECTED_UNITS),
});

const selectedUnitsSchema = z
  .array(unitQuantitySchema)
  .min(1)
  .max(MAX_SELECTED_UNITS)
  .meta({ description: 'without a quantity: all of the unit' });

export const blockUnitsSchema = z.strictObject({
  units: selectedUnitsSchema,
  span: spanSchema.nullable().exactOptional(),
  reason: reasonSchema.nullable().exactOptional(),
});

export const withdrawUnitsSchema = z.strictObject({ units: selectedUnitsSchema, reason: reasonSchema.nullable().exactOptional() });

export type UnitInput = z.input<typeof unitSchema>;
export type LayoutUnitInput = z.input<typeof layoutUnitSchema>;
export type UnitQuantityInput = z.input<typeof unitQuantitySchema>;
export type AddUnitsInput = z.input<typeof addUnitsSchema>;
export type ChangeUnitsInput = z.input<typeof changeUnitsSchema>;
export type BlockUnitsInput = z.input<typeof blockUnitsSchema>;
export type WithdrawUnitsInput = z.input<typeof withdrawUnitsSchema>;
