import { performance } from 'node:perf_hooks';
import type pg from 'pg';

const MEASUREMENTS = 5;
const MEASURE_EVERY_MS = 30_000;
/** When the machine's clock has moved so much against the steady one, either was set or the machine slept: time to measure again. */
const CLOCK_WAS_SET_MS = 1_000;
/** Smaller corrections must not make time run backwards; a greater one means that a clock was set, and is believed. */
const SMALL_CORRECTION_MS = 5_000;

export interface ClockReading {
  /** Milliseconds that the database's clock is ahead of this process's. */
  readonly offsetMs: number;
  /** The offset is right to within this many milliseconds, either way. */
  readonly uncertaintyMs: number;
}

export interface DatabaseClock {
  /** Whole epoch milliseconds on the database's clock. */
  now(): number;
  reading(): ClockReading;
  stop(): void;
}

/**
 * Tells the database's time from this process's clock and the offset between the two, which is
 * measured now, every 30 s, and when the machine's clock was set. That alone changes nothing: what
 * counts is a clock that runs evenly, or holds would lapse early until the next measurement.
 *
 * @throws whatever the first measurement throws; later ones that fail leave the offset as it is.
 */
export async function startClock(pool: pg.Pool): Promise<DatabaseClock> {
  let reading = await measure(pool);
  let apart = Date.now() - steadyNow();
  let latest = 0;
  const measureAgain = () => {
    apart = Date.now() - steadyNow();
    measure(pool).then(
      (fresh) => {
        reading = fresh;
      },
      () => undefined,
    );
  };
  const timer = setInterval(measureAgain, MEASURE_EVERY_MS);
  timer.unref();
  return {
    now: () => {
      const steady = steadyNow();
      if (Math.abs(Date.now() - steady - apart) > CLOCK_WAS_SET_MS) measureAgain();
      const told = Math.floor(steady + reading.offsetMs);
      if (told > latest || latest - told > SMALL_CORRECTION_MS) latest = told;
      return latest;
    },
    reading: () => reading,
    stop: () => clearInterval(timer),
  };
}

/** Epoch milliseconds as they were when the process began, and evenly from then on. */
function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}

/** The quickest round trip is the most exact one: the database's instant lies somewhere within it, at the middle on average. */
async function measure(pool: pg.Pool): Promise<ClockReading> {
  const connection = await pool.connect();
  const ignore = () => undefined;
  connection.on('error', ignore);
  try {
    let best: ClockReading | null = null;
    for (let count = 0; count < MEASUREMENTS; count += 1) {
      const sentAt = steadyNow();
      const { rows } = await connection.query<{ now: number }>(
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS now',
      );
      const half = (steadyNow() - sentAt) / 2;
      // One more millisecond, because whole ones are told.
      if (best === null || half + 1 < best.uncertaintyMs) best = { offsetMs: rows[0]!.now - (sentAt + half), uncertaintyMs: half + 1 };
    }
    connection.release();
    return best!;
  } catch (error) {
    connection.release(true);
    throw error;
  } finally {
    connection.off('error', ignore);
  }
}
