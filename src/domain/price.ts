import type { Span } from './span.ts';
import type { PriceBasis } from './unit.ts';

const HOUR = 3_600_000;
const DAY = 86_400_000;

/**
 * How often the price of a basis is due over a span: once per claim, once per stop travelled, once
 * per started hour, once per started day of 24 hours from the start of the span.
 */
export function priceSteps(basis: PriceBasis | undefined, span: Span): number {
  const length = span.to - span.from;
  switch (basis) {
    case undefined:
    case 'claim':
      return 1;
    case 'stop':
      return length;
    case 'hour':
      return Math.ceil(length / HOUR);
    case 'day':
      return Math.ceil(length / DAY);
  }
}
