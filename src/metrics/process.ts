import { type EventLoopUtilization, type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { FactSource, Sample } from './scrape.ts';

/** How often the event loop's delay is looked at, in milliseconds: a hundred times between two scrapes is plenty. */
const DELAY_RESOLUTION_MS = 50;
const NANOSECONDS = 1_000_000_000;
const QUANTILES = [50, 99, 100] as const;

interface ProcessFacts {
  readonly cpu: NodeJS.CpuUsage;
  readonly memory: NodeJS.MemoryUsage;
  /** Since the last scrape: seconds that timers came too late, by quantile. */
  readonly delays: readonly Sample[];
  /** Since the last scrape: the part of the time in which the event loop was busy. */
  readonly utilization: number;
}

/** What tells whether the process itself is at its limits. The names without `holdfast_` are those of Prometheus' client libraries. */
export class ProcessWatch {
  private readonly histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  private before: EventLoopUtilization = performance.eventLoopUtilization();

  constructor() {
    this.histogram.enable();
  }

  stop(): void {
    this.histogram.disable();
  }

  source(): FactSource<ProcessFacts> {
    return {
      name: 'process',
      read: () => this.read(),
      series: [
        {
          kind: 'gauge',
          name: 'process_start_time_seconds',
          help: 'Start of the process in seconds since 1970.',
          of: () => performance.timeOrigin / 1_000,
        },
        {
          kind: 'counter',
          name: 'process_cpu_seconds_total',
          help: 'Processor time that the process has used, in user and system mode.',
          of: ({ cpu }) => (cpu.user + cpu.system) / 1_000_000,
        },
        {
          kind: 'gauge',
          name: 'process_resident_memory_bytes',
          help: 'Memory that the process has from the operating system.',
          of: ({ memory }) => memory.rss,
        },
        {
          kind: 'gauge',
          name: 'nodejs_heap_size_used_bytes',
          help: 'Memory that JavaScript objects take, garbage included.',
          of: ({ memory }) => memory.heapUsed,
        },
        {
          kind: 'gauge',
          name: 'nodejs_external_memory_bytes',
          help: 'Memory outside of the heap that JavaScript objects hold, such as buffers.',
          of: ({ memory }) => memory.external,
        },
        {
          kind: 'gauge',
          name: 'nodejs_eventloop_lag_seconds',
          help: 'By how much the event loop was late, since the scrape before; quantile 1 is the worst.',
          labels: ['quantile'],
          of: ({ delays }) => delays,
        },
        {
          kind: 'gauge',
          name: 'nodejs_eventloop_utilization_ratio',
          help: 'Part of the time in which the event loop was busy, since the scrape before.',
          of: ({ utilization }) => utilization,
        },
      ],
    };
  }

  private read(): ProcessFacts {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.before);
    this.before = now;
    const { histogram } = this;
    // What is measured is the time between two looks, of which the planned part is no delay.
    const delays = histogram.count === 0 ? [] : QUANTILES.map((quantile) => delayAt(histogram, quantile));
    histogram.reset();
    return { cpu: process.cpuUsage(), memory: process.memoryUsage(), delays, utilization };
  }
}

function delayAt(histogram: IntervalHistogram, quantile: number): Sample {
  const seconds = histogram.percentile(quantile) / NANOSECONDS - DELAY_RESOLUTION_MS / 1_000;
  return { labels: { quantile: String(quantile / 100) }, value: Math.max(0, seconds) };
}
