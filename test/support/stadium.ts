import { readFileSync } from 'node:fs';
import type { LayoutInput } from '../../src/commands/schemas/layouts.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The categories of `stadiumLayout`, from the floor outwards; a slot on it prices each. */
export const STADIUM_CATEGORIES = ['gold', 'silver', 'bronze'] as const;

/** Neighbours sit 2.8 to 3.8 apart and aisles are 9.2 wide; the next row starts 17 or more away. */
const AISLE_DISTANCE = 6;
const ROW_DISTANCE = 12;

/**
 * The body of `POST /layouts` for a stadium of 8,564 seats. The file (seat-maps/stadium-8564.json,
 * found by `sharedData`) has each seat's x and y, row after row, and the outlines of 43 sections;
 * which seats make a row, and which section it stands in, is read off the distances.
 */
export function stadiumLayout(file: string): LayoutInput {
  const { seats, sections } = JSON.parse(readFileSync(file, 'utf8')) as { seats: Point[]; sections: { path: string }[] };
  const outlines = sections.map(({ path }) => corners(path));
  const focus = middleOf(seats);
  const rowsInSection = new Map<number, number>();
  const units = rowsOf(seats).flatMap((row) => {
    const section = sectionOf(row[Math.floor(row.length / 2)] as Point, outlines);
    const number = (rowsInSection.get(section) ?? 0) + 1;
    rowsInSection.set(section, number);
    return row.map((seat, index): LayoutInput['units'][number] => {
      const next = row[index + 1];
      const gapAfter = next !== undefined && distance(seat, next) > AISLE_DISTANCE;
      return {
        unitId: `${section}-${number}-${index + 1}`,
        category: categoryOf(outlines[section - 1] as Point[], focus),
        section: String(section),
        row: String(number),
        number: String(index + 1),
        x: seat.x,
        y: seat.y,
        ...(gapAfter ? { gapAfter } : {}),
      };
    });
  });
  return { name: 'Stadium', focus, units };
}

function rowsOf(seats: readonly Point[]): Point[][] {
  const rows: Point[][] = [];
  let before: Point | null = null;
  for (const seat of seats) {
    if (before === null || distance(before, seat) > ROW_DISTANCE) rows.push([]);
    rows.at(-1)?.push(seat);
    before = seat;
  }
  return rows;
}

/** The section, counted from 1, that contains the point, else the one with the nearest corner. */
function sectionOf(point: Point, outlines: readonly Point[][]): number {
  const containing = outlines.findIndex((outline) => contains(outline, point));
  if (containing >= 0) return containing + 1;
  const distances = outlines.map((outline) => Math.min(...outline.map((corner) => distance(corner, point))));
  return distances.indexOf(Math.min(...distances)) + 1;
}

/** By how often a ray to the right crosses the outline. */
function contains(outline: readonly Point[], { x, y }: Point): boolean {
  let inside = false;
  for (const [index, a] of outline.entries()) {
    const b = outline[(index + 1) % outline.length] as Point;
    if (a.y > y !== b.y > y && x < a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)) inside = !inside;
  }
  return inside;
}

function categoryOf(outline: readonly Point[], focus: Point): string {
  const away = distance(middleOf(outline), focus);
  // The floor is in the middle; the inner ring of stands ends some 255 away from it.
  return away < 60 ? STADIUM_CATEGORIES[0] : away < 255 ? STADIUM_CATEGORIES[1] : STADIUM_CATEGORIES[2];
}

/** The corners of an SVG path of straight lines (M, L, H, V, Z, large for absolute and small for relative). */
function corners(path: string): Point[] {
  const points: Point[] = [];
  let at: Point = { x: 0, y: 0 };
  for (const [, command = '', rest = ''] of path.matchAll(/([a-zA-Z])([^a-zA-Z]*)/g)) {
    const numbers = (rest.match(/-?[\d.]+/g) ?? []).map(Number);
    const relative = command === command.toLowerCase();
    const step = /[hv]/i.test(command) ? 1 : 2;
    for (let index = 0; index + step <= numbers.length; index += step) {
      const origin = relative ? at : { x: 0, y: 0 };
      const first = numbers[index] as number;
      if (/h/i.test(command)) at = { x: origin.x + first, y: at.y };
      else if (/v/i.test(command)) at = { x: at.x, y: origin.y + first };
      else at = { x: origin.x + first, y: origin.y + (numbers[index + 1] as number) };
      points.push(at);
    }
  }
  return points;
}

function middleOf(points: readonly Point[]): Point {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  return { x: (Math.min(...xs) + Math.max(...xs)) / 2, y: (Math.min(...ys) + Math.max(...ys)) / 2 };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
