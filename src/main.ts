import pg from 'pg';
import { pino } from 'pino';
import { type AttemptQueue, type AttemptRecorder, QueuedAttemptRecorder } from './commands/attempts.ts';
import type { CommandService } from './commands/command-service.ts';
import { KeyClaims } from './commands/key-claims.ts';
import { createPostgresAttemptSink } from './commands/postgres-attempts.ts';
import { createCommandService } from './commands/service.ts';
import { type EmbeddedPostgres, joinEmbeddedPostgres, startEmbeddedPostgres } from './eventstore/embedded-postgres.ts';
import { LayoutReader } from './eventstore/layout-reader.ts';
import { migrate } from './eventstore/migrate.ts';
import { createPostgresEventStore, type PostgresEventStore } from './eventstore/postgres-store.ts';
import { liveText } from './http/live-text.ts';
import { readinessChecks } from './http/readiness.ts';
import { createHttpServer } from './http/server.ts';
import { LogLines } from './log-lines.ts';
import type { WriteQueues } from './metrics/engine.ts';
import { EngineCounts } from './metrics/engine-counts.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { createRedisFeeds } from './processes/redis-feeds.ts';
import { createReleaseProcess, overdueSlotsIn } from './processes/release.ts';
import { bookings } from './projections/bookings/bookings.ts';
import { BuildOperations } from './projections/builds/operations.ts';
import { HOURS } from './projections/hours/hours.ts';
import { inventory } from './projections/inventory/inventory.ts';
import type { ProjectionRelease } from './projections/projection.ts';
import { redisNamespace } from './projections/redis/namespace.ts';
import { createProjectionRunner, type ProjectionRunner } from './projections/runner.ts';
import { sales } from './projections/sales/sales.ts';
import type { AttemptQueries } from './queries/attempts.ts';
import type { AuditQueries, SlotHistory } from './queries/audit.ts';
import { createAudit } from './queries/event-audit.ts';
import type { LiveHub } from './queries/live/live-hub.ts';
import type { MemoryQueries } from './queries/memory/memory-queries.ts';
import { createPostgresAttemptQueries } from './queries/postgres-attempts.ts';
import { createProjectionAdmin, type ProjectionAdmin } from './queries/projection-admin.ts';
import { createQueries, type Queries } from './queries/queries.ts';
import { createReadLayers, type ReadLayers } from './queries/read-layers.ts';
import { createSlotHistory } from './queries/slot-history.ts';

/** Where the data is. */
export interface DataSource {
  /** `postgres://…`; null for the embedded PostgreSQL in `dataFolder`. */
  readonly databaseUrl: string | null;
  readonly dataFolder: string;
}

/** The parts of Holdfast on one database, without the processes that keep views up to date. */
export interface Holdfast {
  readonly connectionString: string;
  readonly commands: CommandService;
  readonly keys: KeyClaims;
  readonly queries: Queries;
  readonly audit: AuditQueries;
  /** Layouts that somebody has read, for all who answer questions. */
  readonly layouts: LayoutReader;
  readonly history: SlotHistory;
  readonly attempts: AttemptQueries;
  readonly recorder: AttemptRecorder;
  readonly attemptQueue: AttemptQueue;
  readonly store: PostgresEventStore;
  /** The database of the read models. */
  readonly pool: pg.Pool;
  readonly runner: ProjectionRunner;
  /** Words about builds of read models, and what there is to see of them. */
  readonly builds: BuildOperations;
  readonly projections: ProjectionAdmin;
  /** What was decided and written here. */
  readonly counts: EngineCounts;
  queues(): WriteQueues;
  close(): Promise<void>;
}

export interface ServiceOptions extends DataSource {
  /** `redis://…` or `rediss://…`: a layer that all instances share between memory and PostgreSQL. Without it there is none. */
  readonly redisUrl?: string;
  /** Bytes that slots may take in memory; 0 leaves memory out. */
  readonly memoryBytes?: number;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly corsOrigins: readonly string[];
  /** False leaves lapsed holds to be recorded by whoever books next, and by other instances. */
  readonly releaseProcess: boolean;
  readonly logLevel: string;
}

export interface Service extends Holdfast {
  readonly queries: MemoryQueries;
  readonly live: LiveHub;
  readonly metrics: Metrics;
  readonly url: string;
  /** Takes nothing new, finishes what is in hand, stops the embedded PostgreSQL; within some 30 seconds in all. */
  stop(): Promise<void>;
}

/** Connections for read models and refused attempts: queries are short, and projections keep one each. */
const VIEW_CONNECTIONS = 16;
/** The pool closes what it has not used for 10 s; what PostgreSQL still has after so many milliseconds was lost on the way. */
const IDLE_SESSION_MS = 30_000;

/** One for all loggers: what two wrote on their own could end up in one line. */
const LOG_LINES = new LogLines();

/** Milliseconds that a graceful stop grants to requests in hand, and to refused attempts not yet written. */
const DRAIN_BOUND_MS = 10_000;
const ATTEMPTS_BOUND_MS = 3_000;
/** The same to log lines that nobody has read. */
const LOG_BOUND_MS = 1_000;

/** A projection whose version was raised has its definition before that beside it, as `previous`. */
const INVENTORY: ProjectionRelease = { current: inventory };
const PROJECTIONS: readonly ProjectionRelease[] = [INVENTORY, { current: bookings }, { current: sales }, HOURS];
/** Those that requests are answered by; analysts read the others. */
const ANSWERING = [inventory, bookings];
/** Milliseconds that a start waits for the views: several thousand events. */
const VIEWS_BOUND_MS = 5_000;

/**
 * Opens the data, started and brought up to date where needed, beside whoever else uses it: a service
 * that runs on an embedded data folder goes on undisturbed.
 * @throws Error with a message for the user when it cannot be opened.
 */
export function openHoldfast(source: DataSource, logLevel = 'silent'): Promise<Holdfast> {
  return open(source, joinEmbeddedPostgres, logLevel);
}

async function open(source: DataSource, start: typeof startEmbeddedPostgres, logLevel: string): Promise<Holdfast> {
  const embedded = source.databaseUrl === null ? await start({ dataDirectory: source.dataFolder }) : null;
  try {
    return await assemble(source.databaseUrl ?? (embedded as EmbeddedPostgres).connectionString, embedded, logLevel);
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

async function assemble(connectionString: string, embedded: EmbeddedPostgres | null, logLevel: string): Promise<Holdfast> {
  await migrate(connectionString);
  const log = pino({ level: logLevel }, LOG_LINES);
  const counts = new EngineCounts();
  const store = counts.around(await createPostgresEventStore({ connectionString }));
  const pool = new pg.Pool({
    connectionString,
    max: VIEW_CONNECTIONS,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
    options: `-c idle_session_timeout=${IDLE_SESSION_MS}`,
  });
  // A connection that breaks while idle is replaced by the pool; who needs one meanwhile is told.
  pool.on('error', (error) => log.warn({ err: error }, 'a connection of the read models broke'));
  const attempts = new QueuedAttemptRecorder(createPostgresAttemptSink(pool), store.now);
  const recorder = counts.aroundRecorder(attempts);
  const runner = createProjectionRunner({ pool, store, projections: PROJECTIONS, log, readParsedFeed: store.readParsedFeed });
  const builds = new BuildOperations(pool, PROJECTIONS);
  const layouts = new LayoutReader(store);
  return {
    connectionString,
    commands: counts.aroundCommands(createCommandService({ store, attempts: recorder })),
    keys: new KeyClaims(store.requestKeys, store),
    queries: createQueries({ pool, live: runner.live, watch: runner.watch, now: store.now }),
    audit: createAudit(store),
    layouts,
    history: createSlotHistory(store, layouts),
    attempts: createPostgresAttemptQueries(pool),
    recorder,
    attemptQueue: attempts,
    store,
    pool,
    runner,
    builds,
    projections: createProjectionAdmin({ pool, store, releases: PROJECTIONS, operations: builds }),
    counts,
    queues: () => ({ appends: store.appendQueue(), attempts: attempts.queue }),
    async close() {
      await attempts.stop(ATTEMPTS_BOUND_MS);
      await runner.stop();
      await store.close();
      await pool.end();
      await embedded?.stop();
    },
  };
}

/**
 * What was booked before a crash may not be in the views yet. Asked too early they would not know it,
 * so the service waits for them, unless they are far behind: then readiness says so, and writes go on.
 */
async function viewsCaughtUp({ store, runner }: Holdfast): Promise<void> {
  const head = await store.headPosition();
  await Promise.all(ANSWERING.map((projection) => runner.watch.waitFor(projection, head, VIEWS_BOUND_MS)));
}

/** Starts the service: the parts, the processes that keep views up to date, and HTTP. */
export async function startHoldfast(options: ServiceOptions): Promise<Service> {
  const holdfast = await open(options, startEmbeddedPostgres, options.logLevel);
  const { commands, keys, audit, history, attempts, recorder, attemptQueue, store, pool, runner, projections } = holdfast;
  const log = pino({ level: options.logLevel }, LOG_LINES);
  const layers = await readLayers(holdfast, options, log).catch(async (error: unknown) => {
    await holdfast.close();
    throw error;
  });
  const { queries, live } = layers;
  const metrics = metricsOf(holdfast, layers);
  const release = createReleaseProcess({ pool, commands, overdue: overdueSlotsIn(pool, runner.live), now: store.now, log });
  const server = createHttpServer({
    commands,
    keys,
    queries,
    live,
    audit,
    history,
    attempts,
    recorder,
    attemptQueue,
    projections,
    readiness: readinessChecks({
      store,
      runner,
      answering: ANSWERING.map(({ name }) => name),
      memory: layers.follower,
      redis: () => queries.readStatistics().redis,
    }),
    metrics,
    corsOrigins: options.corsOrigins,
    log,
  });
  try {
    runner.start();
    layers.start();
    await viewsCaughtUp(holdfast);
    const port = await server.listen(options.port, options.host);
    if (options.releaseProcess) release.start();
    const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;
    let stopping: Promise<void> | null = null;
    const stop = async (): Promise<void> => {
      await server.stop(DRAIN_BOUND_MS);
      metrics.stop();
      await release.stop();
      await layers.stop();
      await holdfast.close();
      await LOG_LINES.flush(LOG_BOUND_MS);
    };
    return {
      ...holdfast,
      queries,
      live,
      metrics,
      url,
      stop: () => {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    metrics.stop();
    await layers.stop();
    await holdfast.close();
    throw error;
  }
}

function metricsOf({ projections, store, counts, queues, pool }: Holdfast, { queries, live, follower }: ReadLayers): Metrics {
  const { headPosition } = store;
  const memory = () => ({ reads: queries.readStatistics(), follower });
  return createMetrics({ projections, headPosition, counts, queues, pool, memory, live: () => live.statistics() });
}

/** What answers in front of PostgreSQL, with the processes that keep it up. */
interface FedLayers extends ReadLayers {
  start(): void;
  stop(): Promise<void>;
}

async function readLayers(holdfast: Holdfast, { redisUrl, memoryBytes }: ServiceOptions, log: pino.Logger): Promise<FedLayers> {
  const { queries: next, store, layouts, pool, runner } = holdfast;
  const redis = redisUrl === undefined ? null : { url: redisUrl, namespace: await redisNamespace(pool) };
  const builds = runner.live;
  const layers = createReadLayers({ next, store, layouts, database: pool, builds, redis, maxBytes: memoryBytes, text: liveText, log });
  const shared = layers.redis;
  const feeds =
    shared === null
      ? null
      : createRedisFeeds({ pool, store, release: INVENTORY, inventoryOf: shared.fedInventoryOf, layouts: shared.layouts, log });
  return {
    ...layers,
    start() {
      layers.follower.start();
      feeds?.start();
    },
    async stop() {
      await layers.follower.stop();
      await feeds?.stop();
      shared?.close();
    },
  };
}
