import type pg from 'pg';
import type { AttemptSink } from './attempts.ts';

/** A batch whose answer was lost is sent again: what is there already stays as it is. */
const INSERT = {
  name: 'holdfast-record-attempts',
  text: `INSERT INTO holdfast.attempts
           (attempt_id, at, slot_id, booking_id, customer_id, unit_ids, code, asked, slot_version, actor, correlation_id)
         SELECT "attemptId", at, "slotId", "bookingId", "customerId", "unitIds", code, asked, "slotVersion", actor, "correlationId"
           FROM json_to_recordset($1::json) AS attempt
                ("attemptId" uuid, at bigint, "slotId" text, "bookingId" text, "customerId" text, "unitIds" text[], code text, asked text,
                 "slotVersion" bigint, actor text, "correlationId" text)
         ON CONFLICT (attempt_id) DO NOTHING`,
};

/** Writes attempts to `holdfast.attempts`, each batch in one statement. */
export function createPostgresAttemptSink(pool: pg.Pool): AttemptSink {
  return {
    async write(attempts, dropped) {
      if (attempts.length > 0) await pool.query({ ...INSERT, values: [JSON.stringify(attempts)] });
      if (dropped === null) return;
      const { firstAt, lastAt, count } = dropped;
      await pool.query('INSERT INTO holdfast.attempts_dropped (first_at, last_at, count) VALUES ($1, $2, $3)', [firstAt, lastAt, count]);
    },
  };
}
