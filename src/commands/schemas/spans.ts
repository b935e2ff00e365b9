import { z } from 'zod';
import type { SpanRequest } from '../../domain/axis.ts';
import { instantOf, instantSchema } from './instants.ts';
import { stopIdSchema } from './text.ts';

/** A span in the caller's words. Whether it fits the slot's axis is decided with the slot. */
export const spanSchema = z.union([
  z.strictObject({ fromStop: stopIdSchema, toStop: stopIdSchema }),
  z.strictObject({ from: instantSchema, to: instantSchema }),
]);

export type SpanInput = z.input<typeof spanSchema>;

export function toSpan(input: SpanInput | null | undefined): SpanRequest | null {
  if (input === null || input === undefined) return null;
  return 'fromStop' in input
    ? { fromStop: input.fromStop, toStop: input.toStop }
    : { from: instantOf(input.from), to: instantOf(input.to) };
}
