/**
 * A half-open interval `from ≤ x < to` on a slot's axis.
 *
 * The unit of measure belongs to the axis: `whole` has the one span 0..1, `stops` counts stop
 * indexes, `time` counts milliseconds since the Unix epoch (UTC).
 */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The only span of the `whole` axis. */
export const WHOLE: Span = Object.freeze({ from: 0, to: 1 });

/** Two half-open spans collide when they share at least one point; touching ends do not collide. */
export function overlaps(a: Span, b: Span): boolean {
  return a.from < b.to && b.from < a.to;
}
