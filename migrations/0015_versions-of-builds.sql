-- Up Migration

-- Which version was live before is to be known even when its build was dropped: a release that was gone back from is
-- not to come back by itself.
ALTER TABLE holdfast.projection_history ADD COLUMN version integer;
UPDATE holdfast.projection_history h SET version = b.version
  FROM holdfast.projection_builds b WHERE b.name = h.name AND b.build = h.build;
