import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Bytes that the old generation may take before it is collected, however much of it is in use: beside room for the young and the program it makes some 900 MiB. */
const HEAP_BYTES = 640 * 1024 * 1024;
/** It may always grow by so many percent of what is in use, or collecting would be all that is done. */
const LEAST_PERCENT = 25;
/** V8 itself lets it grow by no more than that: from here on its own judgement is as good. */
const MOST_PERCENT = 300;

/**
 * Keeps V8 from letting the heap grow to a multiple of what is in use where that is much already. With a few hundred
 * megabytes in use it would take more than a gigabyte before it collected any of it; with little it is left alone,
 * since collecting more often costs processor time.
 *
 * Of the whole process; V8 reads `heap_growing_percent` at the end of each full collection.
 */
export function boundHeapGrowth(heapBytes = HEAP_BYTES): void {
  const observer = new PerformanceObserver((list) => {
    if (list.getEntries().some(isFullCollection)) setGrowth(heapBytes);
  });
  observer.observe({ entryTypes: ['gc'] });
}

function isFullCollection(entry: PerformanceEntry): boolean {
  return (entry as PerformanceEntry & { readonly detail: { readonly kind: number } }).detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}

function setGrowth(heapBytes: number): void {
  const percent = Math.floor((heapBytes / oldBytes() - 1) * 100);
  // 0 stands for V8's own judgement.
  setFlagsFromString(`--heap-growing-percent=${percent > MOST_PERCENT ? 0 : Math.max(LEAST_PERCENT, percent)}`);
}

function oldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name }) => !space_name.startsWith('new_'))
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0);
}
