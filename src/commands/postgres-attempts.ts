import type pg from 'pg';
import type { AttemptSink, RecordedAttempt } from './attempts.ts';

const COLUMNS = [
  'attempt_id',
  'at',
  'slot_id',
  'booking_id',
  'customer_id',
  'unit_ids',
  'code',
  'asked',
  'slot_version',
  'actor',
  'correlation_id',
];

/** Writes attempts to `holdfast.attempts`, each batch in one statement. */
export function createPostgresAttemptSink(pool: pg.Pool): AttemptSink {
  return {
    async write(attempts, dropped) {
      if (attempts.length > 0) await pool.query(insertOf(attempts.length), attempts.flatMap(valuesOf));
      if (dropped === null) return;
      const { firstAt, lastAt, count } = dropped;
      await pool.query('INSERT INTO holdfast.attempts_dropped (first_at, last_at, count) VALUES ($1, $2, $3)', [firstAt, lastAt, count]);
    },
  };
}

/** A batch whose answer was lost is sent again: what is there already stays as it is. */
function insertOf(rows: number): string {
  const row = (index: number) => `(${COLUMNS.map((_, column) => `$${index * COLUMNS.length + column + 1}`).join(', ')})`;
  const values = Array.from({ length: rows }, (_, index) => row(index)).join(', ');
  return `INSERT INTO holdfast.attempts (${COLUMNS.join(', ')}) VALUES ${values} ON CONFLICT (attempt_id) DO NOTHING`;
}

function valuesOf(attempt: RecordedAttempt): readonly unknown[] {
  const { attemptId, at, slotId, bookingId, customerId, unitIds, code, asked, slotVersion, actor, correlationId } = attempt;
  return [attemptId, at, slotId, bookingId, customerId, unitIds, code, asked, slotVersion, actor, correlationId];
}
