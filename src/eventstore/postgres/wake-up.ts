import { randomUUID } from 'node:crypto';
import pg from 'pg';

const CHANNEL = 'holdfast_appended';
const NOTIFY = { name: 'holdfast-notify', text: 'SELECT pg_notify($1, $2)' };
/**
 * Appends within this time share one notification: a NOTIFY per append would cost most of the throughput. Other
 * processes hear of an append so much later, and a hundred notifications a second cost next to nothing.
 */
const NOTIFY_AFTER_MS = 10;
const FIRST_RECONNECT_MS = 100;
const MAX_RECONNECT_MS = 5_000;
/** A connection that only listens never finds out by itself that nobody is at its other end: it asks, and the server ends it when it does not. */
const SIGN_OF_LIFE_MS = 10_000;
const ANSWER_TIMEOUT_MS = 5_000;
const SILENT_TOO_LONG_MS = 30_000;

export interface WakeUp {
  /** Tells this process's listeners at once, and the other processes soon. To be called after the commit. */
  announce(): void;
  /** @returns the way to stop listening. */
  listen(listener: () => void): () => void;
  close(): Promise<void>;
}

/**
 * Tells who waits for events that there are some. Within the process that is a call; between processes
 * it is a notification outside of any append's transaction, over a connection that comes back by itself.
 * A hint that gets lost is not repeated: subscribers poll as well.
 */
export function createWakeUp(pool: pg.Pool, connectionString: string): WakeUp {
  const self = randomUUID();
  const listeners = new Set<() => void>();
  let notifyTimer: NodeJS.Timeout | null = null;
  let notifying: Promise<unknown> = Promise.resolve();
  let reconnectTimer: NodeJS.Timeout | null = null;
  let reconnectAfterMs = FIRST_RECONNECT_MS;
  let connection: pg.Client | null = null;
  let closed = false;

  const wakeAll = () => {
    for (const listener of [...listeners]) listener();
  };

  function notifyOthers(): void {
    notifyTimer = null;
    notifying = pool.query({ ...NOTIFY, values: [CHANNEL, self] }).catch(() => undefined);
  }

  function connect(): void {
    const client = new pg.Client({
      connectionString,
      keepAlive: true,
      connectionTimeoutMillis: MAX_RECONNECT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      options: `-c idle_session_timeout=${SILENT_TOO_LONG_MS}`,
    });
    connection = client;
    let lost = false;
    const onLost = () => {
      clearInterval(alive);
      if (lost || closed) return;
      lost = true;
      client.end().catch(() => undefined);
      reconnectTimer = setTimeout(connect, reconnectAfterMs).unref();
      reconnectAfterMs = Math.min(reconnectAfterMs * 2, MAX_RECONNECT_MS);
    };
    const alive = setInterval(() => void client.query('SELECT 1').catch(onLost), SIGN_OF_LIFE_MS).unref();
    client.on('error', onLost);
    client.on('end', onLost);
    client.on('notification', (message) => {
      if (message.payload !== self) wakeAll();
    });
    client
      .connect()
      .then(() => client.query(`LISTEN ${CHANNEL}`))
      .then(() => {
        reconnectAfterMs = FIRST_RECONNECT_MS;
        // Whatever was announced while nobody listened.
        wakeAll();
      })
      .catch(onLost);
  }

  connect();
  return {
    announce: () => {
      wakeAll();
      if (!closed) notifyTimer ??= setTimeout(notifyOthers, NOTIFY_AFTER_MS);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      closed = true;
      listeners.clear();
      if (reconnectTimer !== null) clearTimeout(reconnectTimer);
      if (notifyTimer !== null) {
        clearTimeout(notifyTimer);
        notifyOthers();
      }
      await notifying;
      await connection?.end().catch(() => undefined);
    },
  };
}
