import type { ImportTarget, NamedSlot, StepResult } from './import-target.ts';
import { startProgress } from './output.ts';

export interface ImportReport {
  readonly opened: number;
  readonly alreadyThere: number;
  readonly refused: readonly { readonly slotId: string; readonly reason: string }[];
}

/** Enough to fill the event store's group appends; more would only wait there. */
const IN_FLIGHT = 16;

/** Opens the slots, several at a time, with progress on stderr. `open` may take more steps than the opening itself. */
export async function importSlots<Item>(
  items: Iterable<Item>,
  options: { readonly total: number; readonly slotIdOf: (item: Item) => string; readonly open: (item: Item) => Promise<StepResult> },
): Promise<ImportReport> {
  const progress = startProgress('slots', { total: options.total });
  const refused: { slotId: string; reason: string }[] = [];
  const counts = { opened: 0, alreadyThere: 0 };
  const iterator = items[Symbol.iterator]();

  async function work(): Promise<void> {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      const result = await options.open(next.value);
      if (result.kind === 'done') counts.opened += 1;
      else if (result.kind === 'present') counts.alreadyThere += 1;
      else refused.push({ slotId: options.slotIdOf(next.value), reason: result.reason });
      progress.update(counts.opened + counts.alreadyThere + refused.length);
    }
  }

  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  progress.finish();
  return { ...counts, refused };
}

/**
 * Opens a slot some of whose units nobody may buy. It is opened closed, so that none of them is on
 * sale before all are blocked; an import that was cut off in between is made good by the next one.
 */
export async function openWithBlocks(
  target: ImportTarget,
  slot: NamedSlot,
  blocked: ReadonlyMap<string, readonly string[]>,
): Promise<StepResult> {
  const opened = await target.openSlot({ ...slot, status: 'CLOSED' });
  if (opened.kind === 'refused' || (opened.kind === 'present' && !opened.recent)) return opened;
  for (const [reason, units] of blocked) {
    const result = await target.blockUnits(slot.slotId, units, reason);
    if (result.kind === 'refused') return { kind: 'refused', reason: `opened, but its units could not be blocked: ${result.reason}` };
  }
  const reopened = await target.reopenSlot(slot.slotId);
  return reopened.kind === 'refused' ? { kind: 'refused', reason: `opened, but left closed: ${reopened.reason}` } : opened;
}
