-- Up Migration

-- Auditors ask for refusals by code and by unit too. A time is a piece of any of these: ids ascend with it.
CREATE INDEX attempts_of_code ON holdfast.attempts (code, attempt_id DESC);
CREATE INDEX attempts_of_units ON holdfast.attempts USING gin (unit_ids);

-- Bookings by status; and, for the release process, whether a cancelled slot has bookings left. A build
-- that is still being filled gets its indexes when it is full.
DO $$
DECLARE
  target record;
BEGIN
  FOR target IN SELECT format('holdfast_%s_b%s', name, build) AS schema FROM holdfast.projection_builds WHERE name = 'bookings' AND state <> 'building' LOOP
    EXECUTE format('CREATE INDEX bookings_by_status ON %I.bookings (status, requested_at DESC, booking_id DESC)', target.schema);
    EXECUTE format($index$CREATE INDEX bookings_to_settle ON %I.bookings (slot_id) WHERE status IN ('HELD', 'CONFIRMED')$index$, target.schema);
  END LOOP;
END $$;
