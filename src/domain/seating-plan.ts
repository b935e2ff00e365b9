import type { Unit } from './unit.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Units side by side: every two neighbours in it are adjacent. A quantity unit is a line of its own. */
export interface Line {
  /** Unit indexes in declared order. */
  readonly units: Int32Array;
  /** True when the line is one quantity unit, all of whose places are adjacent. */
  readonly quantity: boolean;
  /** `sums[i]` is the distance of the first i units together: a window's distance is one subtraction. */
  readonly sums: Float64Array;
  /** The code of the category that all units share, or MIXED. */
  readonly category: number;
  readonly hasAccessible: boolean;
}

/** Lines that can seat a party of some size, the line with the nearest such window first. */
export interface LineOrder {
  readonly lines: Int32Array;
  /** Distance of the line's nearest window, whoever sits there now. */
  readonly distances: Float64Array;
}

/**
 * The geometry of a slot's units: who sits next to whom and how good each place is. It knows nothing
 * of bookings, so that all slots on one layout share it. Arrays are indexed by unit index.
 */
export interface SeatingPlan {
  /** In declared order of their first unit. */
  readonly lines: readonly Line[];
  /** -1 for withdrawn units. */
  readonly lineOf: Int32Array;
  readonly positionOf: Int32Array;
  /** Whole numbers, so that sums are exact and equally good places tie exactly; smaller is better. */
  readonly distanceOf: Float64Array;
  readonly farthest: number;
  readonly categoryOf: Int32Array;
  readonly accessible: Uint8Array;
  /** Undefined for a category that no unit has. */
  categoryCode(category: string): number | undefined;
  /** Lines with a window of `size` adjacent places. Quantity units count as large enough for any size. */
  linesFor(size: number): LineOrder;
}

export const MIXED = -1;

/** Distances to the focus are told in this many steps of the farthest one: millimetres in a concert hall. */
const FOCUS_STEPS = 65_536;

const NONE_WITHDRAWN: ReadonlyMap<number, Unit> = new Map();

const plans = new WeakMap<readonly (Unit | undefined)[], { readonly focus: Point | undefined; readonly plan: SeatingPlan }>();

/**
 * The plan of these units, computed once per array (and focus): an array must not change after it was
 * given here. `undefined` stands for a withdrawn unit; `withdrawn` has what stood there, by index.
 *
 * Adjacent are neighbours in declared order within one section and row, unless the first has
 * `gapAfter`, or a withdrawn or a quantity unit stood between them. A unit without a row (a car, a
 * room) is adjacent to nothing.
 */
export function seatingPlan(
  units: readonly (Unit | undefined)[],
  focus?: Point,
  withdrawn: ReadonlyMap<number, Unit> = NONE_WITHDRAWN,
): SeatingPlan {
  const known = plans.get(units);
  if (known && known.focus?.x === focus?.x && known.focus?.y === focus?.y) return known.plan;
  const plan = buildPlan(units, focus, withdrawn);
  plans.set(units, { focus, plan });
  return plan;
}

/** Whether a plan is the same with the one unit in place of the other: price and capacity do not matter to it. */
export function isPlacedAlike(one: Unit, other: Unit): boolean {
  return (
    one.section === other.section &&
    one.row === other.row &&
    one.x === other.x &&
    one.y === other.y &&
    one.category === other.category &&
    Boolean(one.accessible) === Boolean(other.accessible) &&
    Boolean(one.gapAfter) === Boolean(other.gapAfter) &&
    (one.capacity === undefined) === (other.capacity === undefined)
  );
}

/** Whether the units stand side by side without a gap; one unit alone, or places in one quantity unit, are. */
export function areAdjacent(plan: SeatingPlan, indexes: Iterable<number>): boolean {
  const distinct = [...new Set(indexes)];
  const line = plan.lineOf[distinct[0] ?? -1];
  if (distinct.length <= 1) return true;
  if (line === -1 || distinct.some((index) => plan.lineOf[index] !== line)) return false;
  const positions = distinct.map((index) => plan.positionOf[index]!);
  return Math.max(...positions) - Math.min(...positions) === distinct.length - 1;
}

function buildPlan(units: readonly (Unit | undefined)[], focus: Point | undefined, withdrawn: ReadonlyMap<number, Unit>): SeatingPlan {
  const { rows, lines: lineUnits } = linesOf(units, withdrawn);
  const distanceOf = distances(units, rows, focus);
  const codes = new Map<string, number>();
  const categoryOf = new Int32Array(units.length).fill(MIXED);
  const accessible = new Uint8Array(units.length);
  units.forEach((unit, index) => {
    if (!unit) return;
    if (!codes.has(unit.category)) codes.set(unit.category, codes.size);
    categoryOf[index] = codes.get(unit.category)!;
    accessible[index] = unit.accessible ? 1 : 0;
  });

  const lineOf = new Int32Array(units.length).fill(-1);
  const positionOf = new Int32Array(units.length).fill(-1);
  const lines = lineUnits.map((members, line): Line => {
    const sums = new Float64Array(members.length + 1);
    members.forEach((index, position) => {
      lineOf[index] = line;
      positionOf[index] = position;
      sums[position + 1] = sums[position]! + distanceOf[index]!;
    });
    return {
      units: Int32Array.from(members),
      quantity: units[members[0]!]!.capacity !== undefined,
      sums,
      category: members.every((index) => categoryOf[index] === categoryOf[members[0]!]) ? categoryOf[members[0]!]! : MIXED,
      hasAccessible: members.some((index) => accessible[index] === 1),
    };
  });
  const farthest = distanceOf.reduce((most, distance) => Math.max(most, distance), 0);
  const linesFor = orderLines(lines);
  return { lines, lineOf, positionOf, distanceOf, farthest, categoryOf, accessible, categoryCode: (name) => codes.get(name), linesFor };
}

/** A row while it is put together. */
interface Row {
  readonly units: number[];
  /** What its next unit is adjacent to; null when that begins a line. */
  line: number[] | null;
}

function nameOfRow(unit: Unit | undefined): string | undefined {
  return unit?.row === undefined ? undefined : `${unit.section ?? ''}\u0000${unit.row}`;
}

/** Rows as declared, for the middle of the row, and the lines that gaps break them into. */
function linesOf(units: readonly (Unit | undefined)[], withdrawn: ReadonlyMap<number, Unit>): { rows: number[][]; lines: number[][] } {
  const rowsByName = new Map<string, Row>();
  const rows: number[][] = [];
  const lines: number[][] = [];
  units.forEach((unit, index) => {
    const name = nameOfRow(unit ?? withdrawn.get(index));
    const known = name === undefined ? undefined : rowsByName.get(name);
    if (!unit) {
      if (known) known.line = null;
      return;
    }
    const row = known ?? { units: [], line: null };
    if (!known) rows.push(row.units);
    if (!known && name !== undefined) rowsByName.set(name, row);
    row.units.push(index);

    const alone = unit.capacity !== undefined;
    if (row.line && !alone) row.line.push(index);
    else {
      row.line = [index];
      lines.push(row.line);
    }
    if (alone || unit.gapAfter) row.line = null;
  });
  return { rows, lines };
}

/**
 * Distance to the focus where focus and coordinates are known. Else earlier rows are nearer, and
 * within a row its middle; such units come after all that have coordinates.
 */
function distances(units: readonly (Unit | undefined)[], rows: readonly number[][], focus: Point | undefined): Float64Array {
  const toFocus = units.map((unit) => {
    if (!focus || unit?.x === undefined || unit.y === undefined) return undefined;
    const [dx, dy] = [unit.x - focus.x, unit.y - focus.y];
    return Math.sqrt(dx * dx + dy * dy);
  });
  const farthest = toFocus.reduce<number>((most, distance) => Math.max(most, distance ?? 0), 0);
  const result = new Float64Array(units.length);
  // The next row starts behind the ends of this one, so that no window of a later row beats an earlier row's.
  let rowStart = focus ? FOCUS_STEPS + 1 : 0;
  for (const row of rows) {
    row.forEach((index, position) => {
      const distance = toFocus[index];
      result[index] =
        distance === undefined
          ? rowStart + Math.abs(2 * position - (row.length - 1))
          : farthest && Math.round((distance / farthest) * FOCUS_STEPS);
    });
    rowStart += row.length;
  }
  return result;
}

function orderLines(lines: readonly Line[]): (size: number) => LineOrder {
  const all = Array.from(lines.keys());
  const ofAnySize = all.filter((line) => lines[line]!.quantity);
  const longest = lines.reduce((most, line) => Math.max(most, line.units.length), 0);
  const orders = new Map<number, LineOrder>();
  return (size) => {
    // Sizes beyond every row come from customers and have no bound: they are not remembered.
    if (size > longest) return orderFor(lines, ofAnySize, size);
    const order = orders.get(size) ?? orderFor(lines, all, size);
    orders.set(size, order);
    return order;
  };
}

function orderFor(lines: readonly Line[], candidates: readonly number[], size: number): LineOrder {
  const found: { line: number; distance: number }[] = [];
  for (const line of candidates) {
    const { quantity, units, sums } = lines[line]!;
    let distance = quantity ? size * sums[1]! : Number.POSITIVE_INFINITY;
    for (let end = size; end <= units.length && !quantity; end++) distance = Math.min(distance, sums[end]! - sums[end - size]!);
    if (distance < Number.POSITIVE_INFINITY) found.push({ line, distance });
  }
  found.sort((a, b) => a.distance - b.distance || a.line - b.line);
  return { lines: Int32Array.from(found, ({ line }) => line), distances: Float64Array.from(found, ({ distance }) => distance) };
}
