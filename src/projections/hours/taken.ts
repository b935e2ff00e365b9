import type { Profile } from '../../domain/profile.ts';
import type { Span } from '../../domain/span.ts';

/**
 * How much of a unit is taken over time: steps of an instant (epoch milliseconds), what bookings take
 * from there on and what blocks do, each in force until the next. Nothing before the first; the last
 * one takes nothing. Parts of a sum, so they may be negative.
 */
export type Taken = readonly (readonly [at: number, booked: number, blocked: number])[];

export interface Piece extends Span {
  readonly booked: number;
  readonly blocked: number;
}

export const NOTHING: Taken = [];

export function withPiece(taken: Taken, piece: Piece): Taken {
  if (piece.from >= piece.to) return taken;
  const steps = splitAt(splitAt(taken, piece.from), piece.to).map((step) => {
    const [at, booked, blocked] = step;
    return at >= piece.from && at < piece.to ? ([at, booked + piece.booked, blocked + piece.blocked] as const) : step;
  });
  return merged(steps);
}

/** Where anything is taken. */
export function piecesOf(taken: Taken): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const [index, [from, booked, blocked]] of taken.entries()) {
    const to = taken[index + 1]?.[0];
    if (to !== undefined && (booked !== 0 || blocked !== 0)) pieces.push({ from, to, booked, blocked });
  }
  return pieces;
}

/** The part of the piece that lies in the span; empty when they do not touch. */
export function clipped(piece: Piece, span: Span): Piece {
  return { ...piece, from: Math.max(piece.from, span.from), to: Math.min(piece.to, span.to) };
}

/** Several parts as one, as far as they lie in the span. */
export function sumOver(parts: readonly (Taken | undefined)[], span: Span): Taken {
  let sum = NOTHING;
  for (const part of parts) for (const piece of piecesOf(part ?? NOTHING)) sum = withPiece(sum, clipped(piece, span));
  return sum;
}

export function withoutBlocks(taken: Taken): Taken {
  return merged(taken.map(([at, booked]) => [at, booked, 0] as const));
}

/** As collisions are checked with. */
export function profileOf(taken: Taken): Profile {
  return taken.map(([at, booked, blocked]) => ({ at, held: 0, sold: booked, blocked }));
}

function splitAt(taken: Taken, at: number): Taken {
  const index = taken.findIndex((step) => step[0] >= at);
  if (index >= 0 && taken[index]?.[0] === at) return taken;
  const before = index < 0 ? taken.length : index;
  const [, booked, blocked] = taken[before - 1] ?? [at, 0, 0];
  return [...taken.slice(0, before), [at, booked, blocked], ...taken.slice(before)];
}

function merged(steps: Taken): Taken {
  return steps.filter(([, booked, blocked], index) => {
    const [, bookedBefore, blockedBefore] = steps[index - 1] ?? [0, 0, 0];
    return booked !== bookedBefore || blocked !== blockedBefore;
  });
}
