-- Up Migration

-- Snapshots come packed: PostgreSQL took twice as long to do it, in the middle of a rush. Those that are there are of a
-- form that nobody reads any more.
TRUNCATE holdfast.snapshots;
ALTER TABLE holdfast.snapshots ALTER COLUMN state TYPE bytea USING state::bytea;
ALTER TABLE holdfast.snapshots ALTER COLUMN state SET STORAGE EXTERNAL;
