import type { LayoutInput } from '../commands/schemas/layouts.ts';
import type { OpenSlotInput } from '../commands/schemas/slots.ts';

/** No import leaves so many behind half way: an opening has some for its units, and there is one for each reason to block. */
export const MAX_FIRST_EVENTS = 100;

export type NamedSlot = OpenSlotInput & { readonly slotId: string };

/** What became of one step of an import; `present` means that it was there before. */
export type StepResult = { readonly kind: 'done' } | { readonly kind: 'present' } | { readonly kind: 'refused'; readonly reason: string };

/** An event of a slot, its data in the newest form. */
export interface StoredEvent {
  readonly type: string;
  readonly data: unknown;
}

export type FirstEvents =
  | { readonly kind: 'read'; readonly events: readonly StoredEvent[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/**
 * Where an import goes: the data itself, or a running service. Every call may be repeated; it then
 * changes nothing. Refusals are values; a target that cannot be reached, or that is something else, throws.
 */
export interface ImportTarget {
  /** @throws InputError when the layout is refused: without it none of its slots can be opened. */
  defineLayout(layout: LayoutInput): Promise<{ readonly layoutId: string; readonly units: number; readonly created: boolean }>;
  openSlot(slot: NamedSlot): Promise<StepResult>;
  blockUnits(slotId: string, units: readonly string[], reason: string): Promise<StepResult>;
  reopenSlot(slotId: string): Promise<StepResult>;
  /** The first events of a slot, up to MAX_FIRST_EVENTS of them, or why they cannot be had. */
  firstEvents(slotId: string): Promise<FirstEvents>;
  close(): Promise<void>;
}
