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
    setFlagsFromString(`--heap-growing-percent=${growingPercent(heapBytes, before, inUse)}`);
    before = inUse;
  });
  observer.observe({ entryTypes: ['gc'] });
}

/**
 * What V8 is told after a full collection.
 *
 * @param heapBytes that the heap may take before it is collected.
 * @param before bytes in use after the collection before; 0 if this was the first.
 * @param inUse bytes in use now.
 * @returns percent of what will be in use by which the heap may grow; 0 stands for V8's own judgement.
 */
export function growingPercent(heapBytes: number, before: number, inUse: number): number {
  const foreseen = inUse * Math.min(MOST_FORESEEN, Math.max(1, inUse / before));
  const percent = Math.floor((heapBytes / foreseen - 1) * 100);
  return percent > MOST_PERCENT ? 0 : Math.max(LEAST_PERCENT, percent);
}

function isFullCollection(entry: PerformanceEntry): boolean {
  return (entry as PerformanceEntry & { readonly detail: { readonly kind: number } }).detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}

function oldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name }) => !space_name.startsWith('new_'))
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0);
}
