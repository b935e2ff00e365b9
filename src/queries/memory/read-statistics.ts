import type { ShelfCounts } from './slot-shelf.ts';

/** Questions that can be answered from memory. */
export const MEMORY_QUESTIONS = ['slot', 'availability', 'seats'] as const;
export type MemoryQuestion = (typeof MEMORY_QUESTIONS)[number];

/** How often a layer had what was asked, and how often the next one was needed. Only ever grows. */
export interface LayerCounts {
  hits: number;
  misses: number;
}

export interface ReadStatistics {
  readonly memory: Readonly<Record<MemoryQuestion, Readonly<LayerCounts>>>;
  /** What is in memory, and how much left it. */
  readonly slots: ShelfCounts;
}

export type MemoryCounts = Readonly<Record<MemoryQuestion, LayerCounts>>;

export function newMemoryCounts(): MemoryCounts {
  return { slot: { hits: 0, misses: 0 }, availability: { hits: 0, misses: 0 }, seats: { hits: 0, misses: 0 } };
}
