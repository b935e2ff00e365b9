import type { FieldFault } from '../../domain/slot/refusals.ts';
import { MAX_FAULTS } from './faults.ts';

/** A command made from valid input; or the faults that only show when fields are held against each other. */
export type Mapped<Value> =
  | { readonly kind: 'mapped'; readonly value: Value }
  | { readonly kind: 'faulty'; readonly faults: readonly FieldFault[] };

/** @param faults at most MAX_FAULTS of them are told. */
export function mapped<Value>(faults: readonly FieldFault[], value: () => Value): Mapped<Value> {
  return faults.length === 0 ? { kind: 'mapped', value: value() } : { kind: 'faulty', faults: faults.slice(0, MAX_FAULTS) };
}

/** One fault for each id that was named before. */
export function duplicateFaults(ids: readonly string[], pointer: (index: number) => string): readonly FieldFault[] {
  const seen = new Set<string>();
  const faults: FieldFault[] = [];
  for (const [index, id] of ids.entries()) {
    if (seen.has(id)) faults.push({ pointer: pointer(index), message: `names ${JSON.stringify(id)} a second time` });
    seen.add(id);
    if (faults.length === MAX_FAULTS) break;
  }
  return faults;
}

/** A fault when the value would take more bytes in an event than there is room for. */
export function sizeFaults(value: unknown, maximumBytes: number, pointer: string): readonly FieldFault[] {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  return bytes > maximumBytes ? [{ pointer, message: `must be at most ${maximumBytes} bytes of JSON, got ${bytes}` }] : [];
}

/** Both instants, the second later than the first; nothing to say when one is not set. */
export function orderFaults(first: number | null, second: number | null, pointer: string, firstName: string): readonly FieldFault[] {
  return first !== null && second !== null && second <= first ? [{ pointer, message: `must be later than ${firstName}` }] : [];
}
