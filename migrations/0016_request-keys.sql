-- Up Migration

-- Keys of requests whose path does not tell a stream that could know them: opening a slot, storing a layout, beginning a rebuild.
-- All others are known by the stream that they changed.
CREATE TABLE holdfast.request_keys (
  -- Hash of caller, method, path and Idempotency-Key.
  command_id text COLLATE "C" PRIMARY KEY,
  -- Hash of the body by value.
  body_hash text COLLATE "C" NOT NULL,
  -- The slot that the request is to open, whose stream tells what became of it; null for a request whose answer is kept here.
  slot_id text COLLATE "C",
  -- Tells one reservation of the key from a later one.
  reservation uuid NOT NULL,
  -- Requests with this body that are under way, or went so well that the key is bound; of a crash, one too many.
  holders integer NOT NULL,
  -- Epoch milliseconds on the database's clock, when the last of them came.
  reserved_at bigint NOT NULL,
  -- The answer that the key is bound to, as JSON; text, so that it is given again as it was.
  answer text
);

CREATE INDEX request_keys_by_age ON holdfast.request_keys (reserved_at) WHERE slot_id IS NULL;
