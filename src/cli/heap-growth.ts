import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';

/**
 * Bytes that the old generation may take before it is collected, however much of it is in use. With room for the young
 * (128 MB) and the program (some 120) it makes some 780 MB; with half of it to grow by, collections are half as many as with 384 MiB.
 */
const HEAP_BYTES = 512 * 1024 * 1024;
/** It may always grow by so much of what is in use, or collecting would be all that is done. */
const LEAST_SHARE = 0.25;
/** How far V8 lets it grow at most, by its own judgement as well. */
const MOST_SHARE = 3;

/** A process's memory in bytes, as V8 goes by it. */
export interface HeapSizes {
  /** Of the old generation, after a full collection. */
  readonly inUse: number;
  /** What the young generation has room for. */
  readonly young: number;
  /** What the heap may take at most, whatever happens. */
  readonly limit: number;
}

/**
 * Keeps V8 from letting the heap grow to a multiple of what is in use where that is much already. With a few hundred
 * megabytes in use it would take more than a gigabyte before it collected any of it; with little it is left alone,
 * since collecting more often costs processor time.
 *
 * Of the whole process. How far the heap may grow V8 settles at the end of each full collection, when nobody can tell it
 * yet what is in use. So it is told once that it may always grow as far as it ever does; and after each collection, how much
 * of that is to be used before the next one begins, which it looks up whenever it makes room.
 */
export function boundHeapGrowth(heapBytes = HEAP_BYTES): void {
  setFlagsFromString(`--heap-growing-percent=${MOST_SHARE * 100}`);
  const observer = new PerformanceObserver((list) => {
    if (!list.getEntries().some(isFullCollection)) return;
    setFlagsFromString(`--incremental-marking-hard-trigger=${beginningPercent(heapBytes, heapSizes())}`);
  });
  observer.observe({ entryTypes: ['gc'] });
}

/**
 * When V8 is to begin its next full collection.
 *
 * @param heapBytes that the heap may take before that.
 * @returns percent of the growth that V8 allows the heap; 0 stands for V8's own judgement.
 */
export function beginningPercent(heapBytes: number, { inUse, young, limit }: HeapSizes): number {
  // As V8 works it out: with room for all that is young to move in, and not beyond half of what is left.
  const allowed = Math.min(inUse * (1 + MOST_SHARE) + young, (inUse + limit) / 2) - inUse;
  const wanted = Math.max(heapBytes - inUse, inUse * LEAST_SHARE);
  // By itself it begins as soon as there is room for no more than the young.
  if (wanted >= allowed - young) return 0;
  return Math.max(1, Math.floor((wanted / allowed) * 100));
}

function isFullCollection(entry: PerformanceEntry): boolean {
  return (entry as PerformanceEntry & { readonly detail: { readonly kind: number } }).detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}

function heapSizes(): HeapSizes {
  let inUse = 0;
  let young = 0;
  for (const { space_name, space_size, space_used_size } of getHeapSpaceStatistics()) {
    // One half of it is empty until the next move.
    if (space_name === 'new_space') young = space_size / 2;
    else if (!space_name.startsWith('new_')) inUse += space_used_size;
  }
  return { inUse, young, limit: getHeapStatistics().heap_size_limit };
}
