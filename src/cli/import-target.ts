import type { LayoutInput } from '../commands/schemas/layouts.ts';
import type { OpenSlotInput } from '../commands/schemas/slots.ts';

export type NamedSlot = OpenSlotInput & { readonly slotId: string };

/**
 * What became of one step of an import. `present` means that it was there before; `recent` that the
 * service still remembers the import that did it, so that steps after it may be made good.
 */
export type StepResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'present'; readonly recent: boolean }
  | { readonly kind: 'refused'; readonly reason: string };

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
  close(): Promise<void>;
}
