import type { Allocation, AllocationRequest } from '../../src/domain/slot/allocation.ts';
import type { OrphanPolicy } from '../../src/domain/slot/events.ts';
import type { Unit } from '../../src/domain/unit.ts';

type Units = readonly (Unit | undefined)[];
type Focus = { readonly x: number; readonly y: number } | undefined;

/** How many of each unit, by unit index. */
type Choice = readonly number[];

/**
 * The best choice found by trying every one, from the units themselves and the written order of
 * preferences alone. Units of one row must be declared together. Only for halls of a dozen units.
 */
export function bestByTrying(
  units: Units,
  free: readonly number[],
  request: AllocationRequest,
  policy: OrphanPolicy,
  focus: Focus,
): Allocation {
  const far = distancesOf(units, focus);
  const suited = choices(units, free, request);
  if (suited.length === 0) return { kind: 'sold-out' };
  const rated = suited
    .map((choice) => ({ choice, groups: groupsOf(units, choice), orphans: orphansOf(units, free, choice), distance: sum(far, choice) }))
    .filter(({ groups }) => request.adjacent !== true || groups === 1);
  if (rated.length === 0) return { kind: 'not-adjacent' };
  rated.sort(
    (a, b) =>
      (request.adjacent === false ? 0 : a.groups - b.groups) ||
      (policy === 'allow' ? 0 : a.orphans.length - b.orphans.length) ||
      a.distance - b.distance ||
      inDeclaredOrder(a.choice, b.choice),
  );
  const best = policy === 'forbid' ? rated.find(({ orphans }) => orphans.length === 0) : rated[0]!;
  if (!best) return { kind: 'would-leave-orphan', orphans: rated[0]!.orphans };
  const taken = best.choice.flatMap((quantity, index) => (quantity > 0 ? [{ index, quantity }] : []));
  return { kind: 'allocated', units: taken, adjacent: best.groups === 1 };
}

function choices(units: Units, free: readonly number[], request: AllocationRequest): Choice[] {
  const found: Choice[] = [];
  const extend = (choice: number[], left: number, accessible: number) => {
    const unit = units[choice.length];
    if (choice.length === units.length) {
      if (left === 0 && accessible === request.accessible) found.push(choice);
      return;
    }
    const suits = unit && (request.category === null || unit.category === request.category);
    const most = suits ? Math.min(left, free[choice.length]!) : 0;
    for (let quantity = 0; quantity <= most; quantity++) {
      extend([...choice, quantity], left - quantity, accessible + (unit?.accessible ? quantity : 0));
    }
  };
  extend([], request.quantity, 0);
  return found;
}

function neighbours(units: Units, index: number): boolean {
  const [left, right] = [units[index], units[index + 1]];
  if (!left || !right || left.row === undefined || left.row !== right.row) return false;
  return !left.gapAfter && left.capacity === undefined && right.capacity === undefined;
}

function groupsOf(units: Units, choice: Choice): number {
  return choice.filter((quantity, index) => quantity > 0 && !(index > 0 && choice[index - 1]! > 0 && neighbours(units, index - 1))).length;
}

function orphansOf(units: Units, free: readonly number[], choice: Choice): number[] {
  const company = (index: number, isFree: (at: number) => boolean) =>
    (neighbours(units, index) && isFree(index + 1)) || (index > 0 && neighbours(units, index - 1) && isFree(index - 1));
  const before = (at: number) => free[at]! > 0;
  const after = (at: number) => free[at]! > choice[at]!;
  return units.flatMap((unit, index) =>
    unit?.capacity === undefined && after(index) && company(index, before) && !company(index, after) ? [index] : [],
  );
}

function distancesOf(units: Units, focus: Focus): number[] {
  if (focus) {
    const ways = units.map((unit) => (unit ? Math.sqrt((unit.x! - focus.x) ** 2 + (unit.y! - focus.y) ** 2) : 0));
    const farthest = Math.max(...ways);
    return ways.map((way) => (farthest === 0 ? 0 : Math.round((way / farthest) * 65_536)));
  }
  let before = 0;
  return units.map((unit, index) => {
    if (!unit) return 0;
    const row = unit.row === undefined ? [index] : units.flatMap((other, at) => (other?.row === unit.row ? [at] : []));
    if (row[0] === index && index > 0) before = units.slice(0, index).filter(Boolean).length;
    return before + Math.abs(2 * row.indexOf(index) - (row.length - 1));
  });
}

function sum(distances: readonly number[], choice: Choice): number {
  return choice.reduce((total, quantity, index) => total + quantity * distances[index]!, 0);
}

/** The choice that takes more of the first unit in which they differ comes first. */
function inDeclaredOrder(a: Choice, b: Choice): number {
  const differs = a.findIndex((quantity, index) => quantity !== b[index]);
  return differs < 0 ? 0 : b[differs]! - a[differs]!;
}
