import { z } from 'zod';
import { InputError } from '../input-error.ts';

const serviceSchema = z.object({
  total_amount: z.string(),
  total_currency: z.string(),
});

const elementSchema = z.object({
  type: z.string(),
  id: z.string().nullish(),
  designator: z.string().nullish(),
  name: z.string().nullish(),
  disclosures: z.array(z.string()).nullish(),
  available_services: z.array(serviceSchema).nullish(),
});

const cabinSchema = z.object({
  cabin_class: z.string(),
  deck: z.int().nullish(),
  aisles: z.int().nullish(),
  wings: z.object({ first_row_index: z.int(), last_row_index: z.int() }).nullish(),
  rows: z.array(z.object({ sections: z.array(z.object({ elements: z.array(elementSchema) })) })),
});

const seatMapSchema = z.object({
  id: z.string().min(1),
  segment_id: z.string().nullish(),
  slice_id: z.string().nullish(),
  cabins: z.array(cabinSchema).min(1),
});

/** A seat map as flight-booking APIs return it: cabins → rows → sections between the aisles → elements. */
export type SeatMap = z.infer<typeof seatMapSchema>;
export type Cabin = SeatMap['cabins'][number];
export type Element = Cabin['rows'][number]['sections'][number]['elements'][number];

/**
 * Reads a file with one seat map, a list of them, or either under `data`. Fields that are not known are ignored.
 * @throws InputError that says where the file is no seat map, or which map is there twice.
 */
export function parseSeatMaps(text: string): readonly SeatMap[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new InputError(`no JSON: ${error instanceof Error ? error.message : error}`);
  }
  const body = typeof content === 'object' && content !== null && 'data' in content ? content.data : content;
  const result = z
    .array(seatMapSchema)
    .min(1)
    .safeParse(Array.isArray(body) ? body : [body]);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new InputError(`no seat map at /${issue?.path.join('/')}: ${issue?.message}`);
  }
  const ids = new Set<string>();
  for (const { id } of result.data) {
    if (ids.has(id)) throw new InputError(`there are two seat maps ${JSON.stringify(id)}`);
    ids.add(id);
  }
  return result.data;
}
