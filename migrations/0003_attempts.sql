-- Up Migration

-- Requests for bookings that were refused. They are no part of the log: nothing is decided by them.
CREATE TABLE holdfast.attempts (
  -- UUID of version 7, made when the request was refused: its order is the order of time.
  attempt_id uuid PRIMARY KEY,
  -- Epoch milliseconds on the clock of the instance that refused.
  at bigint NOT NULL,
  slot_id text COLLATE "C" NOT NULL,
  booking_id text COLLATE "C",
  customer_id text COLLATE "C",
  unit_ids text[] COLLATE "C" NOT NULL,
  code text COLLATE "C" NOT NULL,
  -- What was asked, as JSON text; text because a refused request may hold what jsonb cannot.
  asked text,
  -- Version of the slot that the refusal was decided on; null when it did not come so far.
  slot_version bigint,
  actor text NOT NULL,
  correlation_id text NOT NULL
);

CREATE INDEX attempts_of_slot ON holdfast.attempts (slot_id, attempt_id DESC);
CREATE INDEX attempts_of_customer ON holdfast.attempts (customer_id, attempt_id DESC);

-- How many attempts were not recorded, and when, so that absence is never taken for proof.
CREATE TABLE holdfast.attempts_dropped (
  first_at bigint NOT NULL,
  last_at bigint NOT NULL,
  count bigint NOT NULL
);

CREATE INDEX attempts_dropped_by_time ON holdfast.attempts_dropped (last_at);
