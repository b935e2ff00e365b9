import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * Bytes that the old generation may take before it is collected, however much of it is in use. The pages that it stands
 * on take some 200 MB more, since what is in use is scattered; with those, room for the young and the program it makes some 900 MiB.
 */
const HEAP_BYTES = 384 * 1024 * 1024;
/** It may always grow by so many percent of what is in use, or collecting would be all that is done. */
const LEAST_PERCENT = 25;
/** V8 itself lets it grow by no more than that: from here on its own judgement is as good. */
const MOST_PERCENT = 300;
/** What is set after one collection holds for the growth behind the next one, when as many times as much may be in use. */
const MOST_FORESEEN = 2;

/**
 * Keeps V8 from letting the heap grow to a multiple of what is in use where that is much already. With a few hundred
 * megabytes in use it would take more than a gigabyte before it collected any of it; with little it is left alone,
 * since collecting more often costs processor time.
 *
 * Of the whole process; V8 reads `heap_growing_percent` at the end of each full collection.
 */
export function boundHeapGrowth(heapBytes = HEAP_BYTES): void {
  let before = 0;
  const observer = new PerformanceObserver((list) => {
    if (!list.getEntries().some(isFullCollection)) return;
    const inUse = oldBytes();
    setGrowth(heapBytes / foreseen(before, inUse));
    before = inUse;
  });
  observer.observe({ entryTypes: ['gc'] });
}

/** Bytes in use after the next collection, if it goes on like this. */
function foreseen(before: number, inUse: number): number {
  return inUse * Math.min(MOST_FORESEEN, Math.max(1, inUse / before));
}

function isFullCollection(entry: PerformanceEntry): boolean {
  return (entry as PerformanceEntry & { readonly detail: { readonly kind: number } }).detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}

/** @param times as much as what is in use that the heap may take. */
function setGrowth(times: number): void {
  const percent = Math.floor((times - 1) * 100);
  // 0 stands for V8's own judgement.
  setFlagsFromString(`--heap-growing-percent=${percent > MOST_PERCENT ? 0 : Math.max(LEAST_PERCENT, percent)}`);
}

function oldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name }) => !space_name.startsWith('new_'))
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0);
}
