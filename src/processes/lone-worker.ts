import type pg from 'pg';

/** What a worker says about itself. */
export interface WorkerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface LoneWorker {
  start(): void;
  /** Lets the round in hand finish and another process take over. */
  stop(): Promise<void>;
}

/** Longest wait after rounds that failed, in milliseconds. */
const LONGEST_BACKOFF_MS = 5_000;
/** The server ends a session that says nothing for so long, and with it the lock: its process stands still. One that lives says something far more often. */
const LOCK_LEASE_MS = 5_000;
const SIGN_OF_LIFE_MS = 1_000;

/**
 * Runs one process in rounds, on one instance at a time: the one that holds its advisory lock, on a
 * connection of the pool that the lock dies with. The others stand by and take over.
 *
 * Everything that a round does must be harmless when done twice, because an instance that slept
 * through the loss of its lock finishes the round that it was in.
 */
export function createLoneWorker(parts: {
  readonly name: string;
  readonly pool: pg.Pool;
  /** Between the end of a round and the next. */
  readonly intervalMs: number;
  /** How often one that stands by looks whether it is its turn; as often as there are rounds unless told otherwise. */
  readonly standbyMs?: number;
  readonly round: () => Promise<void>;
  readonly log: WorkerLog;
}): LoneWorker {
  const { name, pool, intervalMs, standbyMs = intervalMs, round, log } = parts;
  let stopping = false;
  let wake: () => void = () => undefined;
  let ended: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    for (let failures = 0; !stopping; ) {
      let connection: pg.PoolClient | null = null;
      let alive: NodeJS.Timeout | undefined;
      let isUntouched = false;
      try {
        connection = await pool.connect();
        connection.on('error', ignore);
        if (await lock(connection, name)) {
          log.info({ process: name }, 'process runs here');
          await connection.query(`SET idle_session_timeout = ${LOCK_LEASE_MS}`);
          const held = connection;
          // A round may take longer than the lease. That the lock was lost shows after the round.
          alive = setInterval(() => void held.query('SELECT 1').catch(ignore), SIGN_OF_LIFE_MS);
          await rounds(held, () => {
            failures = 0;
          });
        } else isUntouched = true;
      } catch (error) {
        failures += 1;
        log.warn({ process: name, err: error }, 'process interrupted, trying again');
      } finally {
        clearInterval(alive);
        // Closing it gives the lock back, whatever state the connection is in. Who only asked for the lock gives it back as it was.
        connection?.off('error', ignore);
        connection?.release(!isUntouched);
      }
      if (!stopping) await sleep(Math.min(standbyMs * 2 ** failures, LONGEST_BACKOFF_MS));
    }
  }

  async function rounds(connection: pg.PoolClient, succeeded: () => void): Promise<void> {
    while (!stopping) {
      await round();
      succeeded();
      if (stopping) return;
      await sleep(intervalMs);
      // Without this a lost connection, and with it a lost lock, would go unnoticed.
      await connection.query('SELECT 1');
    }
  }

  function sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    start() {
      stopping = false;
      ended = run();
    },
    async stop() {
      stopping = true;
      wake();
      await ended;
    },
  };
}

async function lock(connection: pg.PoolClient, name: string): Promise<boolean> {
  const { rows } = await connection.query<{ locked: boolean }>('SELECT pg_try_advisory_lock(hashtext($1), hashtext($2)) AS locked', [
    'holdfast process',
    name,
  ]);
  return rows[0]?.locked === true;
}

function ignore(): void {}
