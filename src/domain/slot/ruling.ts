import type { SlotEvent } from './events.ts';
import type { Refusal } from './refusals.ts';

/** What a rule answers: events (none means that it is so already), or why not. */
export type Ruling =
  | { readonly kind: 'events'; readonly events: readonly SlotEvent[]; readonly bookingId?: string; readonly repeated?: true }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export function refuse(refusal: Refusal): Ruling {
  return { kind: 'refused', refusal };
}

/** Refuses a field of the request body; `pointer` as in RFC 6901. */
export function refuseField(
  kind: 'invalid-input' | 'unknown-unit' | 'in-the-past' | 'span-invalid',
  pointer: string,
  message: string,
): Ruling {
  return { kind: 'refused', refusal: { kind, fault: { pointer, message } } };
}

export function happened(...events: readonly SlotEvent[]): Ruling {
  return { kind: 'events', events };
}
