import { howItWasLeft } from './half-opened.ts';
import { type ImportTarget, MAX_FIRST_EVENTS, type NamedSlot, type StepResult } from './import-target.ts';
import type { Progress } from './output.ts';

export interface ImportReport {
  readonly opened: number;
  readonly alreadyThere: number;
  readonly refused: readonly { readonly slotId: string; readonly reason: string }[];
  /** Those that an import which ended early has not come to, or knows nothing of. */
  readonly notReached: number;
}

interface ImportOptions<Item> {
  readonly total: number;
  readonly slotIdOf: (item: Item) => string;
  /** May take more steps than the opening itself. */
  readonly open: (item: Item) => Promise<StepResult>;
  readonly progress: Progress;
  /** Aborted by whoever wants the import to end early; aborted here when it cannot go on. */
  readonly stop: AbortController;
}

/** Enough to fill the event store's group appends; more would only wait there. */
const IN_FLIGHT = 16;

/**
 * Opens the slots, several at a time. One that fails, or a wish to stop, ends the import: what is in hand is finished, and
 * no more is taken. `failure` says why there are slots that were not reached; null when it came to the end.
 */
export async function importSlots<Item>(
  items: Iterable<Item>,
  { total, slotIdOf, open, progress, stop }: ImportOptions<Item>,
): Promise<{ readonly report: ImportReport; readonly failure: Error | null }> {
  const refused: { slotId: string; reason: string }[] = [];
  const counts = { opened: 0, alreadyThere: 0 };
  const done = () => counts.opened + counts.alreadyThere + refused.length;
  const iterator = items[Symbol.iterator]();
  let failure: Error | null = null;

  async function work(): Promise<void> {
    while (!stop.signal.aborted) {
      const next = iterator.next();
      if (next.done === true) return;
      try {
        const result = await open(next.value);
        if (result.kind === 'done') counts.opened += 1;
        else if (result.kind === 'present') counts.alreadyThere += 1;
        else refused.push({ slotId: slotIdOf(next.value), reason: result.reason });
      } catch (error) {
        // What fails after the first failure, or after the wish to stop, may have failed for that reason alone.
        if (!stop.signal.aborted) failure = failureOf(slotIdOf(next.value), error);
        stop.abort();
      }
      progress.update(done());
    }
  }

  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  progress.finish();
  const notReached = total - done();
  if (notReached > 0) failure ??= new Error('interrupted; the same command goes on with it');
  return { report: { ...counts, refused, notReached }, failure };
}

function failureOf(slotId: string, error: unknown): Error {
  return new Error(`${slotId}: ${error instanceof Error ? error.message : error}`, { cause: error });
}

/**
 * Opens a slot some of whose units nobody may buy. It is opened closed, so that none of them is on sale before all are
 * blocked. An import that was cut off in between, in whatever way it was run, is made good by the next one; a slot that is
 * on sale, or that somebody has dealt with since, is left alone.
 */
export async function openWithBlocks(
  target: ImportTarget,
  slot: NamedSlot,
  blocked: ReadonlyMap<string, readonly string[]>,
): Promise<StepResult> {
  const opened = await target.openSlot({ ...slot, status: 'CLOSED' });
  if (opened.kind === 'refused') return opened;
  if (opened.kind === 'present') {
    const found = await target.firstEvents(slot.slotId);
    if (found.kind === 'unreadable') {
      return { kind: 'refused', reason: `it is there, and whether an import of it was cut off cannot be told: ${found.reason}` };
    }
    const leaving = found.events.length < MAX_FIRST_EVENTS ? howItWasLeft(found.events, slot, blocked) : 'left-alone';
    if (leaving === 'left-alone') return opened;
    if (leaving === 'other-content') {
      return { kind: 'refused', reason: 'it is there, closed, with other content: block what is not for sale, and reopen it or cancel it' };
    }
  }
  for (const [reason, units] of blocked) {
    const result = await target.blockUnits(slot.slotId, units, reason);
    if (result.kind === 'refused') return { kind: 'refused', reason: `opened, but its units could not be blocked: ${result.reason}` };
  }
  const reopened = await target.reopenSlot(slot.slotId);
  return reopened.kind === 'refused' ? { kind: 'refused', reason: `opened, but left closed: ${reopened.reason}` } : { kind: 'done' };
}
