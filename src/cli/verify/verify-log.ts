import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { EventStore } from '../../eventstore/event-store.ts';
import { LayoutReader } from '../../eventstore/layout-reader.ts';
import { bookings } from '../../projections/bookings/bookings.ts';
import type { LiveBuilds } from '../../projections/builds/live-builds.ts';
import { inventory } from '../../projections/inventory/inventory.ts';
import type { Projection } from '../../projections/projection.ts';
import type { ProjectionRunner } from '../../projections/runner.ts';
import { sales } from '../../projections/sales/sales.ts';
import { type Fault, FaultList } from './faults.ts';
import { formatDigest, type HeadDigest } from './head-digest.ts';
import { checkLogOrder } from './log-order.ts';
import { atOneMoment } from './snapshot.ts';
import type { StreamCounts } from './stream-check.ts';
import { checkStreams } from './stream-order.ts';
import type { ViewPositions } from './view-rows.ts';

export interface VerifyReport {
  readonly verdict: 'clean' | 'faulty';
  /** To keep elsewhere: a later verify that is given it tells whether history up to `position` is still the same. */
  readonly digest: string;
  /** Position of the last event that was checked. */
  readonly position: number;
  readonly since: { readonly digest: string; readonly unchanged: boolean } | null;
  readonly counts: StreamCounts;
  /** The positions at which the read models were compared. */
  readonly views: ViewPositions;
  readonly faultCount: number;
  /** The first ones. */
  readonly faults: readonly Fault[];
  readonly seconds: number;
}

export interface VerifyProgress {
  phase(name: 'views' | 'log' | 'streams', total: number): void;
  /** What it throws ends the check. */
  update(done: number): void;
}

export interface VerifyParts {
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly runner: Pick<ProjectionRunner, 'start' | 'watch' | 'live'>;
}

/** How long the views may stand still before they are taken for stuck, in milliseconds. */
const VIEWS_STALL_MS = 10_000;
const BUILD_LOOK_MS = 20;

/**
 * Checks everything that is stored against everything else: the log's order and chains, the content of
 * every stream, and the read models. Nothing is changed but read models that nobody keeps up to date:
 * they are caught up first, as a service would. May run beside services, on one moment of the database.
 */
export async function verifyLog(
  { pool, store, runner }: VerifyParts,
  options: { readonly since: HeadDigest | null; readonly progress: VerifyProgress; readonly viewsStallMs?: number },
): Promise<VerifyReport> {
  const startedAt = Date.now();
  const { since, progress, viewsStallMs = VIEWS_STALL_MS } = options;
  const faults = new FaultList();
  runner.start();
  await catchUp({ store, runner, faults, progress, viewsStallMs });
  return atOneMoment(pool, async (moment) => {
    const { total } = await moment.one<{ total: number }>('SELECT position::float8 AS total FROM holdfast.log_head');
    progress.phase('log', total);
    const { head, unchanged } = await checkLogOrder(moment, faults, since, (events) => progress.update(events));
    progress.phase('streams', total);
    const shared = { faults, layouts: new LayoutReader(store), live: runner.live };
    const { counts, positions } = await checkStreams(moment, { ...shared, onProgress: ({ events }) => progress.update(events) });
    return {
      verdict: faults.count === 0 ? 'clean' : 'faulty',
      digest: formatDigest(head),
      position: head.position,
      since: since === null || unchanged === null ? null : { digest: formatDigest(since), unchanged },
      counts,
      views: positions,
      faultCount: faults.count,
      faults: faults.kept,
      seconds: (Date.now() - startedAt) / 1_000,
    };
  });
}

/** Waits until the read models have come to where the log is now, for as long as they move on. */
async function catchUp(
  parts: Pick<VerifyParts, 'store' | 'runner'> & {
    readonly faults: FaultList;
    readonly progress: VerifyProgress;
    readonly viewsStallMs: number;
  },
): Promise<void> {
  const { store, runner, faults, progress, viewsStallMs } = parts;
  const head = await store.headPosition();
  progress.phase('views', head);
  for (const projection of [inventory, bookings, sales]) {
    await firstBuild(runner.live, projection, viewsStallMs);
    let reached = -1;
    for (;;) {
      const wait = await runner.watch.waitFor(projection, head, viewsStallMs);
      progress.update(wait.position);
      if (wait.reached) break;
      if (wait.position <= reached) {
        faults.add('views-behind', projection.name, `stands at position ${wait.position} and does not move on, the log is at ${head}`);
        break;
      }
      reached = wait.position;
    }
  }
}

/** Nobody has made the read models of data that no service has served yet: the runner does, in a moment. */
async function firstBuild(live: LiveBuilds, projection: Projection, boundMs: number): Promise<void> {
  const deadline = performance.now() + boundMs;
  while (live.peek(projection) === null && performance.now() < deadline) {
    await live.refresh();
    if (live.peek(projection) === null) await pause(BUILD_LOOK_MS);
  }
}
