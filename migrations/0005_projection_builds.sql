-- Up Migration

-- Builds: each one is a projection's tables, made from the log by one version of it, in a schema of its
-- own (holdfast_<name>_b<build>). A new one is built beside the one that is read, and takes its place.
CREATE TABLE holdfast.projection_builds (
  name text COLLATE "C" NOT NULL,
  build integer NOT NULL CHECK (build > 0),
  version integer NOT NULL,
  -- draining: no longer the live one, and kept up to date for the instances that still read it.
  state text COLLATE "C" NOT NULL CHECK (state IN ('building', 'caught-up', 'draining', 'retired')),
  -- Rows and position change in one transaction.
  position bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Where and when the present run of building began, for the rate and the time left.
  run_position bigint NOT NULL DEFAULT 0,
  run_started_at timestamptz,
  -- The event that it stopped at, and why; null while it goes on.
  failure jsonb,
  -- Counts the words to go on after a failure: whoever waits for one compares it with what it was.
  resumptions integer NOT NULL DEFAULT 0,
  -- What the comparison with the live build came to, and at which position.
  comparison jsonb,
  switch_when_compared boolean NOT NULL DEFAULT false,
  PRIMARY KEY (name, build)
) WITH (fillfactor = 20);

-- The pointer: which build of each projection is read. Switching is one update of it.
CREATE TABLE holdfast.live_projections (
  name text COLLATE "C" PRIMARY KEY,
  build integer NOT NULL,
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  FOREIGN KEY (name, build) REFERENCES holdfast.projection_builds
);

-- Which build each instance reads. One that was not seen for a while is gone.
CREATE TABLE holdfast.projection_readers (
  instance uuid NOT NULL,
  name text COLLATE "C" NOT NULL,
  build integer NOT NULL,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (instance, name)
);

-- Events that an operator set aside because a build could not fold them.
CREATE TABLE holdfast.skipped_events (
  name text COLLATE "C" NOT NULL,
  build integer NOT NULL,
  position bigint NOT NULL,
  event_id uuid NOT NULL,
  type text COLLATE "C" NOT NULL,
  stream_id text COLLATE "C" NOT NULL,
  error text NOT NULL,
  reason text NOT NULL,
  actor text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (name, build, position)
);

-- What was done to builds, by whom and when. Outlives the builds.
CREATE TABLE holdfast.projection_history (
  entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  name text COLLATE "C" NOT NULL,
  build integer NOT NULL,
  action text COLLATE "C" NOT NULL,
  actor text NOT NULL,
  detail text
);
CREATE INDEX projection_history_of_build ON holdfast.projection_history (name, build, entry);

-- What was there is build 1.
INSERT INTO holdfast.projection_builds (name, build, version, state, position)
SELECT known.name, 1, coalesce(made.version, 1), 'caught-up', coalesce(made.position, 0)
  FROM (VALUES ('inventory'), ('bookings')) AS known (name)
  LEFT JOIN (SELECT DISTINCT ON (name) name, version, position FROM holdfast_views.projection_checkpoints ORDER BY name, version DESC) AS made
    ON made.name = known.name;
INSERT INTO holdfast.live_projections (name, build) SELECT name, build FROM holdfast.projection_builds;
INSERT INTO holdfast.projection_history (name, build, action, actor) SELECT name, build, 'made', 'migration' FROM holdfast.projection_builds;

DROP FUNCTION holdfast_views.free_at;
DROP TABLE holdfast_views.projection_checkpoints;
CREATE SCHEMA holdfast_inventory_b1;
CREATE SCHEMA holdfast_bookings_b1;
ALTER TABLE holdfast_views.slots SET SCHEMA holdfast_inventory_b1;
ALTER TABLE holdfast_views.slot_units SET SCHEMA holdfast_inventory_b1;
ALTER TABLE holdfast_views.slot_claims SET SCHEMA holdfast_inventory_b1;
ALTER TABLE holdfast_views.layouts SET SCHEMA holdfast_inventory_b1;
ALTER TABLE holdfast_views.layout_units SET SCHEMA holdfast_inventory_b1;
ALTER TABLE holdfast_views.bookings SET SCHEMA holdfast_bookings_b1;
ALTER TABLE holdfast_views.booked_slots SET SCHEMA holdfast_bookings_b1;

-- From here on holdfast_views holds what analysts read: a view of each table of the live builds, with its comments.
-- Replaced in place where its columns allow it, so that grants and views that rest on it stay.
CREATE FUNCTION holdfast.publish_views(old_schema text, new_schema text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  source record;
  said record;
BEGIN
  FOR source IN
    SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = to_regnamespace(old_schema) AND c.relkind = 'r'
       AND NOT EXISTS (SELECT FROM pg_class k WHERE k.relnamespace = to_regnamespace(new_schema) AND k.relkind = 'r' AND k.relname = c.relname)
     ORDER BY 1
  LOOP
    EXECUTE format('DROP VIEW IF EXISTS holdfast_views.%I', source.name);
  END LOOP;
  FOR source IN
    SELECT c.relname AS name, c.oid AS id FROM pg_class c WHERE c.relnamespace = to_regnamespace(new_schema) AND c.relkind = 'r' ORDER BY 1
  LOOP
    BEGIN
      EXECUTE format('CREATE OR REPLACE VIEW holdfast_views.%I AS SELECT * FROM %I.%I', source.name, new_schema, source.name);
    EXCEPTION WHEN invalid_table_definition THEN
      EXECUTE format('DROP VIEW holdfast_views.%I', source.name);
      EXECUTE format('CREATE VIEW holdfast_views.%I AS SELECT * FROM %I.%I', source.name, new_schema, source.name);
    END;
    EXECUTE format('COMMENT ON VIEW holdfast_views.%I IS %L', source.name, obj_description(source.id, 'pg_class'));
    FOR said IN
      SELECT a.attname AS name, col_description(a.attrelid, a.attnum) AS words
        FROM pg_attribute a WHERE a.attrelid = source.id AND a.attnum > 0 AND NOT a.attisdropped
    LOOP
      EXECUTE format('COMMENT ON COLUMN holdfast_views.%I.%I IS %L', source.name, said.name, said.words);
    END LOOP;
  END LOOP;
END $$;

SELECT holdfast.publish_views(NULL, 'holdfast_inventory_b1'), holdfast.publish_views(NULL, 'holdfast_bookings_b1');

CREATE VIEW holdfast_views.projections AS
SELECT b.name, b.build, b.version, b.position, b.updated_at FROM holdfast.projection_builds b JOIN holdfast.live_projections USING (name, build);
COMMENT ON VIEW holdfast_views.projections IS 'How far each projection has folded the log: all of its tables are as of the same position.';
COMMENT ON COLUMN holdfast_views.projections.name IS 'Projection';
COMMENT ON COLUMN holdfast_views.projections.build IS 'Build that is read';
COMMENT ON COLUMN holdfast_views.projections.version IS 'Version of the projection that made the rows';
COMMENT ON COLUMN holdfast_views.projections.position IS 'Log position up to which everything is in its tables';
COMMENT ON COLUMN holdfast_views.projections.updated_at IS 'When the position last moved';

-- What of a slot is free at the instant (epoch milliseconds). Only on the time axis does it depend on it.
CREATE FUNCTION holdfast_views.free_at(axis_type text, capacity bigint, free bigint, usage jsonb, instant bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN axis_type <> 'time' THEN free ELSE capacity - coalesce((
    SELECT (step ->> 'held')::bigint + (step ->> 'sold')::bigint + (step ->> 'blocked')::bigint
      FROM jsonb_array_elements(usage) AS step
     WHERE (step ->> 'at')::bigint <= instant
     ORDER BY (step ->> 'at')::bigint DESC
     LIMIT 1), 0) END
$$;
