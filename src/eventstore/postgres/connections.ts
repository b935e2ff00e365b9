import pg from 'pg';
import { EventsDetachedError, OutcomeUnknownError, StoreUnavailableError } from '../event-store.ts';

/** Connecting takes milliseconds; who waits longer is better told than kept. */
const CONNECT_TIMEOUT_MS = 5_000;
/**
 * A process that stops while it holds the log's lock (SIGSTOP, a paused container) is thrown out after
 * this long. Whoever waits for the lock waits longer than that, so that it outlives the stopped one.
 */
const IDLE_IN_TRANSACTION_MS = 2_000;
const LOCK_TIMEOUT_MS = 5_000;
/** The pool closes what it has not used for 10 s. What the server still has after so long was lost on the way, and would count for ever. */
const IDLE_SESSION_MS = 30_000;
const BIGINT = 20;

/** Classes of SQLSTATE that speak of the server's condition, not of what it was asked to write. */
const CONDITION_CLASSES = new Set(['25', '40', '53', '55', '57', '58']);

/**
 * SQLSTATEs, or how they begin, of what may end the session, and with it a commit that was under way. Classes 53, 58
 * and XX are of errors and of panics alike.
 */
const MAY_END_SESSION = ['08', '25P03', '25P04', '53', '57P', '58', 'XX'];

export interface PoolOptions {
  readonly connectionString: string;
  readonly max: number;
  /** Milliseconds from sending a statement to giving its answer up. */
  readonly answerTimeoutMs: number;
}

/** A pool whose connections have every time limit set, and whose failures never end the process. */
export function createPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: options.answerTimeoutMs,
    // The server gives up first, so that a slow statement ends in an answer, not in an unknown outcome.
    statement_timeout: Math.ceil(options.answerTimeoutMs * 0.8),
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    // The append function must see what the last holder of the lock committed.
    options: `-c default_transaction_isolation=read\\ committed -c idle_session_timeout=${IDLE_SESSION_MS}`,
    application_name: 'holdfast event store',
    keepAlive: true,
    types: { getTypeParser: (oid, format) => (oid === BIGINT && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format)) },
  });
  // An idle connection that breaks leaves the pool by itself; the next use makes a new one.
  pool.on('error', () => undefined);
  return pool;
}

/**
 * Lends a connection of the pool to `work`. One that may be in the middle of something when `work`
 * fails is closed, not given back.
 *
 * @throws StoreUnavailableError when no connection could be had; whatever `work` throws.
 */
export async function withConnection<Result>(pool: pg.Pool, work: (connection: pg.PoolClient) => Promise<Result>): Promise<Result> {
  let connection: pg.PoolClient;
  try {
    connection = await pool.connect();
  } catch (error) {
    throw new StoreUnavailableError(`The event store could not be reached: ${messageOf(error)}`, { cause: error });
  }
  const ignore = () => undefined;
  connection.on('error', ignore);
  let broken = true;
  try {
    const result = await work(connection);
    broken = false;
    return result;
  } catch (error) {
    broken = !wasAnswered(error);
    throw error;
  } finally {
    connection.off('error', ignore);
    connection.release(broken);
  }
}

/**
 * True when the server itself said no: then it has rolled back. FATAL and PANIC end the session, perhaps after the
 * commit. A server may say these words in its own language; then the code has to tell, and what it leaves open is not known.
 */
function wasAnswered(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  const { severity, code = '' } = error;
  if (severity === 'ERROR') return true;
  return severity !== 'FATAL' && severity !== 'PANIC' && !MAY_END_SESSION.some((beginning) => code.startsWith(beginning));
}

/** What a failed write means. An error that stays as it is speaks of what was to be written. */
export function asWriteError(error: unknown): unknown {
  if (error instanceof StoreUnavailableError || error instanceof OutcomeUnknownError) return error;
  if (!wasAnswered(error)) {
    return new OutcomeUnknownError(`The event store did not answer; the append may have happened: ${messageOf(error)}`, { cause: error });
  }
  return asReadError(error);
}

/** What a failed read means; also a failed write of which it is sure that nothing was written. */
export function asReadError(error: unknown): unknown {
  if (error instanceof StoreUnavailableError || error instanceof EventsDetachedError || (wasAnswered(error) && !speaksOfCondition(error)))
    return error;
  return new StoreUnavailableError(`The event store could not do it: ${messageOf(error)}`, { cause: error });
}

function speaksOfCondition(error: unknown): boolean {
  return error instanceof pg.DatabaseError && CONDITION_CLASSES.has((error.code ?? '').slice(0, 2));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
