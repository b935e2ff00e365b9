-- Up Migration

-- Who asks for a booking by an id that names no slot is refused as well, and on record.
ALTER TABLE holdfast.attempts ALTER COLUMN slot_id DROP NOT NULL;
