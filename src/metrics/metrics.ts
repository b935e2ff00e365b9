import type pg from 'pg';
import { RequestMeter } from '../http/request-meter.ts';
import type { LiveStatistics } from '../queries/live/live-maps.ts';
import type { ProjectionAdmin } from '../queries/projection-admin.ts';
import { engineSource, type WriteQueues } from './engine.ts';
import type { EngineCounts } from './engine-counts.ts';
import { liveSource } from './live.ts';
import { ProcessWatch } from './process.ts';
import { projectionSource } from './projections.ts';
import { type MemoryFacts, memorySource } from './reads.ts';
import { redisSource } from './redis.ts';
import { RequestDurations } from './request-durations.ts';
import { type FactSource, Scrape } from './scrape.ts';

/** The metrics of one service. */
export interface Metrics {
  readonly requests: RequestMeter;
  readonly contentType: string;
  text(): Promise<string>;
  /** Ends what measures by itself. */
  stop(): void;
}

export function createMetrics(parts: {
  readonly projections: ProjectionAdmin;
  readonly headPosition: () => Promise<number>;
  readonly counts: EngineCounts;
  readonly queues: () => WriteQueues;
  readonly memory: () => MemoryFacts;
  readonly live: () => LiveStatistics;
  /** Connections of the read models' database. */
  readonly pool: pg.Pool;
}): Metrics {
  const scrape = new Scrape();
  const requests = new RequestMeter();
  const watch = new ProcessWatch();
  new RequestDurations(requests, scrape.registry);
  scrape.add(inFlightSource(requests));
  scrape.add(logSource(parts.headPosition));
  scrape.add(projectionSource(parts.projections));
  scrape.add(memorySource(parts.memory));
  scrape.add(redisSource(() => parts.memory().reads.redis));
  scrape.add(liveSource(parts.live));
  scrape.add(engineSource(parts.counts, parts.queues));
  scrape.add(connectionSource(parts.pool));
  scrape.add(watch.source());
  return { requests, contentType: scrape.contentType, text: () => scrape.text(), stop: () => watch.stop() };
}

function inFlightSource(requests: RequestMeter): FactSource<RequestMeter> {
  return {
    name: 'requests',
    read: () => requests,
    series: [
      {
        kind: 'gauge',
        name: 'holdfast_http_requests_in_flight',
        help: 'Requests that have been taken up and not answered yet.',
        of: ({ routes }) => [...routes].reduce((sum, { inFlight }) => sum + inFlight, 0),
      },
    ],
  };
}

function logSource(headPosition: () => Promise<number>): FactSource<number> {
  return {
    name: 'event-log',
    read: headPosition,
    series: [{ kind: 'gauge', name: 'holdfast_log_position', help: 'Position of the last event of the log.', of: (position) => position }],
  };
}

function connectionSource(pool: pg.Pool): FactSource<pg.Pool> {
  return {
    name: 'connections',
    read: () => pool,
    series: [
      {
        kind: 'gauge',
        name: 'holdfast_view_connections',
        help: 'Connections to the database of the read models, busy or idle.',
        labels: ['state'],
        of: ({ totalCount, idleCount }) => [
          { labels: { state: 'busy' }, value: totalCount - idleCount },
          { labels: { state: 'idle' }, value: idleCount },
        ],
      },
      {
        kind: 'gauge',
        name: 'holdfast_view_connections_limit',
        help: 'The most connections there can be to the database of the read models.',
        of: ({ options }) => options.max,
      },
      {
        kind: 'gauge',
        name: 'holdfast_view_connections_awaited',
        help: 'Questions that wait for a connection to the database of the read models.',
        of: ({ waitingCount }) => waitingCount,
      },
    ],
  };
}
