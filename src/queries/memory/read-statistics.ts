import type { ShelfCounts } from './slot-shelf.ts';

/** Questions that can be answered from memory. */
export const MEMORY_QUESTIONS = ['slot', 'availability', 'seats'] as const;
export type MemoryQuestion = (typeof MEMORY_QUESTIONS)[number];

/** How often a layer had what was asked, and how often the next one was needed. Only ever grows. */
export interface LayerCounts {
  hits: number;
  misses: number;
}

/** What became of looking in Redis for slots that are not in memory. Counts only ever grow. */
export interface RedisStatistics extends Readonly<LayerCounts> {
  /** Misses and hits that first waited for what another process was bringing. */
  readonly waited: number;
  /** Commands that failed or were not answered in time. */
  readonly failures: number;
  readonly connected: boolean;
  /** Anything but closed: Redis is left alone, and looked at again soon. */
  readonly breaker: 'closed' | 'open' | 'half-open';
  /** The log position that Redis had reached when it was asked last; null before. */
  readonly position: number | null;
}

export interface ReadStatistics {
  readonly memory: Readonly<Record<MemoryQuestion, Readonly<LayerCounts>>>;
  /** What is in memory, and how much left it. */
  readonly slots: ShelfCounts;
  /** Null when there is no Redis. */
  readonly redis: RedisStatistics | null;
}

export type MemoryCounts = Readonly<Record<MemoryQuestion, LayerCounts>>;

export function newMemoryCounts(): MemoryCounts {
  return { slot: { hits: 0, misses: 0 }, availability: { hits: 0, misses: 0 }, seats: { hits: 0, misses: 0 } };
}
