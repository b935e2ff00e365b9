import { z } from 'zod';
import { coordinateSchema } from './numbers.ts';
import { freeText } from './text.ts';
import { layoutUnitSchema, MAX_LAYOUT_UNITS } from './units.ts';

export const layoutSchema = z.strictObject({
  name: freeText(200),
  focus: z
    .strictObject({ x: coordinateSchema, y: coordinateSchema })
    .exactOptional()
    .meta({ description: 'the point that the best seats are near to' }),
  units: z.array(layoutUnitSchema).min(1).max(MAX_LAYOUT_UNITS),
});

export type LayoutInput = z.input<typeof layoutSchema>;
