import type { LayerCounts, ReadStatistics } from '../queries/memory/read-statistics.ts';
import type { FactSource, Sample } from './scrape.ts';

/** How reads are answered from this process's memory, and how memory is kept up. */
export interface MemoryFacts {
  readonly reads: ReadStatistics;
  readonly follower: { readonly position: number; readonly isFollowing: boolean; readonly isCurrent: boolean };
}

export function memorySource(read: () => MemoryFacts): FactSource<MemoryFacts> {
  return {
    name: 'memory',
    read,
    series: [
      {
        kind: 'counter',
        name: 'holdfast_reads_total',
        help: 'Questions that a layer was asked, by whether it had the answer (hit) or the next layer was needed (miss).',
        labels: ['layer', 'question', 'outcome'],
        of: ({ reads }) => [
          ...Object.entries(reads.memory).flatMap(([question, counts]) => hitsAndMisses('memory', question, counts)),
          ...(reads.redis === null ? [] : hitsAndMisses('redis', 'slot-rows', reads.redis)),
        ],
      },
      { kind: 'gauge', name: 'holdfast_memory_slots', help: 'Slots in memory.', of: ({ reads }) => reads.slots.slots },
      {
        kind: 'gauge',
        name: 'holdfast_memory_bytes',
        help: 'About how many bytes the slots in memory take, with their answers.',
        of: ({ reads }) => reads.slots.bytes,
      },
      {
        kind: 'counter',
        name: 'holdfast_memory_evicted_slots_total',
        help: 'Slots that left memory to make room for others.',
        of: ({ reads }) => reads.slots.evicted,
      },
      {
        kind: 'counter',
        name: 'holdfast_memory_dropped_slots_total',
        help: 'Slots that left memory because an event could not be folded into them.',
        of: ({ reads }) => reads.slots.dropped,
      },
      {
        kind: 'gauge',
        name: 'holdfast_memory_position',
        help: 'Log position up to which everything is in memory; absent before memory knows where the log is.',
        of: ({ follower }) => (follower.isFollowing ? follower.position : null),
      },
      {
        kind: 'gauge',
        name: 'holdfast_memory_current',
        help: '1 while memory hears from the log; 0 when answers from it may be old, and are marked stale.',
        of: ({ follower }) => (follower.isFollowing && follower.isCurrent ? 1 : 0),
      },
    ],
  };
}

function hitsAndMisses(layer: string, question: string, { hits, misses }: Readonly<LayerCounts>): readonly Sample[] {
  return [
    { labels: { layer, question, outcome: 'hit' }, value: hits },
    { labels: { layer, question, outcome: 'miss' }, value: misses },
  ];
}
