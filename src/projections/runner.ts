import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { EventStore } from '../eventstore/event-store.ts';
import { parsedFeedOf, type ReadParsedFeed } from '../eventstore/parsed-feed.ts';
import { BuildLoop, type LoopParts } from './build-loop.ts';
import type { BuildId } from './builds/build.ts';
import { isFit } from './builds/compare.ts';
import { LiveBuilds, readableBuild } from './builds/live-builds.ts';
import { BuildOperations, BuildRefusedError } from './builds/operations.ts';
import { lagOf } from './builds/overview.ts';
import { announceReader, forgetReader, retireUnread } from './builds/readers.ts';
import { type BuildRecord, ensureBuilds, readBuilds } from './builds/registry.ts';
import type { LoopState, RunnerLog } from './loop-state.ts';
import { Pause } from './pause.ts';
import { createPositionWatch, type PositionWatch } from './position-watch.ts';
import type { ProjectionRelease } from './projection.ts';

/** How long a stop waits for the batches in hand, in milliseconds: a full batch takes a fraction of it. */
const STOP_BOUND_MS = 5_000;
/** How often builds and pointers are looked at, and how often this instance says what it reads, in milliseconds. */
const LOOK_MS = 250;
const ANNOUNCE_MS = 5_000;

/** How far the build is that is read of a projection. */
export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  readonly build: number | null;
  readonly state: LoopState;
  /** The log position that the build has reached, whichever process runs it; null when the database does not answer. */
  readonly position: number | null;
  /** Events and seconds by which it is behind the log; null when the log or the database does not answer. */
  readonly lagEvents: number | null;
  readonly lagSeconds: number | null;
}

export interface ProjectionRunner {
  start(): void;
  /** Finishes the batches in hand and lets other processes take over; resolves within a few seconds. */
  stop(): Promise<void>;
  /** Of each projection the build that is read. */
  status(): Promise<readonly ProjectionStatus[]>;
  /** Knows at once what this runner has committed. */
  readonly watch: PositionWatch;
  /** Follows the switch from one build to the next while the runner runs. */
  readonly live: LiveBuilds;
}

/**
 * Keeps read models up to date from the log: the live build of each projection, those that are on
 * their way to take its place, and the one before it while somebody still reads it. Any number of
 * processes may run it on one database: each build is in the hands of one of them, and taken over by
 * another when that one dies. Each build keeps one connection of the pool for itself.
 */
export function createProjectionRunner(parts: {
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly projections: readonly ProjectionRelease[];
  readonly log: RunnerLog;
  /** How builds are filled; by the store's plain feed unless it has a faster one. */
  readonly readParsedFeed?: ReadParsedFeed;
  /** Most events of a transaction in which a build is filled: what it loses when its process dies. */
  readonly loadBatchEvents?: number;
}): ProjectionRunner {
  const { pool, store, projections, log, loadBatchEvents } = parts;
  const live = new LiveBuilds(pool, projections);
  const watch = createPositionWatch(pool, live);
  const readParsedFeed = parts.readParsedFeed ?? parsedFeedOf(store);
  const supervisor = new Supervisor({ pool, store, readParsedFeed, loadBatchEvents, live, watch, log }, projections);
  let stopListening: () => void = () => undefined;
  return {
    watch,
    live,
    start() {
      const stops = [store.onAppended(() => supervisor.wakeLoops()), watch.onWaiting(() => supervisor.hurryLoops())];
      stopListening = () => {
        for (const stop of stops) stop();
      };
      supervisor.start();
    },
    async stop() {
      stopListening();
      await supervisor.stop();
    },
    status: () => Promise.all(projections.map((release) => statusOf(release, { supervisor, live, pool, store }))),
  };
}

/** Starts and stops a loop for each build that is to be kept up to date. */
class Supervisor {
  /** Why it cannot look at the builds; null while it can. */
  trouble: string | null = null;
  running = false;
  private readonly parts: LoopParts;
  private readonly releases: readonly ProjectionRelease[];
  private readonly loops = new Map<string, BuildLoop>();
  private readonly instance = randomUUID();
  private readonly pause = new Pause();
  private announcedAt = Number.NEGATIVE_INFINITY;
  private ensured = false;
  private ended: Promise<void> = Promise.resolve();

  constructor(parts: LoopParts, releases: readonly ProjectionRelease[]) {
    this.parts = parts;
    this.releases = releases;
    parts.live.onSwitch(() => {
      this.announcedAt = Number.NEGATIVE_INFINITY;
    });
  }

  start(): void {
    this.running = true;
    this.ended = this.run();
  }

  async stop(): Promise<void> {
    const wasRunning = this.running;
    this.running = false;
    this.pause.wake();
    await this.ended;
    await Promise.all([...this.loops.values()].map((loop) => loop.stop(STOP_BOUND_MS)));
    if (wasRunning && this.announcedAt > Number.NEGATIVE_INFINITY)
      await forgetReader(this.parts.pool, this.instance).catch(() => undefined);
  }

  wakeLoops(): void {
    for (const loop of this.loops.values()) loop.wake();
  }

  hurryLoops(): void {
    for (const loop of this.loops.values()) loop.hurry();
  }

  stateOf({ name, build }: BuildId): LoopState | null {
    return this.loops.get(`${name}/${build}`)?.state ?? null;
  }

  private async run(): Promise<void> {
    while (this.running) {
      try {
        await this.look();
        this.trouble = null;
      } catch (error) {
        this.trouble = error instanceof Error ? error.message : String(error);
        this.parts.log.warn({ err: error }, 'the builds of projections cannot be looked at, trying again');
      }
      if (this.running) await this.pause.sleep(LOOK_MS);
    }
  }

  private async look(): Promise<void> {
    const { pool, live } = this.parts;
    if (!this.ensured) {
      for (const { name, version } of await ensureBuilds(pool, this.releases)) {
        const word = `holdfast projections rebuild ${name} --switch`;
        this.parts.log.warn({ projection: name, version }, `an older build is read, since somebody went back to it: ${word} goes over`);
      }
      this.ensured = true;
    }
    await live.refresh();
    if (performance.now() - this.announcedAt > ANNOUNCE_MS) {
      const at = performance.now();
      await announceReader(pool, this.instance, live.all());
      this.announcedAt = at;
      await retireUnread(pool);
    }
    const builds = await readBuilds(pool);
    for (const record of builds) this.keepUp(record);
    for (const [id, loop] of this.loops) {
      if (builds.some(({ name, build, state }) => `${name}/${build}` === id && state !== 'retired')) continue;
      this.loops.delete(id);
      await loop.stop(STOP_BOUND_MS);
    }
    for (const record of builds) if (isToBeSwitched(record)) await this.switchTo(record);
  }

  private keepUp(record: BuildRecord): void {
    const { name, build, version, state } = record;
    const found = this.loops.get(`${name}/${build}`);
    // A build can be let go of and taken up again between two looks.
    const known = found?.isOver ? undefined : found;
    if (known !== undefined) known.known(record);
    const projection = this.releases
      .flatMap(({ current, previous }) => (previous === undefined ? [current] : [current, previous]))
      .find((one) => one.name === name && one.version === version);
    if (known !== undefined || projection === undefined || state === 'retired' || !this.running) return;
    const loop = new BuildLoop(readableBuild({ name, build }, projection), this.parts);
    this.loops.set(`${name}/${build}`, loop);
    loop.start();
  }

  private async switchTo({ name, build }: BuildRecord): Promise<void> {
    try {
      await new BuildOperations(this.parts.pool, this.releases).switchTo(name, 'runner', { build });
      this.parts.log.info({ projection: name, build }, 'another build is read from now on');
    } catch (error) {
      if (!(error instanceof BuildRefusedError)) throw error;
      this.parts.log.warn({ projection: name, build, reason: error.message }, 'the build cannot take its place yet');
    }
  }
}

function isToBeSwitched({ live, state, switchWhenCompared, comparison, failure }: BuildRecord): boolean {
  return !live && state === 'caught-up' && switchWhenCompared && isFit(comparison) && failure === null;
}

async function statusOf(
  { current }: ProjectionRelease,
  parts: { readonly supervisor: Supervisor; readonly live: LiveBuilds; readonly pool: pg.Pool; readonly store: EventStore },
): Promise<ProjectionStatus> {
  const { supervisor, live, pool, store } = parts;
  const build = live.peek(current);
  const identity = { name: current.name, version: build?.projection.version ?? current.version, build: build?.build ?? null };
  const own = build === null ? null : supervisor.stateOf(build);
  const trouble: LoopState | null = supervisor.trouble === null ? null : { kind: 'retrying', error: supervisor.trouble };
  const state = !supervisor.running ? ({ kind: 'stopped' } as const) : (own ?? trouble ?? ({ kind: 'standby' } as const));
  try {
    const isRead = (one: BuildRecord) => one.name === current.name && (build === null ? one.live : one.build === build.build);
    const { position } = (await readBuilds(pool)).find(isRead) ?? { position: 0 };
    return { ...identity, state, position, ...(await lagOf(store, position)) };
  } catch {
    // The state already tells what is wrong; the status itself must answer.
    return { ...identity, state, position: null, lagEvents: null, lagSeconds: null };
  }
}
