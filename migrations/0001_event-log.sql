-- Up Migration

CREATE SCHEMA holdfast;

-- The one row that every append locks first. Positions are drawn while it is locked, so the order of
-- commit is the order of position, without gaps. The fill factor keeps its updates on one page.
CREATE TABLE holdfast.log_head (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  position bigint NOT NULL,
  recorded_at bigint NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 1000);

INSERT INTO holdfast.log_head (position, recorded_at) VALUES (0, 0);

-- One row per stream guards its version. Nothing rests on unique indexes on events, so that the
-- table of events can be partitioned by position.
CREATE TABLE holdfast.streams (
  stream_id text COLLATE "C" PRIMARY KEY,
  version integer NOT NULL,
  head_hash bytea NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE holdfast.events (
  position bigint PRIMARY KEY,
  stream_id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  schema_version integer NOT NULL,
  -- Epoch milliseconds by the database's clock; never smaller than that of an earlier position.
  recorded_at bigint NOT NULL,
  event_id uuid NOT NULL,
  type text COLLATE "C" NOT NULL,
  -- Text, not jsonb: the hash covers these very bytes.
  data text NOT NULL,
  metadata text NOT NULL,
  previous_hash bytea NOT NULL,
  hash bytea NOT NULL
);

CREATE INDEX events_of_stream ON holdfast.events (stream_id, version);

CREATE FUNCTION holdfast.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Events are never changed or removed (% on %.%).', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER events_are_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON holdfast.events
  FOR EACH STATEMENT EXECUTE FUNCTION holdfast.refuse_change();

-- May be deleted at any time: a snapshot only saves the reader some events.
CREATE TABLE holdfast.snapshots (
  stream_id text COLLATE "C" NOT NULL,
  schema_version integer NOT NULL,
  version integer NOT NULL,
  hash bytea NOT NULL,
  state text NOT NULL,
  PRIMARY KEY (stream_id, schema_version)
);

-- The chain's next hash; the layout of the bytes is described in src/eventstore/hash-chain.ts. It is
-- declared STABLE because convert_to is: else PostgreSQL would not inline it, and it would cost six times as much.
CREATE FUNCTION holdfast.chain_hash(
  previous bytea, stream_id text, version integer, event_id uuid, type text, schema_version integer, data text, metadata text
) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(previous || convert_to(
    octet_length(stream_id)::text || ':' || stream_id
    || octet_length(version::text)::text || ':' || version::text
    || '36:' || event_id::text
    || octet_length(type)::text || ':' || type
    || octet_length(schema_version::text)::text || ':' || schema_version::text
    || octet_length(data)::text || ':' || data
    || octet_length(metadata)::text || ':' || metadata, 'UTF8'))
$$;

-- The first position recorded at the instant (epoch milliseconds) or later; the position after the
-- last one when there is none. Bisection, since recorded_at never falls as the position rises.
CREATE FUNCTION holdfast.first_position_at(instant bigint) RETURNS bigint LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
  low bigint := 1;
  high bigint := (SELECT head.position + 1 FROM holdfast.log_head head);
  middle bigint;
BEGIN
  WHILE low < high LOOP
    middle := (low + high) / 2;
    IF (SELECT event.recorded_at >= instant FROM holdfast.events event WHERE event.position = middle) THEN
      high := middle;
    ELSE
      low := middle + 1;
    END IF;
  END LOOP;
  RETURN low;
END $$;

-- The position of the last event of an append that was written before, or null when it never was.
-- first_part..last_part are its parts; event_offset is the number of events before them in the batch.
CREATE FUNCTION holdfast.resent_position(
  first_part integer, last_part integer, event_offset integer,
  part_stream text[], part_expected integer[], part_count integer[], event_ids uuid[]
) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  last_position bigint;
BEGIN
  FOR part IN first_part .. last_part LOOP
    PERFORM FROM holdfast.events event
      WHERE event.stream_id = part_stream[part] AND event.version = part_expected[part] + 1 AND event.event_id = event_ids[event_offset + 1];
    IF NOT FOUND THEN
      RETURN NULL;
    END IF;
    event_offset := event_offset + part_count[part];
  END LOOP;
  SELECT event.position INTO last_position FROM holdfast.events event
    WHERE event.stream_id = part_stream[last_part] AND event.version = part_expected[last_part] + part_count[last_part];
  RETURN last_position;
END $$;

-- Many appends in one go. Each one has one or more parts (one per stream) and is written as a whole or
-- not at all, whatever becomes of the others. Part p belongs to append part_append[p] (1, 2, 3 … in
-- order) and takes the next part_count[p] entries of the event arrays. A stream may occur in one part
-- of the batch only. Answers one row per append, in order:
--   last_position set: written, now or (a resend) before; it is the position of the append's last event;
--   last_position null: a conflict; stream_id is its first stream that is at another version than
--   expected, actual_version what it is at.
-- The planner must never scan streams or events here, whatever its statistics say: everybody waits.
CREATE FUNCTION holdfast.append_batch(
  part_append integer[], part_stream text[], part_expected integer[], part_count integer[],
  event_ids uuid[], event_types text[], event_schema_versions integer[], event_data text[], event_metadata text[]
) RETURNS TABLE (append_number integer, last_position bigint, conflict_stream text, actual_version integer)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
  head bigint;
  instant bigint;
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
  SELECT log.position, greatest(log.recorded_at, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)
    INTO head, instant FROM holdfast.log_head log FOR UPDATE;

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
    INSERT INTO holdfast.events
      (position, stream_id, version, schema_version, recorded_at, event_id, type, data, metadata, previous_hash, hash)
    SELECT new.position, new.stream_id, new.version, new.schema_version, instant,
           new.event_id, new.type, new.data, new.metadata, new.previous_hash, new.hash
      FROM unnest(positions, streams, versions, event_schema_versions, event_ids, event_types, event_data, event_metadata,
                  previous_hashes, hashes)
        AS new (position, stream_id, version, schema_version, event_id, type, data, metadata, previous_hash, hash)
     WHERE new.position IS NOT NULL;
    INSERT INTO holdfast.streams AS stream (stream_id, version, head_hash)
    SELECT part_stream[part_number], actual[part_number], chain[part_number] FROM unnest(written) AS part_number
    ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version, head_hash = excluded.head_hash;
    UPDATE holdfast.log_head SET position = head, recorded_at = instant;
  END IF;
END $$;
