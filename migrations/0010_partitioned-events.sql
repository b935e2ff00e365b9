-- Up Migration

-- The table of events in ranges of positions, so that those of years ago can be detached, kept elsewhere and
-- attached again (docs/running.md). Each range is a table, events_000000, events_000001, …, of ten million positions:
-- some ten gigabytes, a few of them a year for most. What is there already becomes the first one as it is.
ALTER TABLE holdfast.events RENAME TO events_000000;
DO $$
DECLARE
  index_name text;
BEGIN
  FOR index_name IN SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = 'holdfast.events_000000'::regclass LOOP
    EXECUTE format('ALTER INDEX holdfast.%I RENAME TO %I', index_name, regexp_replace(index_name, '^events', 'events_000000'));
  END LOOP;
END $$;

CREATE TABLE holdfast.events (LIKE holdfast.events_000000 INCLUDING ALL) PARTITION BY RANGE (position);

CREATE TRIGGER events_are_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON holdfast.events
  FOR EACH STATEMENT EXECUTE FUNCTION holdfast.refuse_change();

-- Positions below it have a table to go into.
ALTER TABLE holdfast.log_head ADD COLUMN room_until bigint NOT NULL DEFAULT 0;
UPDATE holdfast.log_head SET room_until = (position / 10000000 + 1) * 10000000;

DO $$
BEGIN
  EXECUTE format('ALTER TABLE holdfast.events ATTACH PARTITION holdfast.events_000000 FOR VALUES FROM (MINVALUE) TO (%s)',
                 (SELECT room_until FROM holdfast.log_head));
END $$;

-- No event of the stream stands before it: who reads the stream need not look into older partitions. Of
-- streams that were there before it is not known, and not needed, since all of them begin in the first one.
ALTER TABLE holdfast.streams ADD COLUMN first_position bigint NOT NULL DEFAULT 0;

-- Sees to it that positions from `room_until` up to `wanted` have their partitions. @returns the end of the last one.
--
-- Attaching an empty table waits for no reader and no writer, and none of them waits for it. Whoever appends may hold
-- the lock of the log while waiting for the lock below, so nobody may take the two the other way around.
CREATE FUNCTION holdfast.make_room(room_until bigint, wanted bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  size CONSTANT bigint := 10000000;
  name text;
BEGIN
  WHILE room_until <= wanted LOOP
    name := 'events_' || lpad((room_until / size)::text, 6, '0');
    IF to_regclass('holdfast.' || name) IS NULL THEN
      LOCK TABLE holdfast.events IN SHARE UPDATE EXCLUSIVE MODE;
      -- Somebody else may have made it while this one waited.
      IF to_regclass('holdfast.' || name) IS NULL THEN
        EXECUTE format('CREATE TABLE holdfast.%I (LIKE holdfast.events INCLUDING ALL)', name);
        EXECUTE format('CREATE TRIGGER events_are_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON holdfast.%I
                          FOR EACH STATEMENT EXECUTE FUNCTION holdfast.refuse_change()', name);
        EXECUTE format('ALTER TABLE holdfast.events ATTACH PARTITION holdfast.%I FOR VALUES FROM (%s) TO (%s)', name, room_until, room_until + size);
      END IF;
    END IF;
    room_until := room_until + size;
  END LOOP;
  RETURN room_until;
END $$;

-- Makes the next partition while there is still half of one left, so that no append has to. Anybody may call it at
-- any time; without anybody who does, the append that needs the partition makes it itself.
CREATE FUNCTION holdfast.make_room_ahead() RETURNS void LANGUAGE sql AS $$
  SELECT holdfast.make_room(room_until, position + 5000000) FROM holdfast.log_head
$$;

SELECT holdfast.make_room_ahead();

-- As before, but in no older partition than the stream begins in.
CREATE OR REPLACE FUNCTION holdfast.resent_position(
  first_part integer, last_part integer, event_offset integer,
  part_stream text[], part_expected integer[], part_count integer[], event_ids uuid[]
) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  last_position bigint;
  begins bigint;
BEGIN
  FOR part IN first_part .. last_part LOOP
    SELECT stream.first_position INTO begins FROM holdfast.streams stream WHERE stream.stream_id = part_stream[part];
    PERFORM FROM holdfast.events event
      WHERE event.stream_id = part_stream[part] AND event.version = part_expected[part] + 1 AND event.event_id = event_ids[event_offset + 1]
        AND event.position >= begins;
    IF NOT FOUND THEN
      RETURN NULL;
    END IF;
    event_offset := event_offset + part_count[part];
  END LOOP;
  SELECT event.position INTO last_position FROM holdfast.events event
    WHERE event.stream_id = part_stream[last_part] AND event.version = part_expected[last_part] + part_count[last_part]
      AND event.position >= begins;
  RETURN last_position;
END $$;

-- As before, with room made where it is needed, and with what the log's next position was when a stream began.
CREATE OR REPLACE FUNCTION holdfast.append_batch(
  part_append integer[], part_stream text[], part_expected integer[], part_count integer[],
  event_ids uuid[], event_types text[], event_schema_versions integer[], event_data text[], event_metadata text[]
) RETURNS TABLE (append_number integer, last_position bigint, conflict_stream text, actual_version integer)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
  head bigint;
  instant bigint;
  room bigint;
  begins bigint;
  actual integer[];
  chain bytea[];
  part integer := 1;
  last_part integer;
  misfit integer;
  event integer := 0;
  event_total integer;
  new_version integer;
  new_hash bytea;
  positions bigint[] := '{}';
  streams text[] := '{}';
  versions integer[] := '{}';
  previous_hashes bytea[] := '{}';
  hashes bytea[] := '{}';
  written integer[] := '{}';
BEGIN
  -- The lock comes before any look at a stream, here and in every other way of appending: no two
  -- writers can deadlock, and what is read below is what the last writer committed.
  SELECT log.position, greatest(log.recorded_at, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint), log.room_until, log.position + 1
    INTO head, instant, room, begins FROM holdfast.log_head log FOR UPDATE;

  SELECT array_agg(coalesce(stream.version, 0) ORDER BY given.place),
         array_agg(coalesce(stream.head_hash, decode(repeat('00', 32), 'hex')) ORDER BY given.place)
    INTO actual, chain
    FROM unnest(part_stream) WITH ORDINALITY AS given (name, place)
    LEFT JOIN holdfast.streams stream ON stream.stream_id = given.name;

  WHILE part <= cardinality(part_append) LOOP
    append_number := part_append[part];
    last_part := part;
    event_total := part_count[part];
    misfit := CASE WHEN actual[part] <> part_expected[part] THEN part END;
    WHILE part_append[last_part + 1] = append_number LOOP
      last_part := last_part + 1;
      event_total := event_total + part_count[last_part];
      misfit := coalesce(misfit, CASE WHEN actual[last_part] <> part_expected[last_part] THEN last_part END);
    END LOOP;

    IF misfit IS NOT NULL THEN
      last_position := holdfast.resent_position(part, last_part, event, part_stream, part_expected, part_count, event_ids);
      conflict_stream := part_stream[misfit];
      actual_version := actual[misfit];
      positions := positions || array_fill(NULL::bigint, ARRAY[event_total]);
      streams := streams || array_fill(NULL::text, ARRAY[event_total]);
      versions := versions || array_fill(NULL::integer, ARRAY[event_total]);
      previous_hashes := previous_hashes || array_fill(NULL::bytea, ARRAY[event_total]);
      hashes := hashes || array_fill(NULL::bytea, ARRAY[event_total]);
      event := event + event_total;
    ELSE
      FOR current_part IN part .. last_part LOOP
        new_version := part_expected[current_part];
        new_hash := chain[current_part];
        FOR step IN 1 .. part_count[current_part] LOOP
          event := event + 1;
          head := head + 1;
          new_version := new_version + 1;
          previous_hashes := array_append(previous_hashes, new_hash);
          new_hash := holdfast.chain_hash(new_hash, part_stream[current_part], new_version, event_ids[event], event_types[event],
                                          event_schema_versions[event], event_data[event], event_metadata[event]);
          positions := array_append(positions, head);
          streams := array_append(streams, part_stream[current_part]);
          versions := array_append(versions, new_version);
          hashes := array_append(hashes, new_hash);
        END LOOP;
        actual[current_part] := new_version;
        chain[current_part] := new_hash;
        written := array_append(written, current_part);
      END LOOP;
      last_position := head;
      conflict_stream := NULL;
      actual_version := NULL;
    END IF;
    RETURN NEXT;
    part := last_part + 1;
  END LOOP;

  IF cardinality(written) > 0 THEN
    IF head >= room THEN
      room := holdfast.make_room(room, head);
    END IF;
    INSERT INTO holdfast.events
      (position, stream_id, version, schema_version, recorded_at, event_id, type, data, metadata, previous_hash, hash)
    SELECT new.position, new.stream_id, new.version, new.schema_version, instant,
           new.event_id, new.type, new.data, new.metadata, new.previous_hash, new.hash
      FROM unnest(positions, streams, versions, event_schema_versions, event_ids, event_types, event_data, event_metadata,
                  previous_hashes, hashes)
        AS new (position, stream_id, version, schema_version, event_id, type, data, metadata, previous_hash, hash)
     WHERE new.position IS NOT NULL;
    INSERT INTO holdfast.streams AS stream (stream_id, version, head_hash, first_position)
    SELECT part_stream[part_number], actual[part_number], chain[part_number], begins FROM unnest(written) AS part_number
    ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version, head_hash = excluded.head_hash;
    UPDATE holdfast.log_head SET position = head, recorded_at = instant, room_until = room;
  END IF;
END $$;

-- As before, in the same way.
CREATE OR REPLACE FUNCTION holdfast.append_chained(
  part_append integer[], part_stream text[], part_expected integer[], part_count integer[], part_previous bytea[], part_hash bytea[],
  event_streams text[], event_versions integer[], event_ids uuid[], event_types text[], event_schema_versions integer[],
  event_data text[], event_metadata text[], event_previous_hashes bytea[], event_hashes bytea[]
) RETURNS TABLE (append_number integer, last_position bigint, conflict_stream text, actual_version integer, recorded_at bigint)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
  head bigint;
  instant bigint;
  room bigint;
  misfits bigint;
BEGIN
  -- The lock comes before any look at a stream, as in every other way of appending.
  SELECT log.position, greatest(log.recorded_at, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint), log.room_until
    INTO head, instant, room FROM holdfast.log_head log FOR UPDATE;

  SELECT count(*) INTO misfits
    FROM unnest(part_stream, part_expected, part_previous) AS given (stream_id, expected, previous)
    LEFT JOIN holdfast.streams stream ON stream.stream_id = given.stream_id
   WHERE coalesce(stream.version, 0) <> given.expected
      OR coalesce(stream.head_hash, '\x0000000000000000000000000000000000000000000000000000000000000000'::bytea) <> given.previous;

  IF misfits > 0 THEN
    RETURN QUERY
    SELECT slow.append_number, slow.last_position, slow.conflict_stream, slow.actual_version, NULL::bigint
      FROM holdfast.append_batch(part_append, part_stream, part_expected, part_count,
                                 event_ids, event_types, event_schema_versions, event_data, event_metadata) AS slow;
    RETURN;
  END IF;

  last_position := head + cardinality(event_ids);
  IF last_position >= room THEN
    room := holdfast.make_room(room, last_position);
  END IF;

  INSERT INTO holdfast.events
    (position, stream_id, version, schema_version, recorded_at, event_id, type, data, metadata, previous_hash, hash)
  SELECT head + new.place, new.stream_id, new.version, new.schema_version, instant,
         new.event_id, new.type, new.data, new.metadata, new.previous_hash, new.hash
    FROM unnest(event_streams, event_versions, event_schema_versions, event_ids, event_types, event_data, event_metadata,
                event_previous_hashes, event_hashes)
         WITH ORDINALITY AS new (stream_id, version, schema_version, event_id, type, data, metadata, previous_hash, hash, place);
  INSERT INTO holdfast.streams AS stream (stream_id, version, head_hash, first_position)
  SELECT given.stream_id, given.expected + given.events, given.hash, head + 1
    FROM unnest(part_stream, part_expected, part_count, part_hash) AS given (stream_id, expected, events, hash)
  ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version, head_hash = excluded.head_hash;
  UPDATE holdfast.log_head SET position = last_position, recorded_at = instant, room_until = room;

  append_number := 0;
  recorded_at := instant;
  RETURN NEXT;
END $$;
