import type { SeatingPlan } from '../seating-plan.ts';

/** Free quantity of a unit over the wanted span; 0 when it is taken, blocked or withdrawn. */
export type FreeOf = (unitIndex: number) => number;

/** The free stretches of one line. Positions count within the line; in a quantity unit they count its free places. */
export interface LineRuns {
  /** start, end, start, end, …: half open, in order, each as long as it can be. */
  readonly bounds: readonly number[];
  readonly longest: number;
  readonly free: number;
}

/**
 * Remembers the free runs of every line, so that choosing in a large hall looks only at lines that
 * changed. It belongs to one state of occupancy: who owns that state calls `invalidate` for each unit
 * whose occupancy changes, also when a change is taken back.
 */
export interface FreeRuns {
  readonly plan: SeatingPlan;
  invalidate(unitIndex: number): void;
  /** `freeOf` must tell the same state that `invalidate` is called for. */
  ofLine(line: number, freeOf: FreeOf): LineRuns;
}

export function createFreeRuns(plan: SeatingPlan): FreeRuns {
  const known: (LineRuns | undefined)[] = new Array(plan.lines.length).fill(undefined);
  return {
    plan,
    invalidate(unitIndex) {
      const line = plan.lineOf[unitIndex];
      if (line !== undefined && line >= 0) known[line] = undefined;
    },
    ofLine(line, freeOf) {
      const runs = known[line];
      if (runs) return runs;
      const fresh = findRuns(plan, line, freeOf);
      known[line] = fresh;
      return fresh;
    },
  };
}

export const NOTHING_FREE: LineRuns = { bounds: [], longest: 0, free: 0 };

function findRuns(plan: SeatingPlan, lineIndex: number, freeOf: FreeOf): LineRuns {
  const { units, quantity } = plan.lines[lineIndex]!;
  if (quantity) {
    const free = freeOf(units[0]!);
    return free > 0 ? { bounds: [0, free], longest: free, free } : NOTHING_FREE;
  }
  const bounds: number[] = [];
  let longest = 0;
  let free = 0;
  let start = -1;
  for (let position = 0; position <= units.length; position++) {
    const isFree = position < units.length && freeOf(units[position]!) > 0;
    if (isFree && start < 0) start = position;
    if (isFree || start < 0) continue;
    bounds.push(start, position);
    longest = Math.max(longest, position - start);
    free += position - start;
    start = -1;
  }
  return free > 0 ? { bounds, longest, free } : NOTHING_FREE;
}
