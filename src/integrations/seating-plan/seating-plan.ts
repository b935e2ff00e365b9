import { z } from 'zod';
import type { LayoutInput } from '../../commands/schemas/layouts.ts';
import { InputError } from '../input-error.ts';

/** Plans number seats and rows, or name them. */
const label = z.union([z.string().trim().min(1), z.number()]).transform(String);
const position = z.union([z.object({ x: z.number(), y: z.number() }), z.tuple([z.number(), z.number()]).transform(([x, y]) => ({ x, y }))]);

const seatSchema = z.object({
  seat_guid: z.string().min(1),
  seat_number: label,
  category: label.nullish(),
  position: position.nullish(),
  accessible: z.boolean().nullish(),
  /** True when an aisle follows. */
  gap_after: z.boolean().nullish(),
  /** Minor units. */
  price: z.int().min(0).nullish(),
});

const rowSchema = z.object({ ...names('row'), category: label.nullish(), seats: z.array(seatSchema) });
const zoneSchema = z.object({ ...names('zone'), category: label.nullish(), rows: z.array(rowSchema) });
const planSchema = z.object({
  name: label.nullish(),
  focus: position.nullish(),
  zones: z.array(zoneSchema).min(1),
});

/** What zones and rows go by; the first one that is there counts. */
function names(kind: 'row' | 'zone') {
  return {
    name: label.nullish(),
    [kind]: label.nullish(),
    [`${kind}_name`]: label.nullish(),
    [`${kind}_number`]: label.nullish(),
    id: label.nullish(),
  };
}

/** For seats where neither seat nor row nor zone has a category. */
const DEFAULT_CATEGORY = 'standard';

/**
 * Turns a seating plan, JSON of zones → rows → seats, into the body of `POST /layouts`. The unit is
 * the seat's `seat_guid`; a category may stand at the seat, its row or its zone; `position` is
 * `{ x, y }` or `[x, y]`; what is not known is ignored.
 * @param name names a plan that has no name of its own.
 * @throws InputError that says where the plan is at fault.
 */
export function seatingPlanLayout(text: string, name: string): LayoutInput {
  const plan = parsePlan(text);
  const rows = rowsOf(plan).filter(({ seats }) => seats.length > 0);
  // To the engine a row goes on wherever its name does: one of several of a name ends in a gap, or seats far apart would be neighbours.
  const lastOfName = new Map(rows.map(({ name }, index) => [name, index]));
  const seen = new Set<string>();
  const units = rows.flatMap(({ section, row, name, category, pointer, seats }, rowIndex) =>
    seats.map((seat, seatIndex): LayoutInput['units'][number] => {
      if (seen.has(seat.seat_guid)) {
        throw new InputError(`${pointer}/seats/${seatIndex}: seat_guid ${JSON.stringify(seat.seat_guid)} is there twice`);
      }
      seen.add(seat.seat_guid);
      const goesOn = seatIndex === seats.length - 1 && lastOfName.get(name) !== rowIndex;
      return {
        unitId: seat.seat_guid,
        category: seat.category ?? category,
        section,
        row,
        number: seat.seat_number,
        ...seat.position,
        ...(seat.accessible === true ? { accessible: true } : {}),
        ...(seat.gap_after === true || goesOn ? { gapAfter: true } : {}),
        ...(seat.price == null ? {} : { price: seat.price }),
      };
    }),
  );
  if (units.length === 0) throw new InputError('the plan has no seats');
  return { name: plan.name ?? name, ...(plan.focus == null ? {} : { focus: plan.focus }), units };
}

interface Row {
  readonly section: string;
  readonly row: string;
  /** Of section and row together. */
  readonly name: string;
  /** For seats that have none of their own. */
  readonly category: string;
  /** Where in the plan it stands. */
  readonly pointer: string;
  readonly seats: readonly z.infer<typeof seatSchema>[];
}

function rowsOf(plan: z.infer<typeof planSchema>): readonly Row[] {
  return plan.zones.flatMap((zone, zoneIndex) =>
    zone.rows.map((content, rowIndex): Row => {
      const [section, row] = [nameOf(zone, 'zone', zoneIndex), nameOf(content, 'row', rowIndex)];
      return {
        section,
        row,
        name: JSON.stringify([section, row]),
        category: content.category ?? zone.category ?? DEFAULT_CATEGORY,
        pointer: `/zones/${zoneIndex}/rows/${rowIndex}`,
        seats: content.seats,
      };
    }),
  );
}

function parsePlan(text: string): z.infer<typeof planSchema> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new InputError(`no JSON: ${error instanceof Error ? error.message : error}`);
  }
  const result = planSchema.safeParse(content);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InputError(`/${issue?.path.join('/')}: ${issue?.message}`);
}

function nameOf(part: Readonly<Record<string, unknown>>, kind: string, index: number): string {
  const found = [part.name, part[kind], part[`${kind}_name`], part[`${kind}_number`], part.id].find((name) => typeof name === 'string');
  return typeof found === 'string' ? found : String(index + 1);
}
